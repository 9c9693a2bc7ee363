"""Who may move comments, and where to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from forum.policy.closing import closes_reply, may_close
from forum.policy.facts import (
    YES,
    Actor,
    ClosureFacts,
    CommentFacts,
    CommentStatus,
    DiscussedFacts,
    ModeratedFacts,
    Verdict,
    in_good_standing,
    no,
)
from forum.policy.moderating import moderates
from forum.policy.reading import may_read_article
from forum.policy.reasons import Code

UNDO_MOVE = timedelta(minutes=10)  # within this, a move is taken back; later it is another move


class MoveFacts(Protocol):
    """The facts of a move that rules ask for."""

    @property
    def moved_by_id(self) -> int | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def undone_at(self) -> datetime | None: ...


def may_move(actor: Actor, article: ModeratedFacts) -> Verdict:
    """Answer whether somebody may move comments away from an article: those who moderate there."""
    if not (verdict := in_good_standing(actor)):
        return verdict
    return YES if moderates(actor, article) else no(Code.ONLY_MODERATORS_MOVE)


def may_move_to(
    actor: Actor, article: DiscussedFacts, parent: CommentFacts | None, closures: Iterable[ClosureFacts], now: datetime
) -> Verdict:
    """Answer whether somebody may move comments under an article, or there under a comment.

    They moderate there, too, and may read it; the comment is published; and the place is not closed for everybody.
    `closures` are those in whose place it stands.
    """
    if not (verdict := in_good_standing(actor)):
        return verdict
    if not may_read_article(actor, article, now):
        return no(Code.ARTICLE_NOT_SHOWN)
    if not moderates(actor, article):
        return no(Code.MOVE_TO_OWN)
    if parent is not None and parent.status != CommentStatus.PUBLISHED:
        return no(Code.MOVE_TARGET_GONE)
    for_all = [closure for closure in closures if closure.person_a_id is None]
    verdict = closes_reply(actor, article, for_all, None, now)
    return no(Code.EXCHANGE_ENDED, words=verdict.once.words) if verdict.once is not None else verdict


def may_merge(
    actor: Actor, article: ModeratedFacts, target: DiscussedFacts, closures: Iterable[ClosureFacts], now: datetime
) -> Verdict:
    """Answer whether somebody may move a whole discussion to another article, and close it where it was."""
    return may_close(actor, article) and may_move_to(actor, target, None, closures, now)


def may_undo_move(actor: Actor, move: MoveFacts, article: ModeratedFacts, now: datetime) -> Verdict:
    """Answer whether somebody may take a move back: its maker, for ten minutes; `article` is where it stands now."""
    if not (verdict := may_move(actor, article)):
        return verdict
    if move.undone_at is not None:
        return no(Code.MOVED_BACK)
    if move.moved_by_id != actor.id:
        return no(Code.ONLY_MOVER_UNDOES)
    return YES if now <= move.created_at + UNDO_MOVE else no(Code.UNDO_MOVE_OVER)


def told_of_move(writers: Iterable[int], authors: Iterable[int], actor_id: int | None) -> set[int]:
    """Return who is told of a move: who wrote what is moved, and the authors of both articles; not who moves it."""
    return {*writers, *authors} - {actor_id or 0}
