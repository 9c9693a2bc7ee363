"""Read who reported a comment, as far as it says how much the reports weigh."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from forum import policy
from forum.cases.models import Flag
from forum.clock import now
from forum.comments.models import Comment
from forum.db import session
from forum.moderation.models import Decision
from forum.people.models import Person
from forum.policy import Reporter


class Reported(Protocol):
    """The facts of a comment that are needed to find who is in an exchange with its writer."""

    @property
    def id(self) -> int: ...
    @property
    def article_id(self) -> int: ...
    @property
    def root_id(self) -> int | None: ...
    @property
    def author_id(self) -> int | None: ...


@dataclass(frozen=True)
class Weight:
    """What the open reports of a comment weigh, as moderators read it.

    `total`: in all; `right`: how many of the `people` who reported were right before; `in_exchange`: how many of them
    answer the writer in this thread.
    """

    total: float
    people: int
    right: int
    in_exchange: int


def weight(comment: Reported) -> Weight | None:
    """Return what the open reports of a comment weigh, None where there is none; four statements at most."""
    found = reporters(comment)
    if not found:
        return None
    right, party = sum(one.right > 0 for one in found), sum(one.in_exchange for one in found)
    return Weight(policy.weight_of_reports(found, now()), len(found), right, party)


def reporters(comment: Reported) -> list[Reporter]:
    """Return the facts of everybody with an open report of a comment; the software's own reports are left out."""
    query = select(Flag.person_id, Person.created_at).outerjoin(Person, Person.id == Flag.person_id)
    open_ = Flag.comment_id == comment.id, Flag.decision_id.is_(None), Flag.reporter != "software"
    who: list[tuple[int | None, datetime | None]] = [
        (row.person_id, row.created_at) for row in session.execute(query.where(*open_))
    ]
    people = {person_id for person_id, _ in who if person_id is not None}
    right, party = _records(people), _in_exchange(comment, people)
    return [
        Reporter(*right.get(person_id or 0, (0, 0)), since=since, in_exchange=person_id in party)
        for person_id, since in who
    ]


def _records(people: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return by person how many of their reports others found right, and how many wrong."""
    if not people:
        return {}
    kept = func.sum(case((Decision.decision == "keep", 1), else_=0))
    query = select(Flag.person_id, func.count(), kept).join(Decision, Decision.id == Flag.decision_id)
    by_others = or_(Decision.moderator_id.is_(None), Decision.moderator_id != Flag.person_id)
    rows = session.execute(query.where(Flag.person_id.in_(people), by_others).group_by(Flag.person_id))
    return {person_id: (number - wrong, wrong) for person_id, number, wrong in rows}


def _in_exchange(comment: Reported, people: Collection[int]) -> set[int | None]:
    """Return who of these people answers the writer in this thread, or is answered by the writer."""
    if not people:
        return set()
    reply, answered = aliased(Comment), aliased(Comment)
    here = reply.article_id == comment.article_id, reply.root_id == comment.root_id
    pairs = select(reply.author_id, answered.author_id).join(answered, answered.id == reply.parent_id).where(*here)
    met = [and_(reply.author_id.in_(people), _writes(answered, comment))]
    met.append(and_(answered.author_id.in_(people), _writes(reply, comment)))
    rows = session.execute(pairs.where(or_(*met)).distinct())
    return {id for row in rows for id in row if id in people and id != comment.author_id}


def _writes(one: type[Comment], comment: Reported) -> ColumnElement[bool]:
    """Return the condition that a comment is by the same writer; of a guest's only the reported one is."""
    return one.id == comment.id if comment.author_id is None else one.author_id == comment.author_id
