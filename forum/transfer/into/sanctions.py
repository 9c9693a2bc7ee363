"""Bring sanctions and objections in, and write down the suspensions of archives that have no sanctions."""

from __future__ import annotations

from sqlalchemy import exists, select

from forum.db import session
from forum.people.models import Person
from forum.policy import FOREVER, SHUTS_OUT, SanctionKind
from forum.sanctions.actions import settle
from forum.sanctions.models import Sanction
from forum.transfer.into.context import ImportContext


def import_sanctions(context: ImportContext) -> None:
    """Bring in what was done about people; only where ids are kept: a site stands by its own moderators' decisions."""
    concerned: set[int] = set()
    for batch in context.staging.batches("sanction"):
        concerned |= {row["person_id"] for row in context.insert("sanction", batch, len(batch))}
    for person_id in sorted(concerned):
        settle(session.get_one(Person, person_id))


def import_objections(context: ImportContext) -> None:
    """Bring in what people objected to; only where ids are kept, as what it is about."""
    for batch in context.staging.batches("objection"):
        context.insert("objection", batch, len(batch))


def complete_sanctions() -> None:
    """Make a sanction of each suspension that stands with a person alone, so that it can be lifted."""
    there = exists().where(Sanction.person_id == Person.id, Sanction.kind.in_(SHUTS_OUT), Sanction.lifted_at.is_(None))
    query = select(Person).where(Person.suspended_until.is_not(None), ~there).order_by(Person.id)
    for person in session.scalars(query).all():
        until = person.suspended_until
        is_ban = until is not None and until >= FOREVER
        kind = SanctionKind.BAN if is_ban else SanctionKind.SUSPENSION
        made = Sanction(kind=kind, person_id=person.id, words=person.suspension_reason, created_at=person.created_at)
        made.until = None if is_ban else until
        session.add(made)
    session.flush()
