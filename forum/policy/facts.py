"""The few facts a rule needs, as Protocols that models, rows and dataclasses satisfy as they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from forum.errors import Conflict, Forbidden, SignInNeeded


class Role(StrEnum):
    """Name what somebody is on this site; each can do what the one before can."""

    GUEST = "guest"  # nobody signed in
    READER = "reader"
    AUTHOR = "author"
    MODERATOR = "moderator"
    ADMIN = "admin"


class ArticleStatus(StrEnum):
    """Name the states of an article; scheduled is published with a date to come."""

    DRAFT = "draft"
    PUBLISHED = "published"


class CommentStatus(StrEnum):
    """Name the states of a comment (design, section 3)."""

    PUBLISHED = "published"
    HELD = "held"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    SPAM = "spam"
    SEALED = "sealed"
    ERASED = "erased"


class Actor(Protocol):
    """Be whoever acts. `id` is None for a visitor; `guest_comments` are those this browser wrote as a guest."""

    @property
    def id(self) -> int | None: ...
    @property
    def role(self) -> str: ...
    @property
    def approved_at(self) -> datetime | None: ...
    @property
    def suspended_until(self) -> datetime | None: ...
    @property
    def suspension_reason(self) -> str: ...
    @property
    def deactivated_at(self) -> datetime | None: ...
    @property
    def guest_comments(self) -> Collection[int]: ...


@dataclass(frozen=True)
class Nobody:
    """Be a visitor who did not sign in."""

    guest_comments: frozenset[int] = frozenset()
    id: None = None
    role: str = Role.GUEST
    approved_at: None = None
    suspended_until: None = None
    suspension_reason: str = ""
    deactivated_at: None = None


NOBODY = Nobody()


class SiteFacts(Protocol):
    """Be the settings the rules ask for."""

    @property
    def who_may_comment(self) -> str: ...
    @property
    def edit_minutes(self) -> int: ...
    @property
    def public_history(self) -> bool: ...


class ArticleFacts(Protocol):
    """Be an article, as far as the rules care."""

    @property
    def author_id(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def published_at(self) -> datetime | None: ...


class CommentFacts(Protocol):
    """Be a comment, as far as the rules care."""

    @property
    def id(self) -> int: ...
    @property
    def author_id(self) -> int | None: ...
    @property
    def status(self) -> str: ...
    @property
    def reply_count(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def edited_at(self) -> datetime | None: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...


class ClosureFacts(Protocol):
    """Be a closure, as far as the rules care."""

    @property
    def id(self) -> int: ...
    @property
    def branch_id(self) -> int | None: ...
    @property
    def person_a_id(self) -> int | None: ...
    @property
    def person_b_id(self) -> int | None: ...
    @property
    def words(self) -> str: ...
    @property
    def closed_by_id(self) -> int | None: ...
    @property
    def staff_may(self) -> bool: ...
    @property
    def once_id(self) -> int | None: ...
    @property
    def once_used_at(self) -> datetime | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def reopened_at(self) -> datetime | None: ...


Kind = Literal["forbidden", "sign-in", "closed"]


@dataclass(frozen=True)
class Verdict:
    """Be an answer: true or false, and with every no a reason that can be shown to the person it concerns.

    `words` are the closing words of the closure that says no; `once` is the closure that lets somebody answer once.
    """

    allowed: bool
    reason: str = ""
    kind: Kind = "forbidden"
    words: str = ""
    once: ClosureFacts | None = None

    def __bool__(self) -> bool:
        return self.allowed

    def require(self) -> None:
        """Raise what a no means: SignInNeeded, Conflict (closed) or Forbidden."""
        if self.allowed:
            return
        if self.kind == "sign-in":
            raise SignInNeeded(self.reason)
        if self.kind == "closed":
            raise Conflict(self.reason, self.words)
        raise Forbidden(self.reason)


YES = Verdict(True)


def no(reason: str, kind: Kind = "forbidden") -> Verdict:
    """Return a no with its reason."""
    return Verdict(False, reason, kind)


def is_own(actor: Actor, comment: CommentFacts) -> bool:
    """Tell whether this person, or this browser as a guest, wrote the comment."""
    if comment.author_id is None:
        return comment.id in actor.guest_comments
    return comment.author_id == actor.id


def is_staff(actor: Actor) -> bool:
    """Tell whether this person moderates everywhere."""
    return actor.role in (Role.MODERATOR, Role.ADMIN) and actor.deactivated_at is None
