"""What one person may do with one comment: every no with its reason. Shown by `/comments/ID/more`, never cached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from forum import policy
from forum.articles.models import Article
from forum.articles.queries import Heading
from forum.clock import now
from forum.closures import queries as closures
from forum.closures import shown as shown_closures
from forum.closures.queries import ClosureView
from forum.comments import ancestry, verdicts
from forum.comments.models import Comment
from forum.comments.queries import CommentView
from forum.db import session
from forum.notifications import queries as notices
from forum.people.models import Person
from forum.policy import Actor, CommentStatus, ModeratedFacts, Verdict
from forum.policy.facts import is_own
from forum.policy.moderating import moderates
from forum.policy.reasons import Code
from forum.site.queries import SiteView


@dataclass(frozen=True)
class Item:
    """One line of the menu: `endpoint` leads there where the verdict is yes."""

    label: str
    endpoint: str
    verdict: Verdict
    method: str = "get"
    values: Mapping[str, str | int] | None = None  # of its address, where that is not only the comment's id


@dataclass(frozen=True)
class Between:
    """An exchange of this person that was ended: by which closure, with whom, until when.

    `once`: this person may answer once more.
    """

    closure_id: int
    name: str
    own: str  # this person's own
    until: datetime | None
    once: bool


@dataclass(frozen=True)
class Box:
    """The place where one would write: open, or closed with the reason and what one can do instead.

    `closed` is the closure of the whole article, for the people it keeps from writing; `alone` the one that keeps only
    this person from it; `between` are those that keep this person and one other from answering each other here;
    `coming` are those of the whole article that are announced.
    """

    verdict: Verdict
    guest: bool
    closed: ClosureView | None = None
    coming: tuple[ClosureView, ...] = ()
    alone: ClosureView | None = None
    between: tuple[Between, ...] = ()


@dataclass(frozen=True)
class Tool:
    """One thing this person may do with the article: its label and where it leads."""

    label: str
    endpoint: str
    values: dict[str, str | int]


def box(actor: Actor, settings: SiteView, article_id: int, parent_id: int | None = None) -> Box:
    """Answer, before a word is typed, whether somebody may write here."""
    article = session.get_one(Article, article_id)
    parent = session.get_one(Comment, parent_id) if parent_id else None
    moment = now()
    concerning = closures.concerning(article_id, actor.id)
    verdict = verdicts.reply_verdict(actor, settings, article, parent, moment, concerning)
    told = [closure.at(moment) for closure in concerning]
    shut = between(actor, article, told) if verdict.reason and verdict.reason.code == Code.TWO_ENDED else ()
    return replace(_box(actor, verdict, told), between=shut)


def box_under(actor: Actor, settings: SiteView, article: Heading, shown: Iterable[ClosureView]) -> Box:
    """Answer the same for a new thread from what the finished page knows, and from what is closed for this person."""
    moment = now()
    own = [closure.at(moment) for closure in closures.for_one(article.id, actor.id)]
    everywhere = [closure for closure in (*shown, *own) if closure.branch_id is None]
    verdict = policy.may_comment(actor, settings, article, everywhere, moment)
    return _box(actor, verdicts.may_post_again(actor, moment) if verdict else verdict, everywhere)


def between(actor: Actor, article: ModeratedFacts, shown: Iterable[ClosureView]) -> tuple[Between, ...]:
    """Return with whom this person exchanges no answers under an article any more, for them alone to read."""
    found = []
    for closure in shown:
        if closure.over or closure.coming:
            continue
        if (name := closure.partner_of(actor.id)) and not (closure.staff_may and moderates(actor, article)):
            own = (closure.first if actor.id == closure.person_a_id else closure.second) or ""
            once = closure.once_id == actor.id and closure.once_used_at is None
            found.append(Between(closure.id, name, own, closure.until, once))
    return tuple(found)


def article_tools(actor: Actor, article: Heading, closed_id: int | None) -> list[Tool]:
    """Return what this person may do with the article itself: change it, export it, close or reopen its discussion."""
    tools: list[Tool] = []
    if policy.may_edit_article(actor, article):
        tools.append(Tool(_("Edit this article"), "articles.edit", {"slug": article.slug}))
    elif policy.may_see_article_versions(actor, article):
        tools.append(Tool(_("Earlier versions"), "articles.list_versions", {"slug": article.slug}))
    if policy.may_administer(actor):
        tools.append(Tool(_("Export"), "transfer.export_page", {"article": article.slug}))
    if policy.may_close(actor, article):
        if closed_id is None:
            tools.append(Tool(_("Close the discussion"), "comments.close_article", {"slug": article.slug}))
        else:
            tools.append(Tool(_("Open the discussion again"), "comments.reopen", {"id": closed_id}))
    if policy.may_move(actor, article) and _has_comments(article.id):
        tools.append(Tool(_("Move all comments to another article"), "comments.merge", {"slug": article.slug}))
    return tools


def _has_comments(article_id: int) -> bool:
    return session.scalar(select(Comment.id).where(Comment.article_id == article_id).limit(1)) is not None


def items(actor: Actor, settings: SiteView, comment: CommentView) -> list[Item]:
    """Return the menu of a comment for one person; what could never be theirs is left out, not refused."""
    article, moment = comment.article, now()
    row = session.get_one(Comment, comment.id)
    concerning = closures.concerning(comment.article_id, actor.id)
    whole = session.get_one(Article, comment.article_id)
    reply = verdicts.reply_verdict(actor, settings, whole, row, moment, concerning)
    own = is_own(actor, row)
    menu = [Item(_("Reply"), "comments.reply", reply)]
    if own:
        menu.append(Item(_("Edit"), "comments.edit", edit_verdict(actor, settings, comment, concerning)))
        if row.status == CommentStatus.WITHDRAWN:
            undo = policy.may_undo_withdraw(actor, row, moment)
            menu.append(Item(_("Bring it back"), "comments.undo_withdraw", undo, "post"))
        else:
            menu.append(Item(_("Delete my comment"), "comments.withdraw", policy.may_withdraw(actor, row)))
    else:
        menu.append(Item(_("Report"), "moderation.flag", policy.may_flag(actor, row)))
    if own and row.status == CommentStatus.HIDDEN and (seen := policy.may_see(actor, row, article)):
        menu.append(Item(_("Read what was removed"), "comments.history", seen))
    elif comment.edited_at and (seen := policy.may_see_revisions(actor, article, row)):
        menu.append(Item(_("Earlier versions"), "comments.history", seen))
    return [
        *menu,
        *_follow(actor, row, own),
        *_staff(actor, article, row, concerning),
        *_account(actor, comment),
    ]


def edit_verdict(
    actor: Actor, settings: SiteView, comment: CommentView, concerning: Sequence[ClosureView] | None = None
) -> Verdict:
    """Answer, before a word is typed, whether somebody may edit a comment.

    `concerning` are the closures of the article that nobody reopened, where they have been read already.
    """
    row = session.get_one(Comment, comment.id)
    covering = verdicts.covering(comment.article_id, row, actor.id, concerning)
    return policy.may_edit(actor, settings, session.get_one(Article, comment.article_id), row, covering, now())


def _box(actor: Actor, verdict: Verdict, told: Iterable[ClosureView]) -> Box:
    told = [closure for closure in told if not closure.over]
    coming = shown_closures.coming(told)
    if verdict:
        return Box(verdict, actor.id is None, coming=coming)
    alone = verdict.reason is not None and verdict.reason.code == Code.ONE_ENDED
    own = next((closure for closure in told if alone and closure.for_one and not closure.coming), None)
    return Box(verdict, actor.id is None, shown_closures.whole(told), coming, own)


def _follow(actor: Actor, row: Comment, own: bool) -> list[Item]:
    """Return the ways to hear of what is written below a comment, or to hear of it no more."""
    verdict = policy.may_follow(actor)
    words = {"branch": (_("Follow this exchange"), _("Stop following this exchange"))}
    if own:
        words["answers"] = (_("Tell me of answers"), _("Stop telling me of answers"))
    found = []
    for kind, (follow, stop) in words.items():
        follows = actor.id is not None and notices.follows(actor.id, kind, row.id)
        label, endpoint = (stop, "following.stop") if follows else (follow, "following.follow")
        found.append(Item(label, endpoint, verdict, "post", {"kind": kind, "subject": row.id}))
    return found


def _staff(actor: Actor, article: ModeratedFacts, row: Comment, concerning: Sequence[ClosureView]) -> list[Item]:
    if not policy.may_moderate(actor, article):
        return []
    # What is ended is opened again, not ended once more.
    if ended := _ended(row, concerning):
        first = Item(
            _("Open it again"),
            "comments.reopen",
            policy.may_change_closure(actor, article, ended),
            values={"id": ended.id},
        )
    else:
        first = Item(_("End this exchange"), "comments.close_branch", policy.may_close(actor, article))
    menu = [
        first,
        *_for_one(actor, article, row),
        Item(_("Move it with its replies"), "comments.move", policy.may_move(actor, article)),
        Item(_("Keep or remove"), "moderation.decide", policy.may_decide(actor, article, row)),
    ]
    if row.author_id is not None and (known := policy.may_see_record(actor, session.get_one(Person, row.author_id))):
        writer = session.get_one(Person, row.author_id)
        label = _("About %(name)s: warn, slow down, suspend", name=writer.display_name)
        menu.append(Item(label, "records.person", known, values={"name": writer.username, "comment": row.id}))
    if erase := policy.may_erase(actor):
        menu.append(Item(_("Remove for good"), "moderation.erase_comment", erase))
    return menu


def _for_one(actor: Actor, article: ModeratedFacts, row: Comment) -> list[Item]:
    """Return the way to close it for a comment's writer alone, or to let them write again; none about oneself."""
    if row.author_id is None or row.author_id == actor.id:
        return []
    writer, moment = session.get_one(Person, row.author_id), now()
    names = {"name": writer.display_name}
    held = [closure for closure in closures.for_one(row.article_id, writer.id) if closure.holds(moment)]
    if held and (found := [one for one in verdicts.covering(row.article_id, row, writer.id, held) if one.article_id]):
        label, values = _("Let %(name)s write here again", **names), {"id": found[0].id}
        return [Item(label, "comments.reopen", policy.may_change_closure(actor, article, found[0]), values=values)]
    label = _("End it for %(name)s only", **names)
    verdict = policy.may_close(actor, article, person=writer)
    return [Item(label, "comments.close_branch", verdict, values={"id": row.id, "people": "one"})]


def _account(actor: Actor, comment: CommentView) -> list[Item]:
    """Return the way to the account of a comment's writer, for those who manage accounts."""
    if comment.author_id is None or comment.author_id == actor.id or not (manages := policy.may_administer(actor)):
        return []
    label = _("Manage the account of %(name)s", name=comment.name)
    return [Item(label, "people.person", manages, values={"person_id": comment.author_id})]


def _ended(row: Comment, concerning: Sequence[ClosureView]) -> ClosureView | None:
    """Return the closure in force that ended the exchange in which a comment stands, for all or for its two people."""
    moment = now()
    own = [one for one in concerning if one.article_id is not None and not one.for_one and one.holds(moment)]
    covering = verdicts.covering(row.article_id, row, None, own)
    if found := next((closure for closure in covering if not closure.for_two), None):
        return found
    if row.author_id is None or not covering:
        return None
    pair = {row.author_id, ancestry.answered(row, row.author_id)}
    return next((closure for closure in covering if {closure.person_a_id, closure.person_b_id} == pair), None)
