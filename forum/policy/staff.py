"""What authors, moderators and admins may do."""

from __future__ import annotations

from collections.abc import Collection

from forum.policy.facts import (
    YES,
    Actor,
    ArticleFacts,
    CommentFacts,
    CommentStatus,
    ModeratedFacts,
    Verdict,
    in_good_standing,
    is_admin,
    is_author,
    is_own,
    is_staff,
    no,
)
from forum.policy.moderating import moderates, reach
from forum.policy.reasons import Code

EXPORTED_AT_ONCE = 10_000  # comments: some seconds, for which a browser waits; a worker makes a larger file
FILES_AT_ONCE = 10  # large files that wait, are made or are kept: what one day's admins need


def may_write_articles(actor: Actor) -> Verdict:
    """Answer whether somebody may write articles: authors, moderators and admins may."""
    return in_good_standing(actor) and (YES if is_author(actor) else no(Code.ONLY_AUTHORS))


def may_edit_article(actor: Actor, article: ArticleFacts) -> Verdict:
    """Answer whether somebody may change an article: its author and admins may."""
    changes = is_admin(actor) or actor.id == article.author_id
    return may_write_articles(actor) and (YES if changes else no(Code.ONLY_ARTICLE_AUTHOR))


def may_moderate(actor: Actor, article: ModeratedFacts) -> Verdict:
    """Answer whether somebody may moderate here: those who have the article in their `reach`."""
    return in_good_standing(actor) and (YES if moderates(actor, article) else no(Code.ONLY_MODERATORS))


def may_moderate_everywhere(actor: Actor) -> Verdict:
    """Answer whether somebody may moderate everywhere: moderators and admins may."""
    return in_good_standing(actor) and (YES if is_staff(actor) else no(Code.ONLY_MODERATORS))


def may_open_desk(actor: Actor) -> Verdict:
    """Answer whether somebody may open the queue: those who moderate anywhere; they find in it what is there."""
    return in_good_standing(actor) and (YES if reach(actor) else no(Code.ONLY_MODERATORS))


def may_save_reply(actor: Actor, *, shared: bool) -> Verdict:
    """Answer whether somebody may keep texts to use again: those who have the queue, for themselves.

    Admins may for everybody, too.
    """
    return may_administer(actor) if shared else may_open_desk(actor)


def may_undo_for(actor: Actor, moderator_id: int) -> Verdict:
    """Answer whether somebody may see and take back an act about several cases: its maker may, and staff."""
    mine = actor.id == moderator_id and bool(reach(actor))
    return in_good_standing(actor) and (YES if mine or is_staff(actor) else no(Code.ONLY_MODERATORS))


def may_decide(actor: Actor, article: ModeratedFacts, comment: CommentFacts) -> Verdict:
    """Answer whether somebody may decide about a comment: those who moderate here may, but not about their own."""
    if not (verdict := may_moderate(actor, article)):
        return verdict
    if is_own(actor, comment) and not is_admin(actor):
        return no(Code.OWN_COMMENT_DECIDED)
    if comment.status in (CommentStatus.ERASED, CommentStatus.SEALED, CommentStatus.WITHDRAWN):
        return no(Code.COMMENT_GONE)
    return YES


def may_decide_as_party(others: int) -> Verdict:
    """Answer whether somebody may decide about whom they are answering in that thread: not while others could.

    `others` counts the other people who moderate everywhere today.
    """
    return YES if others == 0 else no(Code.PARTY_DECIDED)


def may_settle_exchange(actor: Actor, two: Collection[int], others: int) -> Verdict:
    """Answer whether somebody may decide about an exchange of two: moderators may, but for the two while others could.

    `others` counts the other people who moderate everywhere today.
    """
    verdict = may_moderate_everywhere(actor)
    return may_decide_as_party(others) if verdict and actor.id in two else verdict


def may_see_reporters(actor: Actor, article: ModeratedFacts, comment: CommentFacts) -> Verdict:
    """Answer whether somebody may see who reported: moderators may, in their tags or everywhere, of others' comments.

    An author may not, for the reporter may be afraid of them.
    """
    sees = is_staff(actor) or reach(actor).has_tag_of(article)
    return YES if sees and not is_own(actor, comment) else no(Code.REPORTERS_NOT_SHOWN)


def may_see_reporters_of(actor: Actor, writer_id: int | None) -> Verdict:
    """Answer the same about all that one person wrote, where the log knows only who that is."""
    return YES if is_staff(actor) and writer_id != actor.id else no(Code.REPORTERS_NOT_SHOWN)


def may_see_revisions(actor: Actor, article: ModeratedFacts, comment: CommentFacts) -> Verdict:
    """Answer whether somebody may see earlier versions: the writer may, and those who moderate here.

    Of a sealed comment only admins may.
    """
    if comment.status == CommentStatus.SEALED:
        return may_administer(actor)
    if is_own(actor, comment):
        return YES
    return may_moderate(actor, article)


def may_see_article_versions(actor: Actor, article: ModeratedFacts) -> Verdict:
    """Answer whether somebody may see an article's earlier versions: its author, admins, and those who moderate here.

    Who may not change the article sees only what readers could read.
    """
    return may_edit_article(actor, article) or may_moderate(actor, article)


def may_erase(actor: Actor) -> Verdict:
    """Answer whether somebody may erase: only admins may, because it cannot be undone."""
    return may_administer(actor)


def may_administer(actor: Actor | None) -> Verdict:
    """Answer whether somebody may change settings and people, import and export: admins may.

    None is the operator, who may: a person who can start the program can read its database anyway.
    """
    if actor is None:
        return YES
    return in_good_standing(actor) and (YES if is_admin(actor) else no(Code.ONLY_ADMINS))
