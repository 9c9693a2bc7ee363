"""The table of closures."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment, partial_index


class Closure(Base):
    """One end of a discussion: where, for whom, in whose words, from when and until when.

    The place is an article or, with `branch_id`, the branch that begins at that comment; without an article it is all
    articles with a tag, and without that the site. The people are everyone, one person (`person_a_id` alone), who then
    writes nothing there, or two, who may no longer answer each other under the article. `at_id` is the comment under
    which the closing words stand. `once_id` may answer once more. Without `begins_at` it holds at once. Undone within
    ten minutes a closure is deleted; after that it is reopened. `cause` tells that the software made it: "age" or
    "silence". `lapsed_at` is set when its end has passed and it was taken out of its branch's `closure_count`.
    """

    __tablename__ = "closures"
    __table_args__ = (
        Index("ix_closures_article", "article_id", "reopened_at"),
        Index("ix_closures_branch", "branch_id"),
        partial_index(
            "ix_closures_one",
            "person_a_id",
            where="person_a_id IS NOT NULL AND person_b_id IS NULL AND reopened_at IS NULL",
        ),
        CheckConstraint(
            "(article_id IS NOT NULL AND tag_id IS NULL) OR"
            " (article_id IS NULL AND branch_id IS NULL AND at_id IS NULL AND person_b_id IS NULL)",
            name="place",
        ),
        CheckConstraint("person_a_id IS NOT NULL OR person_b_id IS NULL", name="people"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id"))
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
    begins_at: Mapped[datetime | None] = mapped_column(Moment)
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
        return self.person_b_id is not None
