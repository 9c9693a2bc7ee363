"""Who hears of what others write."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from forum.policy.facts import (
    YES,
    Actor,
    ArticleFacts,
    CommentFacts,
    CommentStatus,
    Verdict,
    is_out,
    is_own,
    no,
    signed_in,
)
from forum.policy.reasons import Code

# Why somebody hears of a comment, the strongest reason first: of several only the strongest is told.
REASONS = ("answers", "article", "branch")


class Hearer(Protocol):
    """The facts of somebody who might be told."""

    @property
    def id(self) -> int | None: ...
    @property
    def approved_at(self) -> datetime | None: ...
    @property
    def deactivated_at(self) -> datetime | None: ...


class FollowingFacts(Protocol):
    """The setting of the site that rules of following ask for."""

    @property
    def guests_follow(self) -> bool: ...


def may_follow(actor: Actor) -> Verdict:
    """Answer whether somebody may follow something: everybody with an account that is on.

    A suspended person keeps it: what one hears of, nobody else sees.
    """
    return signed_in(actor)


def may_follow_by_address(actor: Actor, site: FollowingFacts, sends_mail: bool) -> Verdict:
    """Answer whether somebody may follow something by a mail address alone.

    Visitors may where an admin allows it and mail goes out at all. Members have an account for it.
    """
    return YES if actor.id is None and site.guests_follow and sends_mail else no(Code.SIGN_IN)


def is_answered(actor: Actor, comment: CommentFacts) -> bool:
    """Tell whether answers to a comment are answers to this person: its writer hears of them, nobody else."""
    return is_own(actor, comment)


def is_told(hearer: Hearer, writer_id: int | None) -> bool:
    """Tell whether somebody hears of what they follow: with an account that is on and approved, never of themselves."""
    return hearer.deactivated_at is None and hearer.approved_at is not None and hearer.id != writer_id


def is_address_told(email: str, writer_email: str | None) -> bool:
    """Tell whether an address hears of what it follows: always, but not of what its own owner wrote as a guest."""
    return email != (writer_email or "").lower()


def is_tellable(status: str, article: ArticleFacts, now: datetime) -> bool:
    """Tell whether others may be told of a comment with a status: it is published, and everybody reads its article."""
    return status == CommentStatus.PUBLISHED and is_out(article, now)
