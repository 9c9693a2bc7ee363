"""What authors, moderators and admins may do."""

from __future__ import annotations

from forum.policy.closing import moderates
from forum.policy.facts import (
    YES,
    Actor,
    ArticleFacts,
    CommentFacts,
    CommentStatus,
    Role,
    Verdict,
    is_own,
    is_staff,
    no,
)


def may_write_articles(actor: Actor) -> Verdict:
    """Authors, moderators and admins write articles."""
    if actor.id is None:
        return no("Please sign in first.", "sign-in")
    writes = actor.role in (Role.AUTHOR, Role.MODERATOR, Role.ADMIN) and actor.deactivated_at is None
    return YES if writes else no("Only authors can write articles here.")


def may_edit_article(actor: Actor, article: ArticleFacts) -> Verdict:
    """An article is changed by its author and by admins."""
    if not (verdict := may_write_articles(actor)):
        return verdict
    changes = actor.role == Role.ADMIN or actor.id == article.author_id
    return YES if changes else no("Only its author can change an article.")


def may_moderate(actor: Actor, article: ArticleFacts) -> Verdict:
    """Moderators and admins moderate everywhere, authors under their own articles."""
    if actor.id is None:
        return no("Please sign in first.", "sign-in")
    return YES if moderates(actor, article) else no("Only moderators can do this.")


def may_moderate_everywhere(actor: Actor) -> Verdict:
    """Moderators and admins are not bound to their own articles."""
    return YES if is_staff(actor) else no("Only moderators can do this.")


def may_open_desk(actor: Actor) -> Verdict:
    """The queue is for moderators and admins, and for authors, who find in it what is under their own articles."""
    if actor.id is None:
        return no("Please sign in first.", "sign-in")
    opens = actor.role in (Role.AUTHOR, Role.MODERATOR, Role.ADMIN) and actor.deactivated_at is None
    return YES if opens else no("Only moderators can do this.")


def may_decide(actor: Actor, article: ArticleFacts, comment: CommentFacts) -> Verdict:
    """Whoever moderates here decides, but not about a comment of their own."""
    if not (verdict := may_moderate(actor, article)):
        return verdict
    if is_own(actor, comment) and actor.role != Role.ADMIN:
        return no("You wrote this comment, so somebody else has to decide.")
    if comment.status in (CommentStatus.ERASED, CommentStatus.SEALED, CommentStatus.WITHDRAWN):
        return no("This comment is gone already.", "closed")
    return YES


def may_see_reporters(actor: Actor, comment: CommentFacts) -> Verdict:
    """Moderators see who reported, never under their own comments."""
    return YES if is_staff(actor) and not is_own(actor, comment) else no("Who reported is not shown.")


def may_see_revisions(actor: Actor, article: ArticleFacts, comment: CommentFacts) -> Verdict:
    """Earlier versions are for the writer and for whoever moderates here."""
    if is_own(actor, comment):
        return YES
    return may_moderate(actor, article)


def may_erase(actor: Actor) -> Verdict:
    """Only admins erase: it cannot be undone."""
    return may_administer(actor)


def may_administer(actor: Actor) -> Verdict:
    """Settings, people, import and export are for admins."""
    if actor.id is None:
        return no("Please sign in first.", "sign-in")
    admin = actor.role == Role.ADMIN and actor.deactivated_at is None
    return YES if admin else no("Only admins can do this.")
