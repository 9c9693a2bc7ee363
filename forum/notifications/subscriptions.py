"""Follow something, pause it, end it. What it is of is checked by the caller: this room knows ids only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, bindparam, delete, select, text, update

from forum.acting import lock_as
from forum.clock import now
from forum.db import Id, Moment, session, write
from forum.errors import NotFound
from forum.notifications.models import Subscription
from forum.people.models import Person
from forum.policy import Actor, may_follow

KINDS = ("answers", "branch", "article", "tag", "person", "site")
_FOLLOW = text(
    "INSERT INTO subscriptions (person_id, address_id, kind, subject_id, created_at) "
    "VALUES (:person, :address, :kind, :subject, :moment) ON CONFLICT DO NOTHING"
).bindparams(bindparam("moment", type_=Moment), bindparam("person", type_=Id), bindparam("address", type_=Id))


def new(
    person_id: int | None, kind: str, subject_id: int, moment: datetime, address_id: int | None = None
) -> tuple[TextClause, dict[str, Any]]:
    """Return the write by which a person, or an address without an account, follows something, for `db.write()`."""
    about = {"person": person_id, "address": address_id}
    return _FOLLOW, {**about, "kind": kind, "subject": subject_id, "moment": moment}


def follow(actor: Actor, kind: str, *subject_ids: int) -> None:
    """Let somebody hear of something from now on; what they paused goes on. Raises SignInNeeded, Forbidden."""
    actor = lock_as(actor)
    may_follow(actor).require()
    assert actor.id is not None
    moment, going_on = now(), {"paused_at": None}
    for subject_id in subject_ids:
        write(new(actor.id, kind, subject_id, moment))
        session.execute(update(Subscription).where(*_mine(actor, kind, subject_id)).values(going_on))


def stop(actor: Actor, kind: str, subject_id: int) -> None:
    """Let somebody hear of something no more."""
    actor = lock_as(actor)
    may_follow(actor).require()
    session.execute(delete(Subscription).where(*_mine(actor, kind, subject_id)))


def pause(actor: Actor, ids: Collection[int]) -> None:
    """Keep subscriptions without hearing of them, until they are resumed. Raises NotFound where another's is among."""
    actor = lock_as(actor)
    for found in _own(actor, ids):
        found.paused_at = now()
    session.flush()


def resume(actor: Actor, ids: Collection[int]) -> None:
    """Hear of subscriptions again. Raises NotFound where another's is among them."""
    actor = lock_as(actor)
    for found in _own(actor, ids):
        found.paused_at = None
    session.flush()


def end(actor: Actor, ids: Collection[int]) -> list[tuple[str, int]]:
    """End subscriptions, and return the kind and subject of each, with which it can be followed again."""
    actor = lock_as(actor)
    ended = []
    for found in _own(actor, ids):
        ended.append((found.kind, found.subject_id))
        session.delete(found)
    session.flush()
    return ended


def remember(actor: Actor, *, answers: bool, articles: bool) -> None:
    """Keep whether somebody hears of answers to what they write from now on, and of comments under their articles."""
    actor = lock_as(actor)
    may_follow(actor).require()
    wanted = update(Person).where(Person.id == actor.id).values(follows_answers=answers, follows_articles=articles)
    session.execute(wanted, execution_options={"synchronize_session": False})


def forget(kind: str, subject_id: int) -> None:
    """Delete every subscription of something that is gone. Call it inside the write that deletes it."""
    of = Subscription.kind == kind, Subscription.subject_id == subject_id
    session.execute(delete(Subscription).where(*of), execution_options={"synchronize_session": False})


def _own(actor: Actor, ids: Collection[int]) -> Sequence[Subscription]:
    may_follow(actor).require()
    # Locked, so that they are there until the commit, whatever the same person does in another window.
    mine = select(Subscription).where(Subscription.id.in_(ids)).order_by(Subscription.id).with_for_update()
    found = session.scalars(mine).all()
    if not found or any(row.person_id != actor.id for row in found):
        raise NotFound()
    return found


def _mine(actor: Actor, kind: str, subject_id: int) -> tuple[Any, ...]:
    return Subscription.person_id == actor.id, Subscription.kind == kind, Subscription.subject_id == subject_id
