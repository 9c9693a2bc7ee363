"""The table of what was decided about comments; reports and cases stand in `cases`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment, partial_index


class Decision(Base):
    """One decision about one comment; `before` is the status of every comment it changed, for the undo."""

    __tablename__ = "decisions"
    __table_args__ = (partial_index("ix_decisions_removed", "id", where="undone_at IS NULL AND decision <> 'keep'"),)

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
