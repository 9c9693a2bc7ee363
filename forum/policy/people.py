"""Who may have an account, change what it shows, and see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from forum.policy.facts import YES, Actor, Role, Verdict, in_good_standing, is_staff, no, signed_in
from forum.policy.reasons import Code
from forum.policy.staff import may_administer

RENAME_EVERY = timedelta(days=30)  # so that readers can follow who is who in a thread


class PersonFacts(Protocol):
    """The facts of a person that rules ask for."""

    @property
    def id(self) -> int: ...
    @property
    def role(self) -> str: ...
    @property
    def approved_at(self) -> datetime | None: ...
    @property
    def deactivated_at(self) -> datetime | None: ...


def may_sign_up(sign_up: str, invited: bool) -> Verdict:
    """Answer whether somebody may sign up: everybody may, unless the site is for invited people only.

    `sign_up` is open, approval or invitation.
    """
    if invited or sign_up in ("open", "approval"):
        return YES
    return no(Code.INVITATION_NEEDED)


def is_approved_at_once(sign_up: str, invited: bool) -> bool:
    """Tell whether a new account can write without waiting for an admin: an invitation is an admin's yes."""
    return invited or sign_up == "open"


def may_change_account(actor: Actor, person_id: int) -> Verdict:
    """Answer whether somebody may change an account's address and password: its owner may, suspended or waiting too."""
    if not (verdict := signed_in(actor)):
        return verdict
    return YES if actor.id == person_id else no(Code.ONLY_OWNER)


def may_change_profile(actor: Actor, person_id: int) -> Verdict:
    """Answer whether somebody may change what others see of an account, its text: its owner may, in good standing."""
    return may_change_account(actor, person_id) and in_good_standing(actor)


def may_rename(actor: Actor, person_id: int, renamed_at: datetime | None, now: datetime) -> Verdict:
    """Answer whether somebody may change a display name: its owner every 30 days, admins anybody's at any time.

    A name signs older comments anew, so it needs good standing as writing does.
    """
    if not (verdict := in_good_standing(actor)) or may_administer(actor):
        return verdict
    if not (verdict := may_change_account(actor, person_id)):
        return verdict
    if renamed_at is not None and now - renamed_at < RENAME_EVERY:
        return no(Code.RENAMED_LATELY, next=renamed_at + RENAME_EVERY)
    return YES


def may_manage(actor: Actor | None, person: PersonFacts) -> Verdict:
    """Answer whether somebody may suspend and switch off this person: admins may, but not themselves; the operator."""
    if not (verdict := may_administer(actor)) or actor is None:
        return verdict
    return YES if actor.id != person.id else no(Code.OWN_ACCOUNT)


def may_stop_being_admin(person: PersonFacts, others: int) -> Verdict:
    """Answer whether a person may lose the role of an admin or be switched off: not the last admin of the site.

    `others` counts the other admins who can sign in.
    """
    if person.role != Role.ADMIN or others > 0:
        return YES
    return no(Code.LAST_ADMIN)


def may_see_profile(actor: Actor, person: PersonFacts) -> Verdict:
    """Answer whether somebody may see a profile: everybody once its owner is approved, before that owner and staff."""
    if person.approved_at is not None or actor.id == person.id or is_staff(actor):
        return YES
    return no(Code.NO_SUCH_PERSON)


def may_list_comments(actor: Actor, person: PersonFacts, hides: bool) -> Verdict:
    """Answer whether somebody may see the list of a person's comments; a hidden one is for its owner and staff."""
    if not hides or actor.id == person.id or is_staff(actor):
        return YES
    return no(Code.COMMENTS_NOT_LISTED)


def may_see_former_names(actor: Actor) -> Verdict:
    """Answer whether somebody may see earlier names: staff may, who have to know who somebody was."""
    return YES if is_staff(actor) else no(Code.FORMER_NAMES_NOT_SHOWN)
