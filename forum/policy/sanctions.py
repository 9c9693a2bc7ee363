"""Who may do what about a person, and what a sanction keeps somebody from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from forum.policy.facts import YES, Actor, Role, SanctionKind, Verdict, is_admin, no
from forum.policy.people import PersonFacts
from forum.policy.reasons import Code
from forum.policy.staff import may_moderate_everywhere

A_DAY = timedelta(days=1)  # the shortest suspension
UNDO_SANCTION = timedelta(minutes=10)  # within this, a sanction is undone without trace; later it is lifted
LASTING = (SanctionKind.HOLD, SanctionKind.SLOW, SanctionKind.SUSPENSION, SanctionKind.BAN)
SHUTS_OUT = (SanctionKind.SUSPENSION, SanctionKind.BAN)  # its person can only read
_STAFF = (Role.MODERATOR, Role.ADMIN)


class SanctionFacts(Protocol):
    """The facts of a sanction that rules ask for."""

    @property
    def kind(self) -> str: ...
    @property
    def by_id(self) -> int | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def lifted_at(self) -> datetime | None: ...


class LimitFacts(Protocol):
    """The setting of the site that rules about sanctions ask for."""

    @property
    def suspension_days(self) -> int: ...


def is_sanction_in_force(sanction: SanctionFacts, now: datetime) -> bool:
    """Tell whether a sanction holds at this moment: one that lasts, not lifted, its end not reached."""
    ended = sanction.until is not None and sanction.until <= now
    return sanction.kind in LASTING and sanction.lifted_at is None and not ended


def may_see_record(actor: Actor | None, person: PersonFacts) -> Verdict:
    """Answer whether somebody may read what moderators keep about a person, and act on it.

    Moderators may about everybody but themselves, their equals and their superiors, admins about everybody else. None
    is the operator, who may.
    """
    if actor is None:
        return YES
    if not (verdict := may_moderate_everywhere(actor)):
        return verdict
    if actor.id == person.id:
        return no(Code.OWN_SANCTION)
    return YES if is_admin(actor) or person.role not in _STAFF else no(Code.ONLY_ADMINS_STAFF)


def may_sanction(
    actor: Actor | None, person: PersonFacts, kind: str, length: timedelta | None, site: LimitFacts
) -> Verdict:
    """Answer whether somebody may do this about a person, for so long (None: until it is lifted).

    Who may read the record may, but only admins ban, and suspend for longer than the site lets moderators.
    """
    if not (verdict := may_see_record(actor, person)) or actor is None or is_admin(actor):
        return verdict
    if kind == SanctionKind.BAN:
        return no(Code.ONLY_ADMINS_BAN)
    longest = timedelta(days=site.suspension_days)
    if kind == SanctionKind.SUSPENSION and (length is None or length > longest):
        return no(Code.ONLY_ADMINS_LONGER, days=str(site.suspension_days))
    return YES


def may_lift(actor: Actor | None, person: PersonFacts, sanction: SanctionFacts, site: LimitFacts) -> Verdict:
    """Answer whether somebody may end a sanction before its time: those who may impose such a one may, once."""
    length = sanction.until - sanction.created_at if sanction.until else None
    if not (verdict := may_sanction(actor, person, sanction.kind, length, site)):
        return verdict
    if sanction.lifted_at is not None:
        return no(Code.LIFTED_ALREADY)
    return YES if sanction.kind in LASTING else no(Code.NOTHING_TO_LIFT)


def may_undo_sanction(actor: Actor, person: PersonFacts, sanction: SanctionFacts, now: datetime) -> Verdict:
    """Answer whether somebody may take a sanction, a warning or a note back without trace: its maker, for ten minutes.

    It is asked of them what is asked for reading the record: somebody demoted meanwhile takes nothing back.
    """
    if not (verdict := may_see_record(actor, person)):
        return verdict
    if sanction.by_id != actor.id:
        return no(Code.ONLY_MAKER_UNDOES)
    if sanction.lifted_at is not None:
        return no(Code.LIFTED_ALREADY)
    return YES if now - sanction.created_at <= UNDO_SANCTION else no(Code.UNDO_SANCTION_OVER)


def may_post_again(actor: Actor, last: datetime | None, now: datetime) -> Verdict:
    """Answer whether somebody in slow mode may write a comment already; `last` is when they wrote the latest."""
    if actor.slow_until is None or last is None:
        return YES
    every = timedelta(minutes=actor.slow_minutes)
    left = last + every - now
    if left <= timedelta():
        return YES
    return no(Code.SLOW_MODE, every=every, wait=timedelta(minutes=-(-left // timedelta(minutes=1))))
