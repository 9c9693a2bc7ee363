"""Who may write, answer, edit, delete and report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from forum.policy.closing import closes_reply
from forum.policy.facts import (
    YES,
    Actor,
    ArticleFacts,
    ArticleStatus,
    ClosureFacts,
    CommentFacts,
    CommentStatus,
    SiteFacts,
    Verdict,
    is_own,
    no,
)

UNDO_WITHDRAW = timedelta(minutes=10)  # long enough to notice a slip, short enough that nobody relies on it
HALF_A_DAY = timedelta(hours=12)
QUIET_EDIT = timedelta(minutes=10)  # a typo mended at once is nobody's business

NOT_THE_WRITER = "Only its writer can delete a comment."


def may_write(actor: Actor, site: SiteFacts, now: datetime) -> Verdict:
    """Members in good standing write; visitors where guests are allowed; nobody where commenting is off."""
    if site.who_may_comment == "nobody":
        return no("Commenting is switched off on this site.")
    if actor.id is None:
        if site.who_may_comment == "guests":
            return YES
        return no("Please sign in to take part in the discussion.", "sign-in")
    return _in_good_standing(actor, now)


def may_comment(
    actor: Actor, site: SiteFacts, article: ArticleFacts, closures: Iterable[ClosureFacts], now: datetime
) -> Verdict:
    """Whoever may write begins a thread under a published article that is not closed for them."""
    if not _is_out(article, now):
        return no("This article is not published yet, so nobody can comment on it.")
    return may_write(actor, site, now) and closes_reply(actor, article, closures, None, now)


def may_reply(
    actor: Actor,
    site: SiteFacts,
    article: ArticleFacts,
    parent: CommentFacts,
    closures: Iterable[ClosureFacts],
    answered_id: int | None,
    now: datetime,
) -> Verdict:
    """Whoever may write answers a published comment, unless a closure covers the answer.

    `closures` are those in whose place the parent stands; `answered_id` is the writer of the nearest comment, from
    the parent up, that is not the actor's own.
    """
    if not _is_out(article, now):
        return no("This article is not published yet, so nobody can comment on it.")
    if parent.status == CommentStatus.HELD:
        return no("This comment waits for approval, so nobody can reply to it yet.", "closed")
    if parent.status != CommentStatus.PUBLISHED:
        return no("The comment you are replying to is no longer there.", "closed")
    return may_write(actor, site, now) and closes_reply(actor, article, closures, answered_id, now)


def may_edit(
    actor: Actor,
    site: SiteFacts,
    article: ArticleFacts,
    comment: CommentFacts,
    closures: Iterable[ClosureFacts],
    now: datetime,
) -> Verdict:
    """A writer edits their own comment for the minutes the site allows, while the place is open to everyone.

    A guest's only while it waits: what a moderator read is what is published.
    """
    if not is_own(actor, comment):
        return no("Only its writer can edit a comment.")
    if actor.id is not None and not (standing := _in_good_standing(actor, now)):
        return standing
    if comment.status == CommentStatus.WITHDRAWN:
        return no("You deleted this comment. Bring it back before you edit it.", "closed")
    if comment.status not in (CommentStatus.PUBLISHED, CommentStatus.HELD):
        return no("This comment was removed, so it can no longer be edited.", "closed")
    if comment.author_id is None and comment.status == CommentStatus.PUBLISHED:
        return no("A moderator approved this comment as it is, so it can no longer be edited. You can still delete it.")
    if now - comment.created_at > timedelta(minutes=site.edit_minutes):
        return no(f"A comment can be edited for {site.edit_minutes} minutes. You can still reply to it or delete it.")
    for_all = [closure for closure in closures if closure.person_a_id is None]
    return closes_reply(actor, article, for_all, None, now)


def may_withdraw(actor: Actor, comment: CommentFacts) -> Verdict:
    """A writer deletes their own comment whenever they like, also where the discussion is closed."""
    if not is_own(actor, comment):
        return no(NOT_THE_WRITER)
    if actor.deactivated_at is not None:
        return no("This account is switched off.")
    if comment.status not in (CommentStatus.PUBLISHED, CommentStatus.HELD):
        return no("This comment is already gone.", "closed")
    return YES


def may_undo_withdraw(actor: Actor, comment: CommentFacts, now: datetime) -> Verdict:
    """A writer takes a deletion back for ten minutes."""
    if not is_own(actor, comment):
        return no("Only its writer can bring a comment back.")
    if actor.deactivated_at is not None:
        return no("This account is switched off.")
    if comment.status != CommentStatus.WITHDRAWN or comment.withdrawn_at is None:
        return no("This comment is not deleted.", "closed")
    if now - comment.withdrawn_at > UNDO_WITHDRAW:
        return no("A deletion can be undone for ten minutes, and they are over.")
    return YES


def may_flag(actor: Actor, comment: CommentFacts, now: datetime) -> Verdict:
    """Every member reports what others published."""
    if actor.id is None:
        return no("Please sign in to report a comment.", "sign-in")
    if is_own(actor, comment):
        return no("This is your own comment. You can edit or delete it instead.")
    if comment.status != CommentStatus.PUBLISHED:
        return no("This comment is already gone.", "closed")
    return _in_good_standing(actor, now)


def shows_edited(comment: CommentFacts) -> bool:
    """Tell whether readers see that a comment was edited: not within its first ten minutes without a reply."""
    if comment.edited_at is None:
        return False
    return comment.reply_count > 0 or comment.edited_at - comment.created_at > QUIET_EDIT


def _is_out(article: ArticleFacts, now: datetime) -> bool:
    return article.status == ArticleStatus.PUBLISHED and bool(article.published_at) and article.published_at <= now  # type: ignore[operator]


def _in_good_standing(actor: Actor, now: datetime) -> Verdict:
    if actor.deactivated_at is not None:
        return no("This account is switched off.")
    if actor.approved_at is None:
        return no("Your account waits for approval. You can write as soon as an admin has said yes.")
    if actor.suspended_until is not None and actor.suspended_until > now:
        return no(_until(actor.suspended_until, actor.suspension_reason))
    return YES


def _until(moment: datetime, reason: str) -> str:
    # It ends with a day of the site's own clock, whose noon has the same date in UTC: no zone has to be named.
    last = f"{moment.astimezone(UTC) - HALF_A_DAY:%-d %B %Y}"
    given = f" The reason given: {reason}" if reason else ""
    return f"You cannot write here until the end of {last}.{given}"
