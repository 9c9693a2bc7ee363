"""Read what moderators know about a person: their comments, what was removed, how often their reports were right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import case, func, select

from forum import policy
from forum.cases.models import Flag
from forum.clock import now
from forum.comments import queries as comments
from forum.comments.models import Comment
from forum.comments.queries import CommentView
from forum.db import session, view
from forum.moderation.models import Decision
from forum.people.models import Person
from forum.people.queries.people import badge
from forum.policy import Actor, CommentStatus, SanctionKind, Verdict
from forum.site.queries import site


@dataclass(frozen=True)
class Subject:
    """The person about whom moderators read; satisfies `policy.people.PersonFacts`."""

    id: int
    username: str
    display_name: str
    role: str
    badge: str
    created_at: datetime
    approved_at: datetime | None
    deactivated_at: datetime | None
    former_names: list[str]


@dataclass(frozen=True)
class Numbers:
    """What a person did here, in numbers; `removed` is by the rule as it read then, the most frequent first.

    Of the reports that were answered, `right` led to a removal that stands.
    """

    published: int
    waiting: int
    deleted: int
    removed: list[tuple[str, int]]
    reports: int
    answered: int
    right: int


@dataclass(frozen=True)
class Choice:
    """One thing that a moderator may do about a person, or may not, and why."""

    kind: str
    verdict: Verdict


def subject(username: str) -> Subject | None:
    """Return a person by sign-in name. Who may read about them is the caller's question to `policy.may_see_record`."""
    found = session.scalars(select(Person).where(Person.username == username)).one_or_none()
    return view(Subject, found, badge=badge(found.role), former_names=list(found.former_names)) if found else None


def numbers(person_id: int) -> Numbers:
    """Count what a person wrote and reported, in two statements."""
    query = select(Comment.status, Comment.rule, func.count()).where(Comment.author_id == person_id)
    written: dict[str, int] = {}
    removed: dict[str, int] = {}
    for status, rule, count in session.execute(query.group_by(Comment.status, Comment.rule)):
        written[status] = written.get(status, 0) + count
        if status in (CommentStatus.HIDDEN, CommentStatus.SPAM):
            words = _("spam") if status == CommentStatus.SPAM else rule or _("no rule named")
            removed[words] = removed.get(words, 0) + count
    return Numbers(
        written.get(CommentStatus.PUBLISHED, 0),
        written.get(CommentStatus.HELD, 0),
        written.get(CommentStatus.WITHDRAWN, 0),
        sorted(removed.items(), key=lambda item: (-item[1], item[0])),
        *_reports(person_id),
    )


def _reports(person_id: int) -> tuple[int, int, int]:
    stands = Decision.undone_at.is_(None) & (Decision.decision != "keep")
    counts = (func.count(), func.count(Decision.id), func.coalesce(func.sum(case((stands, 1), else_=0)), 0))
    query = select(*counts).select_from(Flag).outerjoin(Decision, Decision.id == Flag.decision_id)
    row = session.execute(query.where(Flag.person_id == person_id)).one()
    return row[0], row[1], row[2]


def choices(actor: Actor, person: Subject) -> list[Choice]:
    """Return what may be done about a person; for a suspension, the shortest is asked about."""
    limits = site()
    return [Choice(kind, policy.may_sanction(actor, person, kind, policy.A_DAY, limits)) for kind in SanctionKind]


def named_comment(actor: Actor, person: Subject, comment_id: int | None) -> CommentView | None:
    """Return the comment that is to lead to a sanction, where it is this person's and the moderator may read it."""
    found = comments.facts(comment_id) if comment_id else None
    if found is None or found.author_id != person.id or not policy.may_read_article(actor, found.article, now()):
        return None
    return found if policy.may_see(actor, found, found.article) else None


def username(person_id: int) -> str:
    """Return the sign-in name of a person."""
    return session.get_one(Person, person_id).username
