"""Move a branch, and move it back; or into a new article. The caller commits."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NoReturn

from flask_babel import gettext as _
from sqlalchemy import select

from forum import policy
from forum.acting import lock_at
from forum.articles import actions as articles
from forum.articles.models import Article
from forum.clock import now
from forum.closures import queries as closures
from forum.comments import labels, recount, verdicts
from forum.comments.models import Comment, Move
from forum.comments.moving import extent, notices, placing, references
from forum.db import Hold, session
from forum.errors import Conflict, NotFound
from forum.ledger import actions as ledger
from forum.policy import Actor
from forum.text.words import one_line

MAX_REASON = 300  # characters: a sentence or two
_SIGNS, _ESCAPED = r"([\\`*_\[\]<>&])", r"\\\1"  # what Markdown would read in a title


def move(actor: Actor, comment_id: int, to_article_id: int, to_parent_id: int | None = None, reason: str = "") -> Move:
    """Move a comment with everything below it under another comment, or under an article as a thread of its own.

    Raises NotFound where the actor may not know of it or of the target, Forbidden, and Conflict where the target is
    closed, gone, in the branch itself, or where it stands already.
    """
    actor, article_id = lock_at(actor, comment_id, to_article_id, writing=Hold.SHARED)
    moment = now()
    comment, source, target, parent = check_move(actor, comment_id, to_article_id, to_parent_id)
    made = Move(comment_id=comment_id, from_article_id=article_id, from_parent_id=comment.parent_id)
    made.to_article_id, made.to_parent_id = to_article_id, to_parent_id
    made.moved_by_id, made.reason, made.created_at = actor.id, one_line(reason)[:MAX_REASON], moment
    people = extent.told(actor, extent.in_branch(comment), [article_id, to_article_id])
    made.comment_count = carry(comment, to_article_id, parent)
    session.add(made)
    session.flush()
    notices.after_moving(actor, people, source, target, comment_id, made.reason, f"move:{made.id}", moment)
    _log("comment.move", moment, actor, made)
    return made


def check_move(
    actor: Actor, comment_id: int, to_article_id: int, to_parent_id: int | None
) -> tuple[Comment, Article, Article, Comment | None]:
    """Return the comment, both articles and the comment to answer, or raise what `move` does, as things are now."""
    comment, target, moment = session.get(Comment, comment_id), session.get(Article, to_article_id), now()
    if comment is None or target is None:
        raise NotFound()
    source = session.get_one(Article, comment.article_id)
    if not policy.may_read_article(actor, source, moment) or not policy.may_see_frame(actor, comment, source):
        raise NotFound()
    parent = _parent(to_parent_id, to_article_id)
    policy.may_move(actor, source).require()
    covering = verdicts.covering(target.id, parent, None) if parent else everywhere(target.id)
    policy.may_move_to(actor, target, parent, covering, moment).require()
    if parent is not None and labels.is_in_branch(parent, comment):
        raise Conflict(_("A comment cannot be moved below itself. Choose one that is not among its own replies."))
    if comment.article_id == to_article_id and comment.parent_id == to_parent_id:
        raise Conflict(_("It stands there already."))
    return comment, source, target, parent


def split(actor: Actor, comment_id: int, title: str, reason: str = "") -> Move:
    """Move a branch into a new article of the actor's, which is published at once and says where it comes from.

    Raises Invalid for a title that cannot be, Forbidden where the actor may not move it or write articles.
    """
    comment = session.get(Comment, comment_id) or _missing()
    former = session.get_one(Article, comment.article_id)
    words = articles.check_words(title, _origin(former))
    actor, article_id = lock_at(actor, comment_id, site=Hold.EXCLUSIVE, writing=Hold.SHARED)
    policy.may_move(actor, session.get_one(Article, article_id)).require()
    made = articles.create(actor, words).id
    articles.publish(actor, made)
    return move(actor, comment_id, made, None, reason)


def undo_move(actor: Actor, move_id: int) -> Move:
    """Move a branch back to where it was, with what was written below it since, within ten minutes.

    Raises Conflict where it was moved again, or where its former place is not there any more, and Forbidden where the
    actor does not moderate there any more.
    """
    made = session.get(Move, move_id) or _missing()
    actor, article_id = lock_at(actor, made.comment_id, made.from_article_id)
    made, moment = session.get_one(Move, move_id), now()
    comment, former = session.get_one(Comment, made.comment_id), made.from_parent_id
    policy.may_undo_move(actor, made, session.get_one(Article, article_id), moment).require()
    source = session.get_one(Article, made.from_article_id)
    policy.may_move(actor, source).require()
    latest = select(Move.id).where(Move.comment_id == comment.id, Move.undone_at.is_(None)).order_by(Move.id.desc())
    if session.scalar(latest.limit(1)) != made.id:
        raise Conflict(_("It was moved again since. Take that back first."))
    parent = session.get_one(Comment, former) if former else None
    if parent and (parent.article_id != made.from_article_id or labels.is_in_branch(parent, comment)):
        raise Conflict(
            _("The comment that it answered was moved since, so this cannot be undone. You can move it again.")
        )
    people = extent.told(actor, extent.in_branch(comment), [made.from_article_id, made.to_article_id])
    carry(comment, made.from_article_id, parent)
    notices.after_undoing(actor, people, source, comment.id, f"move:{made.id}", moment)
    made.undone_at, made.undone_by_id = moment, actor.id
    session.flush()
    _log("comment.move-back", moment, actor, made)
    return made


def carry(comment: Comment, article_id: int, parent: Comment | None) -> int:
    """Give a branch its new place with all that follows from it; return how many of its comments have a place."""
    source, before = comment.article_id, session.get_one(Comment, comment.parent_id) if comment.parent_id else None
    covered = (parent.closure_count if parent else 0) - (before.closure_count if before else 0)
    rows, placed = placing.lift(comment)
    if article_id != source:
        lifted = select(Comment.id).where(Comment.article_id == source, Comment.root_id.is_(None))
        references.follow(lifted, article_id)
    placing.put(comment, rows, placed, article_id, parent, covered)
    settle(source, article_id)
    return placed


def settle(*article_ids: int) -> None:
    """Count articles anew. Where one is to close for silence that is announced anew: its newest comment may differ."""
    recount.count_articles(*article_ids)
    for article in session.scalars(select(Article).where(Article.id.in_(article_ids), Article.closes_for == "silence")):
        article.closes_at, article.closes_for = None, ""
    session.flush()


def _origin(former: Article) -> str:
    """Say from where the comments of a new article come; of a draft nobody reads there what it is called."""
    if not policy.is_out(former, now()):
        return str(_("These comments were written under another article."))
    link = f"[{re.sub(_SIGNS, _ESCAPED, former.title)}](/articles/{former.slug})"
    return str(_("These comments were written under %(article)s.", article=link))


def _parent(id: int | None, article_id: int) -> Comment | None:
    if id is None:
        return None
    parent = session.get(Comment, id) or _missing()
    if parent.article_id != article_id:
        raise Conflict(_("The comment you chose was moved itself meanwhile. Please choose again."))
    return parent


def everywhere(article_id: int) -> list[closures.ClosureView]:
    """Return the closures that nobody reopened and that reach all of an article."""
    return [closure for closure in closures.concerning(article_id) if closure.branch_id is None]


def _log(act: str, moment: datetime, actor: Actor, made: Move) -> None:
    places = ("from_parent_id", "to_article_id", "to_parent_id")
    details = {"move": made.id, **{name: getattr(made, name) for name in places}, "reason": made.reason}
    article, comment = made.from_article_id, made.comment_id
    ledger.record(act, moment, actor_id=actor.id, article_id=article, comment_id=comment, details=details)


def _missing() -> NoReturn:
    raise NotFound()
