"""Add people, and change their roles and states."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from forum import db, policy
from forum.acting import lock_as
from forum.cases import actions as cases
from forum.clock import now
from forum.db import Hold, session
from forum.errors import Invalid, NotFound
from forum.ledger import actions as ledger
from forum.people import addresses, names, queries, sessions
from forum.people.models import Person
from forum.people.name_keys import insert_person
from forum.people.newcomers import Faults, newcomer
from forum.people.onetime import take_link
from forum.policy import Actor, Role
from forum.site.models import SITE, Site
from forum.site.queries import site as read_site

CHANGED_ROLES = tuple(role for role in Role if role != Role.GUEST)


def sign_up(username: str, display_name: str, password: str, *, email: str = "", invitation: str = "") -> Person:
    """Make an account for a visitor, and return it; it waits for an admin's approval where the site asks for that.

    `invitation` is the token of an invitation. It replaces the approval and is then used up. Raises Invalid,
    Forbidden (by invitation only), NotFound (an invitation that is used or too old).
    """
    new = newcomer(username, display_name, password, email, read_site().name, Faults())
    db.lock(site=Hold.EXCLUSIVE)
    moment, site = now(), session.get_one(Site, SITE)
    policy.may_sign_up(site.sign_up, bool(invitation)).require()
    approved = policy.is_approved_at_once(site.sign_up, bool(invitation))
    person = insert_person(new.username, new.display_name, new.email, new.password_hash, Role.READER, moment, approved)
    if invitation:
        take_link(invitation, "invite", moment).person_id = person.id
        session.flush()
    if not approved:
        cases.open_account(person.id, moment)
    ledger.record("person.sign-up", moment, actor_id=person.id, person_id=person.id)
    return person


def add_person(
    actor: Actor | None,
    username: str,
    *,
    display_name: str = "",
    email: str = "",
    role: str = Role.READER,
    password_hash: str | None = None,
) -> Person:
    """Add an approved person, by an admin or the operator, and return the person.

    `password_hash` is `passwords.hashed()` of a checked password, or None for a person who gets a reset link.
    """
    if role not in CHANGED_ROLES:
        raise Invalid({"role": _("A role is one of reader, author, moderator, admin.")})
    staff = role in (Role.ADMIN, Role.MODERATOR)
    username = names.check_username(username, staff=staff, site=read_site().name)
    display_name = names.check_display_name(display_name or username, staff=staff, site=read_site().name)
    address = addresses.normal(email)
    actor = lock_as(actor, site=Hold.EXCLUSIVE)
    policy.may_administer(actor).require()
    moment = now()
    person = insert_person(username, display_name, address, password_hash, role, moment, approved=True)
    ledger.record("person.add", moment, actor_id=_id(actor), person_id=person.id, details={"role": role})
    return person


def set_role(actor: Actor | None, person_id: int, role: str) -> None:
    """Give a person a role: reader, author, moderator or admin. Refused for the last admin."""
    if role not in CHANGED_ROLES:
        raise Invalid({"role": _("A role is one of reader, author, moderator, admin.")})
    actor, person, moment = _locked(actor, person_id)
    if role != Role.ADMIN:
        policy.may_stop_being_admin(person, queries.other_admins(person_id)).require()
    before, person.role = person.role, role
    details = {"before": before, "after": role}
    ledger.record("person.role", moment, actor_id=_id(actor), person_id=person_id, details=details)


def approve(actor: Actor | None, person_id: int) -> None:
    """Approve a person who waits. Approving twice changes nothing."""
    actor, person, moment = _locked(actor, person_id)
    if person.approved_at is not None:
        return
    person.approved_at = moment
    cases.decide_account(person_id, "approve", _id(actor), moment)
    ledger.record("person.approve", moment, actor_id=_id(actor), person_id=person_id)


def deactivate(actor: Actor | None, person_id: int) -> None:
    """Deactivate an account: all its sessions end at once, and nobody can sign in to it. Refused for the last admin."""
    actor, person, moment = _locked(actor, person_id)
    policy.may_manage(actor, person).require()
    policy.may_stop_being_admin(person, queries.other_admins(person_id)).require()
    if person.deactivated_at is not None:
        return
    person.deactivated_at = moment
    sessions.end_all(person_id)
    cases.decide_account(person_id, "refuse", _id(actor), moment)
    ledger.record("person.deactivate", moment, actor_id=_id(actor), person_id=person_id)


def reactivate(actor: Actor | None, person_id: int) -> None:
    """Reactivate an account."""
    actor, person, moment = _locked(actor, person_id)
    if person.deactivated_at is None:
        return
    person.deactivated_at = None
    if person.approved_at is None:
        cases.open_account(person_id, moment)
    ledger.record("person.reactivate", moment, actor_id=_id(actor), person_id=person_id)


def _locked(actor: Actor | None, person_id: int) -> tuple[Actor | None, Person, datetime]:
    """Lock a person and the site, require that the actor is an admin, and return actor, person and moment."""
    actor = lock_as(actor, people={person_id: Hold.EXCLUSIVE}, site=Hold.EXCLUSIVE)
    policy.may_administer(actor).require()
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    return actor, person, now()


def _id(actor: Actor | None) -> int | None:
    return actor.id if actor is not None else None
