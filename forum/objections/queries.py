"""Read what somebody objects to, and the objections that wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from forum import policy
from forum.cases.models import Case, Flag, Objection
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.models import Comment
from forum.db import session, view
from forum.legal import queries as legal
from forum.legal.kinds import in_words
from forum.legal.models import LegalNotice
from forum.moderation.models import HOLD, Decision
from forum.notifications import queries as notices
from forum.notifications.queries import NoticeView
from forum.people.models import Person
from forum.policy import Actor, CommentStatus, Role, SanctionKind, Verdict
from forum.policy.law import CHILD
from forum.sanctions.models import Sanction
from forum.sanctions.queries import names_of
from forum.screening.rules import REPORTED
from forum.site.queries import site

PAGE = 30  # objections of one page
# Kinds of notices to which their person may object; of law only about comments, since nothing is done to an article.
OBJECTED = ("removed", "held", "spam", "closed", "sanction", "law-removed")


@dataclass(frozen=True)
class Deed:
    """What was done: a decision, a closure, a sanction, or a removal by law; satisfies `policy.objections.DeedFacts`.

    `by_id` is None for the software and the operator. `stands`: it was not taken back. `only_admins`: only they do
    such a thing, so only they take it back.
    """

    cause: str
    kind: str
    id: int
    by_id: int | None
    stands: bool
    reported: bool = False
    only_admins: bool = False
    act: str = ""
    rule: str = ""
    words: str = ""
    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Own:
    """What a person reads before objecting: what they were told, and what became of an objection already made."""

    notice: NoticeView
    deed: Deed
    made: Objection | None
    others: int  # who could decide besides the one who acted


@dataclass(frozen=True)
class Row:
    """One objection as moderators see it."""

    id: int
    name: str
    username: str
    words: str
    comment_id: int | None
    created_at: datetime
    outcome: str | None
    reason: str
    decided_at: datetime | None
    decided_by: str
    acted_by: str
    deed: Deed | None
    may_decide: Verdict
    alone: bool  # the person who acted decides, because there is nobody else


def deed(cause: str) -> Deed | None:
    """Return what a notice's cause names; None where it is gone, or cannot be objected to."""
    kind, number, *_moment = [*cause.split(":"), ""]
    readers = {"decision": _decision, "closure": _closure, "sanction": _sanction, "law": _law}
    return readers[kind](cause, int(number)) if kind in readers and number.isdecimal() else None


def own(actor: Actor, notice_id: int) -> Own | None:
    """Return what a notice of one's own told, where one can object to it."""
    found = notices.one(actor.id or 0, notice_id)
    done = deed(found.cause) if found and may_be_about(found.kind, found.comment_id) else None
    if found is None or done is None or found.outcome == "reopened":
        return None
    mine = select(Objection).where(Objection.person_id == actor.id, Objection.cause == found.cause)
    number = others(session.get_one(Person, actor.id), done)
    return Own(found, done, session.scalars(mine).one_or_none(), number)


def may_be_about(kind: str, comment_id: int | None) -> bool:
    """Tell whether a notice of this kind says what one can object to."""
    return kind in OBJECTED and (kind != "law-removed" or comment_id is not None)


def others(person: Person, done: Deed | None) -> int:
    """Return how many people besides the one who acted could decide today about an objection of this person."""
    roles = [Role.ADMIN] if policy.needs_admin(person, done) else [Role.ADMIN, Role.MODERATOR]
    query = select(func.count(Person.id)).where(
        Person.role.in_(roles),
        Person.approved_at.is_not(None),
        Person.deactivated_at.is_(None),
        Person.suspended_until.is_(None) | (Person.suspended_until <= now()),
        Person.id != person.id,
    )
    if done is not None and done.by_id is not None:
        query = query.where(Person.id != done.by_id)
    return session.execute(query).scalar_one()


def waiting(actor: Actor, *, decided: bool = False) -> list[Row]:
    """Return the objections that wait, the oldest first, or the newest of those that were decided."""
    query = select(Objection).limit(PAGE)
    if decided:
        query = query.where(Objection.outcome.is_not(None)).order_by(Objection.id.desc())
    else:
        query = query.where(Objection.outcome.is_(None)).order_by(Objection.id)
    return [_row(actor, made) for made in session.scalars(query).all()]


def one(actor: Actor, id: int) -> Row | None:
    """Return one objection."""
    made = session.get(Objection, id)
    return _row(actor, made) if made else None


def _row(actor: Actor, made: Objection) -> Row:
    person, done = session.get_one(Person, made.person_id), deed(made.cause)
    by = done.by_id if done else None
    names = names_of([made.decided_by_id, by])
    number = others(person, done)
    return view(
        Row,
        made,
        name=person.display_name,
        username=person.username,
        decided_by=names.get(made.decided_by_id or 0, ""),
        acted_by=names.get(by or 0, ""),
        deed=done,
        may_decide=policy.may_decide_objection(actor, person, done, number),
        alone=number == 0 and by == actor.id,
    )


def _decision(cause: str, id: int) -> Deed | None:
    made = session.get(Decision, id)
    if made is None:
        return None
    flags = select(Flag.id).where(Flag.decision_id == id)
    reported = made.decision == HOLD or session.execute(flags.limit(1)).first() is not None
    comment = session.get_one(Comment, made.comment_id)
    gone = comment.status in (CommentStatus.ERASED, CommentStatus.SEALED)
    stands = made.undone_at is None and not gone and (made.decision != HOLD or _waits(comment))
    said: dict[str, Any] = {"act": made.decision, "rule": made.rule, "note": made.note}
    return Deed(cause, "decision", id, made.moderator_id, stands, reported, **said)


def _waits(comment: Comment) -> bool:
    """Tell whether a comment that reports hid still waits for somebody's decision."""
    return comment.status == CommentStatus.HELD and comment.held_reason == REPORTED


def _closure(cause: str, id: int) -> Deed | None:
    made = session.get(Closure, id)
    if made is None:
        return None
    stands = made.reopened_at is None and (made.until is None or made.until > now())
    act = "two" if made.for_two else "all" if made.person_a_id is None else "one"
    of_site = made.article_id is None and made.tag_id is None
    said: dict[str, Any] = {"act": act, "words": made.words, "note": made.note, "until": made.until}
    return Deed(cause, "closure", id, made.closed_by_id, stands, only_admins=of_site, **said)


def _law(cause: str, id: int) -> Deed | None:
    notice = session.get(LegalNotice, id)
    if notice is None:
        return None
    stands = notice.outcome == "hide" and cause == legal.cause(notice)
    by_id = session.scalar(select(Case.decided_by_id).where(Case.id == notice.case_id))
    said: dict[str, Any] = {"act": "law", "rule": in_words(notice.kind), "words": notice.reasons}
    return Deed(cause, "law", id, by_id, stands, only_admins=notice.kind == CHILD, **said)


def _sanction(cause: str, id: int) -> Deed | None:
    made = session.get(Sanction, id)
    if made is None:
        return None
    length = made.until - made.created_at if made.until else None
    too_long = made.kind == SanctionKind.SUSPENSION and (length is None or length.days > site().suspension_days)
    return Deed(
        cause,
        "sanction",
        id,
        made.by_id,
        made.lifted_at is None and (made.until is None or made.until > now()),
        only_admins=made.kind == SanctionKind.BAN or too_long,
        act=made.kind,
        rule=made.rule,
        words=made.words,
        note=made.note,
        until=made.until,
    )
