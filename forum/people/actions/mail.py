"""Mail to people: verify an address, ask for a new password, pause and go on, invite by mail."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from forum import db, policy
from forum.acting import lock_as
from forum.clock import now
from forum.db import Hold, session
from forum.errors import Conflict, Invalid, NotFound
from forum.jobs import actions as jobs
from forum.ledger import actions as ledger
from forum.people import addresses, queries
from forum.people.letters import ask_to_verify
from forum.people.models import OneTimeLink, Person
from forum.people.onetime import take_link
from forum.people.tokens import token_hash
from forum.policy import Actor
from forum.process import offers_mail
from forum.text.words import one_line


def ask_for_link(actor: Actor) -> str:
    """Let the link be sent that verifies one's own address, and return the address.

    A pause of it ends. Raises Conflict where there is nothing to verify.
    """
    person = _own(actor)
    if person.email is None or person.email_verified_at is not None or not offers_mail():
        raise Conflict(_("There is no address to confirm."))
    person.mail_paused_at, person.mail_pause_reason = None, ""
    session.flush()
    ask_to_verify(person, now())
    return person.email


def verify_address(token: str) -> Person:
    """Note that the address of a link's owner is theirs, and return the owner.

    Raises NotFound where the link is used, too old or unknown, or was sent to another address than theirs today.
    """
    wanted = select(OneTimeLink.person_id).where(OneTimeLink.token_hash == token_hash(token))
    person_id = session.execute(wanted.where(OneTimeLink.purpose == "verify")).scalar_one_or_none()
    if person_id is None:
        raise NotFound(_("This link has been used already or is too old. Ask for a new one."))
    db.lock(people={person_id: Hold.EXCLUSIVE})
    moment = now()
    link, person = take_link(token, "verify", moment), session.get_one(Person, person_id)
    if person.email is None or link.note != token_hash(person.email):
        raise NotFound(_("This link was for an address that the account does not have any more."))
    person.email_verified_at, person.mail_paused_at, person.mail_pause_reason = moment, None, ""
    session.flush()
    ledger.record("person.verify-address", moment, actor_id=person_id, person_id=person_id)
    return person


def ask_for_reset(typed: str) -> None:
    """Let a link for a new password be sent to the person with this name or address, if mail goes there.

    It takes the same work and says nothing, whether there is such an account or not.
    """
    found = queries.sign_in_id(typed)
    db.lock()
    jobs.put("people.reset", now(), {"person": found}, key=f"people.reset:{found}")


def tell_of_new_browser(person_id: int) -> None:
    """Let a person be told that somebody signed in to their account with a browser that was not known."""
    person = session.get(Person, person_id)
    if not offers_mail() or person is None or not person.is_reached_by_mail:
        return
    db.lock()
    moment = now()
    jobs.put("people.new-browser", moment, {"person": person_id, "at": moment.isoformat()})


def resume_mail(actor: Actor) -> None:
    """Let mail go to one's own address again after the mail server refused it."""
    person = _own(actor)
    person.mail_paused_at, person.mail_pause_reason = None, ""
    session.flush()


def pause_mail(person_id: int, address: str, reason: str) -> None:
    """Send nothing more to an address that a mail server refused for good, until its owner says so."""
    db.lock(people={person_id: Hold.EXCLUSIVE})
    person = session.get(Person, person_id)
    if person is not None and person.email == address:  # else it was changed meanwhile
        person.mail_paused_at, person.mail_pause_reason = now(), reason[:300]
        session.flush()


def invite_by_mail(actor: Actor | None, typed: str, note: str = "") -> str:
    """Let an invitation be sent to an address, and return the address. Raises Invalid for `email`."""
    address = addresses.normal(typed)
    if address is None or not offers_mail():
        raise Invalid({"email": _("This is needed.")})
    actor = lock_as(actor)
    policy.may_administer(actor).require()
    moment, by, note = now(), actor.id if actor is not None else None, one_line(note)
    jobs.put("people.invite", moment, {"to": address, "by": by, "note": note})
    ledger.record("person.invite", moment, actor_id=by, details={"note": note})
    return address


def _own(actor: Actor) -> Person:
    """Begin a write of somebody on their own account, and return it."""
    id = actor.id or 0
    actor = lock_as(actor, people={id: Hold.EXCLUSIVE})
    policy.may_change_account(actor, id).require()
    return session.get_one(Person, id)
