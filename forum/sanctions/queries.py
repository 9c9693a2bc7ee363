"""Read what was done about people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from forum import policy
from forum.clock import now
from forum.db import session, view
from forum.people.models import Person
from forum.policy import Actor, SanctionKind, Verdict
from forum.policy.people import PersonFacts
from forum.sanctions.models import Sanction
from forum.site.queries import site

MOST = 100  # sanctions of one page: nobody reads more about one person


@dataclass(frozen=True)
class SanctionRow:
    """One sanction as moderators see it, with what this one may do about it."""

    id: int
    kind: str
    by: str
    comment_id: int | None
    rule: str
    words: str
    note: str
    minutes: int
    created_at: datetime
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str
    lift_reason: str
    is_undone: bool
    is_in_force: bool
    may_lift: Verdict
    may_undo: Verdict


@dataclass(frozen=True)
class OwnSanction:
    """One sanction as its person sees it: never a note, never what was undone, never by whom."""

    id: int
    kind: str
    comment_id: int | None
    rule: str
    words: str
    minutes: int
    created_at: datetime
    until: datetime | None
    lifted_at: datetime | None
    lift_reason: str
    is_in_force: bool


def about(actor: Actor, person: PersonFacts) -> list[SanctionRow]:
    """Return what was done about a person, newest first. Ask `policy.may_see_record` first."""
    query = select(Sanction).where(Sanction.person_id == person.id).order_by(Sanction.id.desc()).limit(MOST)
    rows = session.scalars(query).all()
    names = names_of(id for row in rows for id in (row.by_id, row.lifted_by_id))
    moment, limits = now(), site()
    return [
        view(
            SanctionRow,
            row,
            by=names.get(row.by_id or 0, ""),
            lifted_by=names.get(row.lifted_by_id or 0, ""),
            is_in_force=policy.is_sanction_in_force(row, moment),
            may_lift=policy.may_lift(actor, person, row, limits),
            may_undo=policy.may_undo_sanction(actor, person, row, moment),
        )
        for row in rows
    ]


def own(person_id: int) -> list[OwnSanction]:
    """Return what a person may know was done about them, newest first."""
    told = Sanction.kind != SanctionKind.NOTE, Sanction.is_undone.is_(False)
    query = select(Sanction).where(Sanction.person_id == person_id, *told).order_by(Sanction.id.desc()).limit(MOST)
    moment = now()
    return [
        view(OwnSanction, row, is_in_force=policy.is_sanction_in_force(row, moment)) for row in session.scalars(query)
    ]


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the shown names of people by id."""
    people = select(Person.id, Person.display_name).where(Person.id.in_({id for id in ids if id is not None}))
    return {row.id: row.display_name for row in session.execute(people)}


def one(id: int) -> Sanction | None:
    """Return a sanction that was not undone."""
    found = session.get(Sanction, id)
    return found if found is not None and not found.is_undone else None
