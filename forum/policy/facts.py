"""The few facts a rule needs, as Protocols that models, rows and dataclasses satisfy as they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from forum.errors import Conflict, Forbidden, SignInNeeded
from forum.policy.reasons import Code, Kind, Reason, Value


class Role(StrEnum):
    """What somebody is on this site; each role can do what the one before can."""

    GUEST = "guest"  # nobody signed in
    READER = "reader"
    AUTHOR = "author"
    MODERATOR = "moderator"
    ADMIN = "admin"


class ArticleStatus(StrEnum):
    """The state of an article; a scheduled article is published, with a date to come."""

    DRAFT = "draft"
    PUBLISHED = "published"


class CommentStatus(StrEnum):
    """The state of a comment, which decides who sees its text (`reading.may_see`)."""

    PUBLISHED = "published"
    HELD = "held"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    SPAM = "spam"
    SEALED = "sealed"
    ERASED = "erased"


class CaseState(StrEnum):
    """The state of a case; one is gone whose subject left before anybody decided."""

    OPEN = "open"
    DECIDED = "decided"
    GONE = "gone"


class Queue(StrEnum):
    """Where a case waits. A decision that nobody asked for has a case, too, which never waited."""

    REPORTED = "reported"
    WAITING = "waiting"
    ACCOUNTS = "accounts"
    OBJECTIONS = "objections"
    NOTICES = "notices"  # of law
    EXCHANGES = "exchanges"  # that go in circles
    UNASKED = "unasked"


class SanctionKind(StrEnum):
    """What moderators do about a person, the mildest first. Of a note the person is not told."""

    NOTE = "note"
    WARNING = "warning"
    HOLD = "hold"  # every comment of theirs waits for approval
    SLOW = "slow"  # so many minutes between two of their comments
    SUSPENSION = "suspension"
    BAN = "ban"


# The end of what lasts until somebody lifts it. It can be stored (`clock.is_usable`), and no person chooses it.
FOREVER = datetime(2199, 12, 31, tzinfo=UTC)


class Actor(Protocol):
    """The person who acts, as they are at the moment of acting.

    `id` is None for a visitor; `guest_comments` are those this browser wrote as a guest; `moderated_tags` the ids of
    the tags in which this person moderates. `suspended_until`, `held_until` and `slow_until` are None where no such
    sanction is in force: every reader of an actor asks `lasting()`.
    """

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
    def held_until(self) -> datetime | None: ...
    @property
    def slow_until(self) -> datetime | None: ...
    @property
    def slow_minutes(self) -> int: ...
    @property
    def deactivated_at(self) -> datetime | None: ...
    @property
    def follows_answers(self) -> bool: ...
    @property
    def moderated_tags(self) -> Collection[int]: ...
    @property
    def guest_comments(self) -> Collection[int]: ...


@dataclass(frozen=True)
class Nobody:
    """A visitor who did not sign in."""

    guest_comments: frozenset[int] = frozenset()
    id: None = None
    role: str = Role.GUEST
    approved_at: None = None
    suspended_until: None = None
    suspension_reason: str = ""
    held_until: None = None
    slow_until: None = None
    slow_minutes: int = 0
    deactivated_at: None = None
    follows_answers: bool = False
    moderated_tags: frozenset[int] = frozenset()


NOBODY = Nobody()


class SiteFacts(Protocol):
    """The settings of the site that rules ask for."""

    @property
    def who_may_comment(self) -> str: ...
    @property
    def edit_minutes(self) -> int: ...
    @property
    def public_history(self) -> bool: ...


class ArticleFacts(Protocol):
    """The facts of an article that rules ask for."""

    @property
    def author_id(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def published_at(self) -> datetime | None: ...


class ModeratedFacts(ArticleFacts, Protocol):
    """The facts of an article that rules about moderating under it ask for."""

    @property
    def tag_ids(self) -> Collection[int]: ...


class DiscussedFacts(ModeratedFacts, Protocol):
    """The facts of an article that rules about writing under it ask for."""

    @property
    def closes_at(self) -> datetime | None: ...


class CommentFacts(Protocol):
    """The facts of a comment that rules ask for."""

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
    """The facts of a closure that rules ask for."""

    @property
    def id(self) -> int: ...
    @property
    def article_id(self) -> int | None: ...
    @property
    def tag_id(self) -> int | None: ...
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
    def begins_at(self) -> datetime | None: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def reopened_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Verdict:
    """The answer to one question: a yes has no reason, and every no has one, which can be shown to the person.

    A no is falsy: `if verdict` asks whether it is a yes, not whether there is a verdict. `once` is the closure that
    lets somebody answer once more.
    """

    reason: Reason | None = None
    once: ClosureFacts | None = None

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def allowed(self) -> bool:
        """Tell whether it is a yes."""
        return self.reason is None

    @property
    def kind(self) -> Kind | None:
        """Tell what somebody can do about a no; None for a yes."""
        return self.reason.kind if self.reason else None

    def require(self) -> None:
        """Raise what a no means: SignInNeeded, Conflict (closed) or Forbidden."""
        if self.reason is None:
            return
        if self.reason.kind == "sign-in":
            raise SignInNeeded(self.reason)
        if self.reason.kind == "closed":
            raise Conflict(self.reason, self.reason.words)
        raise Forbidden(self.reason)


YES = Verdict()


def no(code: Code, **values: Value) -> Verdict:
    """Return a no with its reason."""
    return Verdict(Reason(code, values))


def signed_in(actor: Actor) -> Verdict:
    """Answer whether somebody acts with an account that is switched on."""
    if actor.id is None:
        return no(Code.SIGN_IN)
    return YES if actor.deactivated_at is None else no(Code.ACCOUNT_OFF)


def lasting(until: datetime | None, now: datetime) -> datetime | None:
    """Return until when a sanction lasts, None where its end has come: no worker need have run."""
    return until if until is not None and until > now else None


def is_sanctioned(actor: Actor) -> bool:
    """Tell whether an actor as stored has a sanction that may be in force; mostly nobody has to look at the clock."""
    return any(until is not None for until in (actor.suspended_until, actor.held_until, actor.slow_until))


def standing(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return the ends of an actor's sanctions as stored, None where the end has come."""
    names = ("suspended_until", "held_until", "slow_until")
    return {name: lasting(getattr(actor, name), now) for name in names}


