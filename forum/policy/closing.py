"""What a closure means, and who may make or lift one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from forum.policy.facts import (
    YES,
    Actor,
    ArticleFacts,
    ClosureFacts,
    DiscussedFacts,
    ModeratedFacts,
    Role,
    Verdict,
    in_good_standing,
    is_admin,
    no,
)
from forum.policy.moderating import moderates, moderates_tag
from forum.policy.reasons import Code

UNDO_CLOSURE = timedelta(minutes=10)  # within this, a closure is undone without trace; later it is reopened


class Concerned(Protocol):
    """The facts of the one person a closure is for that rules ask for."""

    @property
    def id(self) -> int: ...
    @property
    def role(self) -> str: ...


class StandingFacts(ClosureFacts, Protocol):
    """The facts of a closure that rules about changing it ask for: also the one person it is for, if it is for one."""

    @property
    def concerned(self) -> Concerned | None: ...


def is_in_force(closure: ClosureFacts, now: datetime) -> bool:
    """Tell whether a closure holds at this moment: begun, not reopened, its end not reached."""
    begun = closure.begins_at is None or closure.begins_at <= now
    return closure.reopened_at is None and begun and (closure.until is None or closure.until > now)


def closes_reply(
    actor: Actor, article: DiscussedFacts, closures: Iterable[ClosureFacts], answered_id: int | None, now: datetime
) -> Verdict:
    """Answer whether the closures of a place let somebody write there.

    Nobody writes where it is closed for everyone, moderators included, unless the closure says that staff may, or lets
    this person answer once more. One person may not write where it is closed for that person. Two people may not answer
    each other where it is closed for the two. `answered_id` is the writer of the nearest comment above that is not the
    actor's own. What was announced to close by itself is closed from that moment on, also where no worker has written
    the closure yet.
    """
    verdict = YES
    for closure in closures:
        if not is_in_force(closure, now) or not _concerns(closure, actor, answered_id):
            continue
        if closure.staff_may and moderates(actor, article):
            continue
        if actor.id is not None and closure.once_id == actor.id and closure.once_used_at is None:
            verdict = replace(verdict, once=closure)
            continue
        return no(_reason(closure), words=closure.words)
    if article.closes_at is not None and article.closes_at <= now:
        return no(Code.DISCUSSION_CLOSED)
    return verdict


def may_close(
    actor: Actor, article: ModeratedFacts | None, tag_id: int | None = None, person: Concerned | None = None
) -> Verdict:
    """Answer whether somebody may close a discussion, or end an exchange.

    Those who moderate there may. Those who moderate in a tag, or everywhere, may close everything under it; admins may
    close the whole site (neither article nor tag). Nobody does it for themselves alone (`person`), and only admins do
    it for a moderator or an admin alone.
    """
    if not (verdict := in_good_standing(actor)):
        return verdict
    if article is not None:
        verdict = YES if moderates(actor, article) else no(Code.ONLY_MODERATORS_CLOSE)
    elif tag_id is not None:
        verdict = YES if moderates_tag(actor, tag_id) else no(Code.ONLY_MODERATORS)
    else:
        verdict = YES if is_admin(actor) else no(Code.ONLY_ADMINS)
    if not verdict or person is None:
        return verdict
    if person.id == actor.id:
        return no(Code.OWN_SANCTION)
    above = person.role in (Role.MODERATOR, Role.ADMIN) and not is_admin(actor)
    return no(Code.ONLY_ADMINS_STAFF) if above else YES


def may_change_closure(actor: Actor, article: ModeratedFacts | None, closure: StandingFacts) -> Verdict:
    """Answer whether somebody may reopen: those who may close may reopen, once."""
    if not (verdict := may_close(actor, article, closure.tag_id, closure.concerned)):
        return verdict
    return YES if closure.reopened_at is None else no(Code.REOPENED_ALREADY)


def may_undo_closure(actor: Actor, article: ModeratedFacts | None, closure: StandingFacts, now: datetime) -> Verdict:
    """Answer whether somebody may take a closure back without trace: its closer may, for ten minutes."""
    if not (verdict := may_change_closure(actor, article, closure)):
        return verdict
    if closure.closed_by_id != actor.id:
        return no(Code.ONLY_CLOSER_UNDOES)
    return YES if now <= undo_closes_at(closure) else no(Code.UNDO_CLOSURE_OVER)


def told_of_closure(closure: ClosureFacts, article: ArticleFacts | None, writers: Iterable[int]) -> set[int]:
    """Return who is told that it was closed, or is open again: whom it concerns, never the person who closed it.

    This is the one person it keeps from writing, and nobody else; else the two whom it keeps from answering each other,
    or those who wrote in the closed branch (`writers`), and always the article's author. Where an article, a tag or the
    site is closed as a whole, those who wrote there read it there.
    """
    if closure.person_a_id is not None and closure.person_b_id is None:
        concerned: set[int | None] = {closure.person_a_id}
    elif article is None:
        concerned = set()
    elif closure.person_a_id is not None:
        concerned = {closure.person_a_id, closure.person_b_id, article.author_id}
    else:
        concerned = {*writers, article.author_id}
    return {id for id in concerned if id is not None and id != closure.closed_by_id}


def undo_closes_at(closure: ClosureFacts) -> datetime:
    """Return until when a closure can be undone without trace."""
    return closure.created_at + UNDO_CLOSURE


def _concerns(closure: ClosureFacts, actor: Actor, answered_id: int | None) -> bool:
    if closure.person_a_id is None:
        return True
    if closure.person_b_id is None:
        return actor.id == closure.person_a_id
    return {actor.id, answered_id} == {closure.person_a_id, closure.person_b_id}


def _reason(closure: ClosureFacts) -> Code:
    if closure.person_b_id is not None:
        return Code.TWO_ENDED
    if closure.person_a_id is not None:
        return Code.ONE_ENDED
    if closure.branch_id is not None:
        return Code.EXCHANGE_ENDED
    wide = closure.article_id is None and closure.tag_id is None
    return Code.SITE_CLOSED if wide else Code.DISCUSSION_CLOSED
