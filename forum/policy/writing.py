"""Who may write, answer, edit, delete and report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from forum.policy.closing import closes_reply
from forum.policy.facts import (
    YES,
    Actor,
    ClosureFacts,
    CommentFacts,
    CommentStatus,
    DiscussedFacts,
    ModeratedFacts,
    SiteFacts,
    Verdict,
    in_good_standing,
    is_out,
    is_own,
    no,
)
from forum.policy.moderating import moderates
from forum.policy.reasons import Code

UNDO_WITHDRAW = timedelta(minutes=10)  # long enough to notice a slip, short enough that nobody relies on it
WITHDRAWN_KEPT = timedelta(days=30)  # a deleted text stays with moderators so long; /privacy says so
QUIET_EDIT = timedelta(minutes=10)  # a typo mended at once is nobody's business


def may_write(actor: Actor, site: SiteFacts) -> Verdict:
    """Answer whether somebody may write at all.

    Members in good standing may, visitors where guests are allowed, nobody where commenting is off.
    """
    if site.who_may_comment == "nobody":
        return no(Code.COMMENTING_OFF)
    if actor.id is None:
        if site.who_may_comment == "guests":
            return YES
        return no(Code.SIGN_IN_TO_COMMENT)
    return in_good_standing(actor)


def may_comment(
    actor: Actor, site: SiteFacts, article: DiscussedFacts, closures: Iterable[ClosureFacts], now: datetime
) -> Verdict:
    """Answer whether somebody may begin a thread: those who may write, under a published article not closed to them."""
    if not is_out(article, now):
        return no(Code.ARTICLE_NOT_OUT)
    return may_write(actor, site) and closes_reply(actor, article, closures, None, now)


def may_reply(
    actor: Actor,
    site: SiteFacts,
    article: DiscussedFacts,
    parent: CommentFacts,
    closures: Iterable[ClosureFacts],
    answered_id: int | None,
    now: datetime,
) -> Verdict:
    """Answer whether somebody may reply: those who may write, to a published comment, unless a closure covers it.

    `closures` are those in whose place the parent stands; `answered_id` is the writer of the nearest comment, from
    the parent up, that is not the actor's own.
    """
    if not is_out(article, now):
        return no(Code.ARTICLE_NOT_OUT)
    if parent.status == CommentStatus.HELD:
        return no(Code.PARENT_HELD)
    if parent.status != CommentStatus.PUBLISHED:
        return no(Code.PARENT_GONE)
    return may_write(actor, site) and closes_reply(actor, article, closures, answered_id, now)


def may_edit(
    actor: Actor,
    site: SiteFacts,
    article: DiscussedFacts,
    comment: CommentFacts,
    closures: Iterable[ClosureFacts],
    now: datetime,
) -> Verdict:
    """Answer whether somebody may edit a comment.

    Its writer may, for the minutes the site allows, while the place is open to them. A guest may only while it
    waits: what a moderator read is what is published.
    """
    if not is_own(actor, comment):
        # Its writer may have been signed out meanwhile; a guest's comment is known by the browser alone.
        return no(Code.SIGN_IN if actor.id is None and comment.author_id is not None else Code.ONLY_WRITER_EDITS)
    if actor.id is not None and not (standing := in_good_standing(actor)):
        return standing
    if comment.status == CommentStatus.WITHDRAWN:
        return no(Code.COMMENT_DELETED)
    if comment.status not in (CommentStatus.PUBLISHED, CommentStatus.HELD):
        return no(Code.COMMENT_REMOVED)
    if comment.author_id is None and comment.status == CommentStatus.PUBLISHED:
        return no(Code.APPROVED_AS_IT_IS)
    if site.edit_minutes <= 0:
        return no(Code.EDITING_OFF)
    if now - comment.created_at > (after := timedelta(minutes=site.edit_minutes)):
        return no(Code.EDITING_OVER, after=after)
    not_of_two = [closure for closure in closures if closure.person_b_id is None]
    return closes_reply(actor, article, not_of_two, None, now)


def may_withdraw(actor: Actor, comment: CommentFacts) -> Verdict:
    """Answer whether somebody may delete a comment: its writer may at any time, also where the discussion is closed."""
    if not is_own(actor, comment):
        return no(Code.ONLY_WRITER_DELETES)
    if actor.deactivated_at is not None:
        return no(Code.ACCOUNT_OFF)
    if comment.status not in (CommentStatus.PUBLISHED, CommentStatus.HELD):
        return no(Code.COMMENT_GONE)
    return YES


def may_undo_withdraw(actor: Actor, comment: CommentFacts, now: datetime) -> Verdict:
    """Answer whether somebody may take a deletion back: the writer may, for ten minutes.

    It publishes, so it needs good standing as writing does.
    """
    if not is_own(actor, comment):
        return no(Code.ONLY_WRITER_RESTORES)
    if actor.id is not None and not (standing := in_good_standing(actor)):
        return standing
    if comment.status != CommentStatus.WITHDRAWN or comment.withdrawn_at is None:
        return no(Code.COMMENT_NOT_DELETED)
    if now - comment.withdrawn_at > UNDO_WITHDRAW:
        return no(Code.UNDO_DELETION_OVER)
    return YES


def may_flag(actor: Actor, comment: CommentFacts) -> Verdict:
    """Answer whether somebody may report a comment: everybody may report what others published.

    A guest may, too: people who are attacked often have no account. Members need good standing.
    """
    if is_own(actor, comment):
        return no(Code.OWN_COMMENT_REPORTED)
    if comment.status != CommentStatus.PUBLISHED:
        return no(Code.COMMENT_GONE)
    return YES if actor.id is None else in_good_standing(actor)


def is_screened(actor: Actor, article: ModeratedFacts) -> bool:
    """Tell whether what somebody writes is screened: nothing by those who moderate here is, for they would decide.

    What somebody writes who is held waits everywhere.
    """
    return actor.held_until is not None or not moderates(actor, article)


def shows_edited(comment: CommentFacts) -> bool:
    """Tell whether readers see that a comment was edited: not within its first ten minutes without a reply."""
    if comment.edited_at is None:
        return False
    return comment.reply_count > 0 or comment.edited_at - comment.created_at > QUIET_EDIT
