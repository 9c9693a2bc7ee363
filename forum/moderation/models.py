"""The table of what was decided about comments; reports and cases stand in `cases`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment, partial_index

HOLD = "hold"  # the decision by which the software hides what was reported (`weighing`)


class Decision(Base):
    """One decision about one comment; `before` is the status of every comment it changed, for the undo.

    Of an act about all that one person wrote, `first_id` is the first decision, by which its writer is told of all.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        partial_index("ix_decisions_removed", "id", where="undone_at IS NULL AND decision <> 'keep'"),
        Index("ix_decisions_created_at", "created_at"),
        partial_index("ix_decisions_first", "first_id", where="first_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), index=True)
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: the software
    decision: Mapped[str] = mapped_column(String(12))  # keep, hide, hide-replies, spam, or HOLD
    rule: Mapped[str] = mapped_column(String(300), default="")  # "2. Keep to the subject", as it read that day
    note: Mapped[str] = mapped_column(String(1000), default="")
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    first_id: Mapped[int | None] = mapped_column(Id)  # None: it is the first, or stands for itself
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Exchange(Base):
    """An exchange of two people that goes in circles, as `policy.circling` found it; its case says where it waits.

    `first_id` is its first comment, `last_id` the newest one then. `minutes` is how long it lasted; `pace` and `growth`
    are those of a `Circle`, in percent.
    """

    __tablename__ = "exchanges"
    __table_args__ = (Index("ix_exchanges_case_id", "case_id"), Index("ix_exchanges_first_id", "first_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    first_id: Mapped[int] = mapped_column(ForeignKey("comments.id"))
    last_id: Mapped[int] = mapped_column(ForeignKey("comments.id"))
    person_a_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    person_b_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    rounds: Mapped[int] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(Integer)
    pace: Mapped[int] = mapped_column(Integer)
    growth: Mapped[int] = mapped_column(Integer)
    reports: Mapped[int] = mapped_column(Integer)


class Bulk(Base):
    """One act of one person about several cases: what was decided about all of them, as the confirmation said it.

    With a `person_id` it is about all that this person wrote since a moment, of which few comments have a case.
    `seen_at` is when the confirmation was shown: what was edited later is left out. `undo_by_id` is who took it
    back.
    """

    __tablename__ = "bulks"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    moderator_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decision: Mapped[str] = mapped_column(String(12))  # keep, hide, spam
    rule: Mapped[str] = mapped_column(String(10), default="")  # its number
    note: Mapped[str] = mapped_column(String(1000), default="")
    seen_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    undo_at: Mapped[datetime | None] = mapped_column(Moment)
    undo_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class BulkCase(Base):
    """One comment of such an act, with its case where that was chosen.

    It is waiting, then done or skipped (`why`); undoing, then undone or kept (`why`).
    """

    __tablename__ = "bulk_cases"
    __table_args__ = (Index("ix_bulk_cases_state", "bulk_id", "state", "article_id", "comment_id"),)

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulks.id"), primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    state: Mapped[str] = mapped_column(String(8))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    why: Mapped[str] = mapped_column(String(10), default="")  # decided, edited, gone, not-yours, rule, undone, stopped
