"""Who may object to what was done, and who decides about that."""

from __future__ import annotations

from typing import Protocol

from forum.policy.facts import YES, Actor, Role, Verdict, is_admin, no, signed_in
from forum.policy.people import PersonFacts
from forum.policy.reasons import Code
from forum.policy.staff import may_moderate_everywhere


class DeedFacts(Protocol):
    """The facts of what somebody objects to that rules ask for."""

    @property
    def by_id(self) -> int | None: ...
    @property
    def only_admins(self) -> bool: ...


def may_object(actor: Actor) -> Verdict:
    """Answer whether somebody may object to what was done to them: everybody with an account that is on.

    A person who is suspended or waits may, for it is what they object to; nobody but moderators reads it.
    """
    return signed_in(actor)


def needs_admin(person: PersonFacts, deed: DeedFacts | None) -> bool:
    """Tell whether only admins decide about an objection: of a moderator's, and about what only admins do."""
    return person.role in (Role.MODERATOR, Role.ADMIN) or (deed is not None and deed.only_admins)


def may_decide_objection(actor: Actor, person: PersonFacts, deed: DeedFacts | None, others: int) -> Verdict:
    """Answer whether somebody may decide about an objection: a moderator, never who objects.

    Nor who acted, unless `others`, the number of other people who could, is nought.
    """
    if not (verdict := may_moderate_everywhere(actor)):
        return verdict
    if actor.id == person.id:
        return no(Code.OWN_OBJECTION)
    if needs_admin(person, deed) and not is_admin(actor):
        return no(Code.ONLY_ADMINS)
    if deed is not None and deed.by_id == actor.id and others > 0:
        return no(Code.OBJECTION_TO_YOU)
    return YES