def in_good_standing(actor: Actor) -> Verdict:
    """Answer whether somebody may do what others see: with an account that is on, approved and not suspended.

    Every other rule begins with this one, except those for what stays with everybody: reading, deleting one's own
    comment, and one's own address and password. If you write a rule without it, also say why, else a sanction does not
    bind there.
    """
    if not (verdict := signed_in(actor)):
        return verdict
    if actor.approved_at is None:
        return no(Code.ACCOUNT_WAITS)
    if actor.suspended_until is not None:
        given = {"reason": actor.suspension_reason} if actor.suspension_reason else {}
        if actor.suspended_until >= FOREVER:
            return no(Code.BANNED, **given)
        return no(Code.SUSPENDED, until=actor.suspended_until, **given)
    return YES


def is_out(article: ArticleFacts, now: datetime) -> bool:
    """Tell whether everybody may read an article: it is published, and its moment has come."""
    due = article.published_at is not None and article.published_at <= now
    return article.status == ArticleStatus.PUBLISHED and due


def was_out(article: ArticleFacts, now: datetime) -> bool:
    """Tell whether everybody could read an article once: its date has passed, whatever it is now."""
    return article.published_at is not None and article.published_at <= now


def is_own(actor: Actor, comment: CommentFacts) -> bool:
    """Tell whether this person, or this browser as a guest, wrote the comment."""
    if comment.author_id is None:
        return comment.id in actor.guest_comments
    return comment.author_id == actor.id


def is_staff(actor: Actor) -> bool:
    """Tell whether this person moderates everywhere."""
    return actor.role in (Role.MODERATOR, Role.ADMIN) and bool(in_good_standing(actor))


def is_admin(actor: Actor) -> bool:
    """Tell whether this person runs the site."""
    return actor.role == Role.ADMIN and bool(in_good_standing(actor))


def is_author(actor: Actor) -> bool:
    """Tell whether this person writes articles: authors, moderators and admins do, until they are demoted."""
    return actor.role in (Role.AUTHOR, Role.MODERATOR, Role.ADMIN) and bool(in_good_standing(actor))
