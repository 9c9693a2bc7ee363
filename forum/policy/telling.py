"""Who hears of what others write."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from forum.policy.facts import Actor, ArticleFacts, CommentFacts, CommentStatus, Verdict, is_out, signed_in

# Why somebody hears of a comment, the strongest reason first: of several only that one is told.
REASONS = ("answers", "article", "branch")


class Hearer(Protocol):
    """The facts of somebody who might be told."""

    @property
    def id(self) -> int | None: ...
    @property
    def approved_at(self) -> datetime | None: ...
    @property
    def deactivated_at(self) -> datetime | None: ...


def may_follow(actor: Actor) -> Verdict:
    """Answer whether somebody may follow something: everybody with an account that is on.

    It stays with who is suspended: what one hears of, nobody else sees.
    """
    return signed_in(actor)


def is_answered(actor: Actor, comment: CommentFacts) -> bool:
    """Tell whether answers to a comment are answers to this person: who wrote it hears of them, nobody else."""
    return comment.author_id is not None and comment.author_id == actor.id


def is_told(hearer: Hearer, writer_id: int | None) -> bool:
    """Tell whether somebody hears of what they follow: with an account that is on and approved, never of themselves."""
    return hearer.deactivated_at is None and hearer.approved_at is not None and hearer.id != writer_id


def is_tellable(status: str, article: ArticleFacts, now: datetime) -> bool:
    """Tell whether others may be told of a comment with a status: it is published, and everybody reads its article."""
    return status == CommentStatus.PUBLISHED and is_out(article, now)
