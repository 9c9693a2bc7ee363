"""Who sees what."""

from __future__ import annotations

from datetime import datetime, timedelta

from forum.policy.closing import StandingFacts
from forum.policy.facts import (
    YES,
    Actor,
    ArticleFacts,
    CommentFacts,
    CommentStatus,
    ModeratedFacts,
    SiteFacts,
    Verdict,
    is_admin,
    is_out,
    is_own,
    is_staff,
    no,
)
from forum.policy.moderating import moderates, moderates_tag
from forum.policy.reasons import Code

VISIT = timedelta(minutes=30)  # without a page of a discussion, after which one comes back to it
NOTED_EVERY = timedelta(minutes=1)  # so that who turns pages does not write with each
VISITS_KEPT = timedelta(days=365)  # /privacy says so


def has_place(status: str, reply_count: int) -> bool:
    """Tell whether a comment stands in the thread for everybody: published, or a frame with a reply below.

    The frame stays whatever took the text away, also spam or an approval taken back: without it the replies would seem
    to answer the comment above the frame.
    """
    return status == CommentStatus.PUBLISHED or reply_count > 0


def may_read_article(actor: Actor, article: ArticleFacts, now: datetime) -> Verdict:
    """Answer whether somebody may read an article: everybody once it is out, before that its author and admins.

    Its author goes on reading it, suspended or demoted: it is their own text.
    """
    if is_out(article, now):
        return YES
    if is_admin(actor) or (actor.id == article.author_id and actor.deactivated_at is None):
        return YES
    return no(Code.ARTICLE_NOT_SHOWN)


def may_see(actor: Actor, comment: CommentFacts, article: ModeratedFacts) -> Verdict:
    """Answer whether this person may read a comment's text.

    Published: everybody. Held or hidden: its writer and those who moderate here. Withdrawn or spam: those who moderate
    here. Sealed: admins. Erased: nobody.
    """
    moderating = moderates(actor, article)
    allowed = {
        CommentStatus.PUBLISHED: True,
        CommentStatus.HELD: moderating or is_own(actor, comment),
        CommentStatus.HIDDEN: moderating or is_own(actor, comment),
        CommentStatus.WITHDRAWN: moderating,
        CommentStatus.SPAM: moderating,
        CommentStatus.SEALED: is_admin(actor),
        CommentStatus.ERASED: False,
    }
    return YES if allowed[CommentStatus(comment.status)] else no(Code.COMMENT_NOT_SHOWN)


def may_see_frame(actor: Actor, comment: CommentFacts, article: ModeratedFacts) -> Verdict:
    """Answer whether this person may know that the comment is there: it has a place, or they may read it."""
    if has_place(comment.status, comment.reply_count):
        return YES
    return may_see(actor, comment, article)


def may_see_history(actor: Actor, site: SiteFacts) -> Verdict:
    """Answer whether somebody may see the log of moderation: everybody, unless an admin keeps it to the moderators."""
    return YES if site.public_history or is_staff(actor) else no(Code.HISTORY_NOT_SHOWN)


def may_read_closure(actor: Actor, article: ModeratedFacts | None, closure: StandingFacts, now: datetime) -> Verdict:
    """Answer whether somebody may read about a closure: those who read its article; of the site's or a tag's, all.

    Of one for one person only that person may, and those who may change it or moderate there: others are told nothing.
    """
    if article is not None and not (verdict := may_read_article(actor, article, now)):
        return verdict
    if (one := closure.concerned) is None or actor.id == one.id:
        return YES
    if article is not None:
        return YES if moderates(actor, article) else no(Code.ONLY_MODERATORS)
    return YES if moderates_tag(actor, closure.tag_id) else no(Code.ONLY_MODERATORS)
