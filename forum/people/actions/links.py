"""One-time links: a new password, an invitation."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from forum import db, policy
from forum.acting import lock_as
from forum.clock import now
from forum.db import Hold, session
from forum.errors import NotFound
from forum.ledger import actions as ledger
from forum.people import passwords, sessions
from forum.people.models import OneTimeLink, Person
from forum.people.onetime import make_link, take_link
from forum.people.tokens import token_hash
from forum.policy import Actor
from forum.site.queries import site
from forum.text.words import one_line


def make_reset_link(actor: Actor | None, person_id: int) -> str:
    """Return the path of a link with which a person sets a new password within a day. Older links end."""
    actor = lock_as(actor, people={person_id: Hold.EXCLUSIVE})
    policy.may_administer(actor).require()
    if session.get(Person, person_id) is None:
        raise NotFound
    moment, by = now(), actor.id if actor is not None else None
    path = make_link("reset", moment, person_id=person_id)
    ledger.record("person.reset-link", moment, actor_id=by, person_id=person_id)
    return path


def use_reset_link(token: str, password: str) -> Person:
    """Set a new password through a reset link, end all sessions of its owner, and return the owner.

    Raises Invalid for the field `password`, NotFound where the link is used, too old or unknown.
    """
    wanted = select(OneTimeLink.person_id).where(OneTimeLink.token_hash == token_hash(token))
    person_id = session.execute(wanted.where(OneTimeLink.purpose == "reset")).scalar_one_or_none()
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None or person_id is None:
        raise NotFound(_("This link has been used already or is too old. Ask for a new one."))
    passwords.check(password, site().name, person.username, person.display_name, person.email or "")
    password_hash = passwords.hashed(password)
    db.lock(people={person_id: Hold.EXCLUSIVE})
    moment = now()
    take_link(token, "reset", moment)
    person.password_hash = password_hash
    sessions.end_all(person_id)
    session.flush()
    ledger.record("person.password", moment, actor_id=person_id, person_id=person_id, details={"by": "link"})
    return person


def make_invitation(actor: Actor | None, note: str = "") -> str:
    """Return the path of a link with which one person signs up within two weeks; `note` says who it is for."""
    actor = lock_as(actor)
    policy.may_administer(actor).require()
    moment, by, note = now(), actor.id if actor is not None else None, one_line(note)
    path = make_link("invite", moment, note=note)
    ledger.record("person.invite", moment, actor_id=by, details={"note": note})
    return path


def cancel_invitation(actor: Actor, link_id: int) -> None:
    """Cancel an invitation that is not used yet. Raises NotFound for any other link."""
    actor = lock_as(actor)
    policy.may_administer(actor).require()
    link = session.get(OneTimeLink, link_id)
    if link is None or link.purpose != "invite" or link.used_at is not None:
        raise NotFound
    moment, note = now(), link.note
    session.delete(link)
    session.flush()
    ledger.record("person.invite-cancel", moment, actor_id=actor.id, details={"note": note})
