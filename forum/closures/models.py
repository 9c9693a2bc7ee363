"""The table of closures."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment


class Closure(Base):
    """One end of a discussion: where, for whom, in whose words, until when.

    `branch_id` is the first comment of the closed branch; without it the whole article is meant. With two people set,
    only these two may no longer answer each other. `at_id` is the comment under which the closing words stand.
    `once_id` may answer once more. Undone within ten minutes a closure is deleted; after that it is reopened.
    `cause` tells that the software made it: "age" or "silence".
    `lapsed_at` is set when a closure with an end was taken out of its branch's `closure_count`.
    """

    __tablename__ = "closures"
    __table_args__ = (
        Index("ix_closures_article", "article_id", "reopened_at"),
        Index("ix_closures_branch", "branch_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    at_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    person_a_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    person_b_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    words: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    took_part: Mapped[bool] = mapped_column(Boolean, default=False)
    staff_may: Mapped[bool] = mapped_column(Boolean, default=False)
    once_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    once_used_at: Mapped[datetime | None] = mapped_column(Moment)
    cause: Mapped[str] = mapped_column(String(10), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    until: Mapped[datetime | None] = mapped_column(Moment)
    lapsed_at: Mapped[datetime | None] = mapped_column(Moment)
    reopened_at: Mapped[datetime | None] = mapped_column(Moment)
    reopened_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reopen_reason: Mapped[str] = mapped_column(String(300), default="")
    origin: Mapped[str | None] = mapped_column(String(32))
    foreign_id: Mapped[str | None] = mapped_column(String(100))

    @property
    def for_two(self) -> bool:
        """Tell whether only two people are kept from answering each other."""
        return self.person_a_id is not None
