"""Read one case with everything about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import bindparam, select

from forum import policy
from forum.cases.models import Case as CaseRow
from forum.cases.models import Flag, Objection
from forum.clock import now
from forum.comments import ancestry
from forum.comments import queries as comments
from forum.comments.models import Comment
from forum.comments.queries import CommentView
from forum.db import session, view
from forum.moderation.parties import decide_verdict
from forum.moderation.queries.weight import Weight, weight
from forum.moderation.seen import seen_mark, standing_decisions
from forum.people.models import Person
from forum.policy import Actor, CaseState, CommentStatus, Verdict
from forum.policy.facts import is_own
from forum.text import rendering
from forum.text.words import excerpt

ABOVE, BELOW = 4, 6  # comments shown of what a case answers, and of its replies
CONTEXT = 160  # characters of each: two lines


@dataclass(frozen=True)
class Report:
    """One report, `html` the text as it was. `reporter` and `note` are empty where this viewer may not know."""

    reason: str
    note: str
    reporter: str
    username: str
    created_at: datetime
    html: Markup | None
    is_open: bool


@dataclass(frozen=True)
class Context:
    """A comment beside a case; `words` is empty where this viewer may not read them."""

    id: int
    name: str
    words: str


@dataclass(frozen=True)
class Case:
    """One comment as a case, with all that a decision needs.

    `html` is None where this viewer may not read it (sealed, erased); `seen` is `seen_mark()` of what is shown here.
    `id` is the case's, None where nobody ever asked for a decision; `holder` somebody else who has it open now. `above`
    is what it answers, from the first, `below` its replies. `weight` is what its open reports weigh, for those who may
    see who reported.
    """

    comment: CommentView
    html: Markup | None
    id: int | None
    is_open: bool
    holder: str
    above: list[Context]
    below: list[Context]
    since: datetime
    reasons: list[tuple[str, int]]
    reports: list[Report]
    may_decide: Verdict
    may_reply: bool
    is_edited_since: bool
    seen: str
    weight: Weight | None


@dataclass(frozen=True)
class AccountCase:
    """An account that waits for approval, or waited."""

    id: int
    is_open: bool
    outcome: str | None
    person_id: int
    display_name: str
    username: str
    about: str
    created_at: datetime


def case(actor: Actor, comment_id: int) -> Case | None:
    """Return one comment as a case with every report, or None where it is not for this viewer to decide."""
    comment = comments.facts(comment_id)
    if comment is None or not policy.may_moderate(actor, comment.article):
        return None
    ids_above = [step.id for step in ancestry.line(comment_id, ABOVE)[1:]]
    replies = select(Comment.id).where(Comment.parent_id == comment_id).order_by(Comment.pos).limit(BELOW)
    ids_below = list(session.scalars(replies))
    around = comments.many([*ids_above, *ids_below])
    newest = session.execute(_NEWEST, {"comment": comment_id}).first()
    is_held = newest is not None and newest.claimed_until is not None and newest.claimed_until > now()
    return _case(
        actor,
        comment,
        _flags(comment_id),
        id=newest.id if newest else None,
        is_open=newest is not None and newest.state == CaseState.OPEN,
        holder=newest.display_name if newest and is_held and newest.claimed_by_id != actor.id else "",
        above=[_context(actor, around[id]) for id in reversed(ids_above)],
        below=[_context(actor, around[id]) for id in ids_below],
    )


def account(actor: Actor, case_id: int) -> AccountCase | None:
    """Return the case of an account, or None where it is not for this viewer to decide."""
    query = select(CaseRow.id, CaseRow.state, CaseRow.since, CaseRow.outcome, CaseRow.person_id, *_PERSON)
    query = query.join(Person, Person.id == CaseRow.person_id).where(CaseRow.id == case_id, CaseRow.kind == "account")
    row = session.execute(query).one_or_none()
    if row is None or not policy.may_administer(actor):
        return None
    return view(AccountCase, row, is_open=row.state == CaseState.OPEN)


def comment_of(case_id: int) -> int | None:
    """Return the comment that a case is about, None where it is about none."""
    return session.scalar(select(CaseRow.comment_id).where(CaseRow.id == case_id))


def objection_of(case_id: int) -> int | None:
    """Return the objection that a case is about, None where it is about none."""
    return session.scalar(select(Objection.id).where(Objection.case_id == case_id))


def _case(actor: Actor, comment: CommentView, flags: list[Any], **others: Any) -> Case:
    names = bool(policy.may_see_reporters(actor, comment.article, comment))
    notes = not is_own(actor, comment)  # the wording of a note may tell its writer's enemy who wrote it
    readable = bool(policy.may_see(actor, comment, comment.article))
    waiting_for = [flag for flag in flags if flag.decision_id is None]
    decided = standing_decisions([comment.id]).get(comment.id)
    return Case(
        comment=comment,
        html=comment.html if readable else None,
        since=min((flag.created_at for flag in waiting_for), default=comment.created_at),
        reasons=Counter(flag.reason for flag in waiting_for).most_common(),
        reports=[_report(flag, names, notes, readable) for flag in flags],
        may_decide=decide_verdict(actor, comment.article, comment, comment.root_id),
        may_reply=comment.status == CommentStatus.PUBLISHED,
        is_edited_since=any(comment.edited_at and comment.edited_at > flag.created_at for flag in waiting_for),
        seen=seen_mark(decided, comment.edited_at),
        weight=weight(comment) if names and waiting_for else None,
        **others,
    )


def _context(actor: Actor, parent: CommentView) -> Context:
    readable = policy.may_see(actor, parent, parent.article)
    return Context(parent.id, parent.name, excerpt(parent.html, CONTEXT) if readable else "")


def _report(flag: Any, names: bool, notes: bool, with_text: bool) -> Report:
    return Report(
        reason=flag.reason,
        note=flag.note if notes else "",
        reporter=(flag.display_name or _("a guest")) if names else "",
        username=(flag.username or "") if names else "",
        created_at=flag.created_at,
        html=rendering.stored(rendering.render(flag.source, flag.format)) if with_text else None,
        is_open=flag.decision_id is None,
    )


def _flags(comment_id: int) -> list[Any]:
    columns = (Flag.reason, Flag.note, Flag.created_at, Flag.decision_id, Flag.source, Flag.format)
    query = select(*columns, Person.display_name, Person.username).outerjoin(Person, Person.id == Flag.person_id)
    query = query.where(Flag.comment_id == comment_id).order_by(Flag.created_at, Flag.id)
    return list(session.execute(query))


_PERSON = (Person.display_name, Person.username, Person.about, Person.created_at)
_NEWEST = (
    select(CaseRow.id, CaseRow.state, CaseRow.claimed_by_id, CaseRow.claimed_until, Person.display_name)
    .outerjoin(Person, Person.id == CaseRow.claimed_by_id)
    .where(CaseRow.comment_id == bindparam("comment"), CaseRow.kind == "comment")
    .order_by(CaseRow.state != CaseState.OPEN, CaseRow.id.desc())
    .limit(1)
)
