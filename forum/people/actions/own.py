"""Actions of people on their own account: sign in, change password, name and profile."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import update

from forum import db, policy
from forum.acting import lock_as
from forum.clock import now
from forum.db import Hold, session
from forum.errors import Invalid, NotFound
from forum.ledger import actions as ledger
from forum.people import addresses, names, passwords, queries, sessions
from forum.people.letters import ask_to_verify
from forum.people.models import Person
from forum.people.name_keys import claim, keep_address_free, keep_free
from forum.people.onetime import drop_links
from forum.policy import Actor
from forum.policy.facts import is_staff
from forum.site import choices
from forum.site.queries import site
from forum.text.words import one_line, tidy


def authenticate(name_or_address: str, password: str) -> Person:
    """Return the person who signs in with this name or address and password.

    Every failure takes the same work (one verification) and says the same: Invalid for the field `password`. The
    password of the demo opens demo sites only.
    """
    refusal = Invalid({"password": _("This name and password do not belong together. Please try again.")})
    if passwords.too_long(password):
        raise refusal
    id = queries.sign_in_id(name_or_address)
    person = session.get(Person, id) if id is not None else None
    right = passwords.fits(person.password_hash if person else None, password)
    in_demo = password != passwords.DEMO_PASSWORD or site().is_demo
    if person is None or person.password_hash is None or person.deactivated_at or not (right and in_demo):
        raise refusal
    if passwords.is_outdated(person.password_hash):
        verified, renewed = person.password_hash, passwords.hashed(password)
        db.lock(people={person.id: Hold.EXCLUSIVE})
        if person.password_hash == verified:  # else a new password was set meanwhile
            person.password_hash = renewed
            session.flush()
    return person


def change_password(actor: Actor, old: str, new: str) -> None:
    """Change one's own password: every session of this person ends, also the current one; the view starts a new one."""
    person, wrong = _own(actor), Invalid({"old": _("This is not your password.")})
    verified = person.password_hash
    if passwords.too_long(old) or not passwords.fits(verified, old):
        raise wrong
    passwords.check(new, site().name, person.username, person.display_name, person.email or "")
    password_hash = passwords.hashed(new)
    actor = lock_as(actor, people={person.id: Hold.EXCLUSIVE})
    policy.may_change_account(actor, person.id).require()
    if person.password_hash != verified:  # a new one was set meanwhile, through a reset link
        raise wrong
    moment = now()
    person.password_hash = password_hash
    drop_links("reset", person.id)
    sessions.end_all(person.id)
    session.flush()
    ledger.record("person.password", moment, actor_id=person.id, person_id=person.id, details={"by": "owner"})


def rename(actor: Actor, person_id: int, display_name: str) -> None:
    """Change a shown name: one's own every 30 days, another person's by an admin. Staff see the former name."""
    found = session.get(Person, person_id)
    if found is None or found.display_name == one_line(display_name):
        return
    actor = lock_as(actor, people={person_id: Hold.EXCLUSIVE}, site=Hold.EXCLUSIVE)
    wanted = names.check_display_name(display_name, staff=is_staff(actor), site=site().name)
    moment, person = now(), session.get_one(Person, person_id)
    policy.may_rename(actor, person_id, person.renamed_at, moment).require()
    keep_free(wanted, "display_name", person_id)
    before = person.display_name
    person.former_names = [*person.former_names, before]
    person.display_name, person.renamed_at = wanted, moment
    claim(person_id, wanted)
    details = {"before": before, "after": wanted}
    ledger.record("person.rename", moment, actor_id=actor.id, person_id=person_id, details=details)


def edit_profile(actor: Actor, about: str, email: str, hides_comments: bool, language: str = "") -> None:
    """Change one's own profile: its text, one's address, whether it lists one's comments, and in which language one
    reads (empty: the site's).
    """
    if language and language not in choices.languages():
        raise Invalid({"language": choices.no_translation()})
    address, about = addresses.normal(email), tidy(about).strip()
    person = _own(actor)
    # The site's lock, because two people may claim one address at once.
    actor = lock_as(actor, people={person.id: Hold.EXCLUSIVE}, site=Hold.EXCLUSIVE)
    moment = now()
    policy.may_change_account(actor, person.id).require()
    if about != person.about:
        policy.may_change_profile(actor, person.id).require()
    keep_address_free(address, person.id)
    wanted = {"about": about, "email": address, "hides_comments": hides_comments, "language": language}
    changed = [field for field, value in wanted.items() if getattr(person, field) != value]
    for field in changed:
        setattr(person, field, wanted[field])
    if "email" in changed:
        person.email_verified_at, person.mail_paused_at, person.mail_pause_reason = None, None, ""
        ask_to_verify(person, moment)
    session.flush()
    if changed:  # which fields, not what they say: the log keeps no addresses
        ledger.record("person.profile", moment, actor_id=person.id, person_id=person.id, details={"fields": changed})


def use_keys(actor: Actor, wanted: bool) -> None:
    """Keep whether somebody decides with single keys at the desk. It writes no entry: nobody else is concerned."""
    actor = lock_as(actor)
    policy.may_open_desk(actor).require()
    mine = update(Person).where(Person.id == actor.id).values(uses_keys=wanted)
    session.execute(mine, execution_options={"synchronize_session": False})


def _own(actor: Actor) -> Person:
    policy.may_change_account(actor, actor.id or 0).require()
    person = session.get(Person, actor.id)
    if person is None:
        raise NotFound
    return person
