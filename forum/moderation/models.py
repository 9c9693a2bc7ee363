"""Tables of reports and of what was decided about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment


class Flag(Base):
    """One person's report of one comment, with the text as it stood then. Open until a decision answers it.

    A guest's has no person: which browser it came from is not kept here.
    """

    __tablename__ = "flags"
    __table_args__ = (
        UniqueConstraint("comment_id", "person_id"),
        Index(
            "ix_flags_open",
            "created_at",
            "id",
            sqlite_where=text("decision_id IS NULL"),
            postgresql_where=text("decision_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    reason: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(1000), default="")
    format: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"), index=True)


class Decision(Base):
    """One decision about one comment; `before` is the status of every comment it changed, for the undo."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index(
            "ix_decisions_removed",
            "id",
            sqlite_where=text("undone_at IS NULL AND decision <> 'keep'"),
            postgresql_where=text("undone_at IS NULL AND decision <> 'keep'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), index=True)
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: the software
    decision: Mapped[str] = mapped_column(String(12))  # keep, hide, hide-replies, spam
    rule: Mapped[str] = mapped_column(String(300), default="")  # "2. Keep to the subject", as it read that day
    note: Mapped[str] = mapped_column(String(1000), default="")
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
