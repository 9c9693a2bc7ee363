"""Follow something, pause it, end it. What it is of is checked by who calls: this room knows ids only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, bindparam, delete, select, text, update

from forum.acting import lock_as
from forum.clock import now
from forum.db import Moment, session, write
from forum.errors import NotFound
from forum.notifications.models import Subscription
from forum.people.models import Person
from forum.policy import Actor, may_follow

KINDS = ("answers", "branch", "article", "tag", "person", "site")
_FOLLOW = text(
    "INSERT INTO subscriptions (person_id, kind, subject_id, created_at) VALUES (:person, :kind, :subject, :moment) "
    "ON CONFLICT (person_id, kind, subject_id) DO NOTHING"
).bindparams(bindparam("moment", type_=Moment))


def new(person_id: int, kind: str, subject_id: int, moment: datetime) -> tuple[TextClause, dict[str, Any]]:
    """Return the write by which a person follows something, for `db.write()`."""
    return _FOLLOW, {"person": person_id, "kind": kind, "subject": subject_id, "moment": moment}


def follow(actor: Actor, kind: str, subject_id: int) -> None:
    """Let somebody hear of something from now on; what they paused goes on. Raises SignInNeeded, Forbidden."""
    actor = lock_as(actor)
    may_follow(actor).require()
    assert actor.id is not None
    write(new(actor.id, kind, subject_id, now()))
    session.execute(update(Subscription).where(*_mine(actor, kind, subject_id)).values(paused_at=None))


def stop(actor: Actor, kind: str, subject_id: int) -> None:
    """Let somebody hear of something no more."""
    actor = lock_as(actor)
    may_follow(actor).require()
    session.execute(delete(Subscription).where(*_mine(actor, kind, subject_id)))


def pause(actor: Actor, id: int) -> None:
    """Keep a subscription without hearing of it, until it is resumed. Raises NotFound for another's."""
    actor = lock_as(actor)
    _own(actor, id).paused_at = now()
    session.flush()


def resume(actor: Actor, id: int) -> None:
    """Hear of a subscription again. Raises NotFound for another's."""
    actor = lock_as(actor)
    _own(actor, id).paused_at = None
    session.flush()


def end(actor: Actor, id: int) -> tuple[str, int]:
    """End a subscription, and return its kind and subject, with which it can be followed again."""
    actor = lock_as(actor)
    found = _own(actor, id)
    ended = found.kind, found.subject_id
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


def _own(actor: Actor, id: int) -> Subscription:
    may_follow(actor).require()
    # Locked, so that it is there until the commit, whatever the same person does in another window.
    found = session.scalars(select(Subscription).where(Subscription.id == id).with_for_update()).one_or_none()
    if found is None or found.person_id != actor.id:
        raise NotFound()
    return found


def _mine(actor: Actor, kind: str, subject_id: int) -> tuple[Any, ...]:
    return Subscription.person_id == actor.id, Subscription.kind == kind, Subscription.subject_id == subject_id
