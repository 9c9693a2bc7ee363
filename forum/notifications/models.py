"""The table of notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment


class Notice(Base):
    """One notice to a person: its kind, its subject, and the words that it quotes.

    `details` holds what the text of the notice needs (words, rule, by) and is blanked when the comment is erased.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_person", "person_id", "id"),
        Index("ix_notices_comment", "comment_id"),
        # The number in the head of every page: the index is as small as the number of unread notices.
        Index(
            "ix_notices_unseen",
            "person_id",
            sqlite_where=text("seen_at IS NULL"),
            postgresql_where=text("seen_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(20))  # removed, restored, approved, spam, erased, closed, report-answered
    article_id: Mapped[int | None] = mapped_column(Id)
    comment_id: Mapped[int | None] = mapped_column(Id)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
