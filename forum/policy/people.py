"""Who may have an account, change what it shows, and see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from forum.policy.facts import YES, Actor, Role, Verdict, is_staff, no
from forum.policy.staff import may_administer

RENAME_EVERY = timedelta(days=30)  # so that readers can follow who is who in a thread


class PersonFacts(Protocol):
    """Be a person, as far as the rules care."""

    @property
    def id(self) -> int: ...
    @property
    def role(self) -> str: ...
    @property
    def approved_at(self) -> datetime | None: ...
    @property
    def deactivated_at(self) -> datetime | None: ...


def may_sign_up(sign_up: str, invited: bool) -> Verdict:
    """Everybody signs up, unless the site is for invited people only. `sign_up` is open, approval or invitation."""
    if invited or sign_up in ("open", "approval"):
        return YES
    return no("This site is for invited people. Ask the people who run it for an invitation.")


def is_approved_at_once(sign_up: str, invited: bool) -> bool:
    """Tell whether a new account can write without waiting for an admin: an invitation is an admin's yes."""
    return invited or sign_up == "open"


def may_change_account(actor: Actor, person_id: int) -> Verdict:
    """People change their own name, text, address and password."""
    if actor.id is None:
        return no("Please sign in first.", "sign-in")
    if actor.deactivated_at is not None:
        return no("This account is switched off.")
    return YES if actor.id == person_id else no("Only its owner can change an account.")


def may_rename(actor: Actor, person_id: int, renamed_at: datetime | None, now: datetime) -> Verdict:
    """A shown name changes at most every 30 days; admins can change anybody's at any time."""
    if may_administer(actor):
        return YES
    if not (verdict := may_change_account(actor, person_id)):
        return verdict
    if renamed_at is not None and now - renamed_at < RENAME_EVERY:
        return no(f"A name can be changed every 30 days. The next time is {renamed_at + RENAME_EVERY:%-d %B %Y}.")
    return YES


def may_manage(actor: Actor, person: PersonFacts) -> Verdict:
    """Admins approve, suspend and switch off others, not themselves."""
    if not (verdict := may_administer(actor)):
        return verdict
    return YES if actor.id != person.id else no("You cannot do this to your own account.")


def may_stop_being_admin(person: PersonFacts, others: int) -> Verdict:
    """An admin steps down or is switched off while there is another; `others` counts those who could sign in."""
    if person.role != Role.ADMIN or others > 0:
        return YES
    return no("A site needs an admin, and this is the only one. Make somebody else an admin first.")


def may_see_profile(actor: Actor, person: PersonFacts) -> Verdict:
    """Everybody sees a profile once its owner is let in; before that its owner and staff do."""
    if person.approved_at is not None or actor.id == person.id or is_staff(actor):
        return YES
    return no("There is no such person here.")


def may_list_comments(actor: Actor, person: PersonFacts, hides: bool) -> Verdict:
    """A profile lists its owner's comments unless they hide the list; staff and they themselves still see it."""
    if not hides or actor.id == person.id or is_staff(actor):
        return YES
    return no("This person keeps the list of their comments to themselves.")


def may_see_former_names(actor: Actor) -> Verdict:
    """Earlier names are for staff, who have to know who somebody was."""
    return YES if is_staff(actor) else no("Earlier names are not shown.")
