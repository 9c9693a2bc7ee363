"""What a closure means, and who may make or lift one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from forum.policy.facts import (
    YES,
    Actor,
    ArticleFacts,
    ClosureFacts,
    DiscussedFacts,
    ModeratedFacts,
    Verdict,
    in_good_standing,
    no,
)
from forum.policy.moderating import moderates
from forum.policy.reasons import Code

UNDO_CLOSURE = timedelta(minutes=10)  # within this, a closure is undone without trace; later it is reopened


def is_in_force(closure: ClosureFacts, now: datetime) -> bool:
    """Tell whether a closure holds at this moment: not reopened, its end not reached."""
    return closure.reopened_at is None and (closure.until is None or closure.until > now)


def closes_reply(
    actor: Actor, article: DiscussedFacts, closures: Iterable[ClosureFacts], answered_id: int | None, now: datetime
) -> Verdict:
    """Answer whether the closures of a place let somebody write there.

    Nobody writes where it is closed for everyone, moderators included, unless the closure says that staff may, or lets
    this person answer once more. Two people may not answer each other where it is closed for the two. `answered_id` is
    the writer of the nearest comment above that is not the actor's own. What was announced to close by itself is closed
    from that moment on, also where no worker has written the closure yet.
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
        if closure.person_a_id is not None:
            return no(Code.TWO_ENDED, words=closure.words)
        return no(Code.EXCHANGE_ENDED if closure.branch_id else Code.DISCUSSION_CLOSED, words=closure.words)
    if article.closes_at is not None and article.closes_at <= now:
        return no(Code.DISCUSSION_CLOSED)
    return verdict


def may_close(actor: Actor, article: ModeratedFacts) -> Verdict:
    """Answer whether somebody may end an exchange: whoever moderates there."""
    if not (verdict := in_good_standing(actor)):
        return verdict
    return YES if moderates(actor, article) else no(Code.ONLY_MODERATORS_CLOSE)


def may_change_closure(actor: Actor, article: ModeratedFacts, closure: ClosureFacts) -> Verdict:
    """Answer whether somebody may reopen: the same people may who may close, and once."""
    if not (verdict := may_close(actor, article)):
        return verdict
    return YES if closure.reopened_at is None else no(Code.REOPENED_ALREADY)


def may_undo_closure(actor: Actor, article: ModeratedFacts, closure: ClosureFacts, now: datetime) -> Verdict:
    """Answer whether somebody may take a closure back without trace: its closer may, for ten minutes."""
    if not (verdict := may_change_closure(actor, article, closure)):
        return verdict
    if closure.closed_by_id != actor.id:
        return no(Code.ONLY_CLOSER_UNDOES)
    return YES if now <= undo_closes_at(closure) else no(Code.UNDO_CLOSURE_OVER)


def told_of_closure(closure: ClosureFacts, article: ArticleFacts, writers: Iterable[int]) -> set[int]:
    """Return who is told that it was closed, or is open again: whom it concerns, never the person who closed it.

    These are the two whom it keeps from answering each other, or those who wrote in the closed branch (`writers`), and
    always the article's author. Whoever wrote under an article that is closed as a whole reads it there.
    """
    concerned = {closure.person_a_id, closure.person_b_id} if closure.person_a_id is not None else set(writers)
    return {id for id in {*concerned, article.author_id} if id is not None and id != closure.closed_by_id}


def undo_closes_at(closure: ClosureFacts) -> datetime:
    """Return until when a closure can be undone without trace."""
    return closure.created_at + UNDO_CLOSURE


def _concerns(closure: ClosureFacts, actor: Actor, answered_id: int | None) -> bool:
    if closure.person_a_id is None:
        return True
    return {actor.id, answered_id} == {closure.person_a_id, closure.person_b_id}
