"""The table of sanctions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment


class Sanction(Base):
    """One thing that was done about a person: a `policy.SanctionKind`, by whom (None: the operator), why, until when.

    `rule` is the rule of the site as it read that day, `words` the text to the person (a note has none), `note` is for
    moderators. Without `until` it lasts until somebody lifts it. `is_undone`: taken back at once, so that the person
    is told nothing of it. What is in force stands in the columns of `people`, too, for the path of a post: if you write
    here in another way than through `actions`, also call `actions.settle`, else one of the two is wrong.
    """

    __tablename__ = "sanctions"
    __table_args__ = (
        Index("ix_sanctions_person_id", "person_id", "id"),
        Index("ix_sanctions_comment_id", "comment_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))  # that led to it
    rule: Mapped[str] = mapped_column(String(300), default="")
    words: Mapped[str] = mapped_column(String(1000), default="")
    note: Mapped[str] = mapped_column(String(1000), default="")
    minutes: Mapped[int] = mapped_column(Integer, default=0)  # between two comments, in slow mode
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    until: Mapped[datetime | None] = mapped_column(Moment)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    lift_reason: Mapped[str] = mapped_column(String(1000), default="")
    is_undone: Mapped[bool] = mapped_column(Boolean, default=False)
