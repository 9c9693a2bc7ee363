"""Tables of cases and of reports. Foreign keys name tables as strings: the rooms that have them come later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment, partial_index
from forum.policy import CaseState

# Written out, because neither database uses a partial index for a value it gets to know later.
OPEN, DECIDED = text("state = 'open'"), text("state = 'decided'")
OPEN_ACCOUNT = text("state = 'open' AND kind = 'account'")
CLAIMED = text("claimed_by_id IS NOT NULL")
UNANSWERED = text("decision_id IS NULL")


class Case(Base):
    """Something that somebody must decide: about a comment, an account, an objection, a notice of law, an exchange.

    `person_id` is the writer of the comment, the account, or the objector; each kind uses the ids that it has. `queue`,
    `priority` (1 is decided first), `report_count`, `held_reason` and `since` follow from the open reports and from the
    subject (`actions.follow`) while the case is open, and stay as they were when it was decided. A claim says who looks
    at it now, until when; it locks nothing. `outcome` is what was decided; `decision_id` is there where a comment was
    decided about, and several cases may have one decision.
    """

    __tablename__ = "cases"
    __table_args__ = (
        partial_index("ix_cases_queue", "queue", "priority", "since", "id", where=OPEN),
        partial_index("ix_cases_newest", "queue", "since", "id", where=OPEN),
        partial_index("ix_cases_decided", "decided_at", "id", where=DECIDED),
        partial_index("uq_cases_subject", "comment_id", "kind", unique=True, where=OPEN),
        partial_index("uq_cases_account", "person_id", unique=True, where=OPEN_ACCOUNT),
        partial_index("ix_cases_waited", "since", where="held_reason IS NOT NULL"),
        partial_index("ix_cases_claimed", "claimed_by_id", where=CLAIMED),
        Index("ix_cases_comment_id", "comment_id"),
        Index("ix_cases_person_id", "person_id", "state"),
        Index("ix_cases_article_id", "article_id", "state"),
        Index("ix_cases_decision_id", "decision_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))  # comment, account, objection, notice (of law), exchange
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))
    state: Mapped[str] = mapped_column(String(8), default=CaseState.OPEN)
    queue: Mapped[str] = mapped_column(String(12))  # a `policy.Queue`
    priority: Mapped[int] = mapped_column(Integer)
    report_count: Mapped[int] = mapped_column(Integer, default=0)
    held_reason: Mapped[str | None] = mapped_column(String(40))
    since: Mapped[datetime] = mapped_column(Moment)
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str | None] = mapped_column(String(12))  # keep, ..., approve, ..., upheld, ..., word, slow
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)


class Objection(Base):
    """What somebody says against something that was done to them, once each, and what was decided about that.

    `cause` names what was done as the notice of it does: decision:7, closure:5 or sanction:3. `outcome` is upheld (it
    was taken back) or refused, `reason` what the person reads. The case says where it waits.
    """

    __tablename__ = "objections"
    __table_args__ = (
        UniqueConstraint("person_id", "cause"),
        partial_index("ix_objections_open", "id", where="outcome IS NULL"),
        Index("ix_objections_case_id", "case_id"),
        Index("ix_objections_comment_id", "comment_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    cause: Mapped[str] = mapped_column(String(40))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))  # at which it was done
    words: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    outcome: Mapped[str | None] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)


class Flag(Base):
    """One report of one comment, with the text as it stood then. Open until a decision answers it.

    `reporter` says where it comes from: person, guest or software. Only a person's has a person: which browser a
    guest's came from is not kept here.
    """

    __tablename__ = "flags"
    __table_args__ = (
        UniqueConstraint("comment_id", "person_id"),
        partial_index("ix_flags_open", "reason", "case_id", where=UNANSWERED),
        Index("ix_flags_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)  # None only until `follow`
    reporter: Mapped[str] = mapped_column(String(8), default="person")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    reason: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(1000), default="")
    format: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"), index=True)
