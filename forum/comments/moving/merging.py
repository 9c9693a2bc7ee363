"""Move a whole discussion to another article, and move it back. The caller commits."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from flask_babel import gettext as _
from sqlalchemy import Select, func, insert, literal, select, update

from forum import policy
from forum.acting import lock_as
from forum.articles.models import Article
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.ending import actions as ending
from forum.comments.ending.request import Ending
from forum.comments.models import Comment, Move
from forum.comments.moving import extent, notices, references
from forum.comments.moving.actions import MAX_REASON, everywhere, settle
from forum.db import Hold, session
from forum.errors import Conflict, NotFound
from forum.ledger import actions as ledger
from forum.policy import Actor
from forum.text.words import one_line

_QUIET = {"synchronize_session": False}


def merge(actor: Actor, article_id: int, to_article_id: int, reason: str = "") -> Move:
    """Move all threads of an article to another and close it with words that lead there; return the first's move.

    Raises what `move` raises, and Conflict where there is nothing to move.
    """
    actor = lock_as(actor, article_id, to_article_id, writing=Hold.SHARED)
    source, target = session.get(Article, article_id) or _missing(), session.get(Article, to_article_id) or _missing()
    moment, reason = now(), one_line(reason)[:MAX_REASON]
    if not policy.may_read_article(actor, source, moment):
        raise NotFound()
    policy.may_merge(actor, source, target, everywhere(target.id), moment).require()
    if article_id == to_article_id:
        raise Conflict(_("These comments stand there already."))
    if not source.thread_count:
        raise Conflict(_("There are no comments to move."))
    rows = [Comment.article_id == article_id]
    people = extent.told(actor, rows, [article_id, to_article_id])
    _move_threads(actor, article_id, to_article_id, reason, moment)
    made = select(Move).where(Move.from_article_id == article_id, Move.created_at == moment).order_by(Move.id)
    first = session.scalars(made.limit(1)).one()
    notices.after_moving(actor, people, source, target, None, reason, f"move:{first.id}", moment)
    details = {"to_article_id": to_article_id, "reason": reason}
    ledger.record("article.merge", moment, actor_id=actor.id, article_id=article_id, details=details)
    _close(actor, source, target, moment)
    return first


def undo_merge(actor: Actor, move_id: int) -> Move:
    """Move all threads that went in one act back to their article, within ten minutes, and open it again.

    Raises Conflict where one of them was moved again since.
    """
    made = session.get(Move, move_id) or _missing()
    source_id, target_id = made.from_article_id, made.to_article_id
    actor = lock_as(actor, source_id, target_id)
    made, moment = session.get_one(Move, move_id), now()
    policy.may_undo_move(actor, made, session.get_one(Article, target_id), moment).require()
    policy.may_move(actor, session.get_one(Article, source_id)).require()
    if made.from_parent_id is not None or made.to_parent_id is not None:
        raise NotFound()
    act = [getattr(Move, name) == getattr(made, name) for name in ("from_article_id", "to_article_id", "created_at")]
    roots = select(Move.comment_id).where(*act)
    rows = [Comment.article_id == target_id, Comment.root_id.in_(roots)]
    there = select(func.count(Comment.id)).where(*rows, Comment.parent_id.is_(None))
    if session.scalar(there) != session.scalar(select(func.count()).select_from(roots.subquery())):
        raise Conflict(_("Some of it was moved again since. Move what is left one by one."))
    people = extent.told(actor, rows, [source_id, target_id])
    _carry(select(Comment.id).where(*rows), source_id)
    settle(source_id, target_id)
    session.execute(update(Move).where(*act).values(undone_at=moment, undone_by_id=actor.id), execution_options=_QUIET)
    source = session.get_one(Article, source_id)
    notices.after_undoing(actor, people, source, None, f"move:{move_id}", moment)
    ledger.record("comment.move-back", moment, actor_id=actor.id, article_id=source_id, details={"move": move_id})
    closed = select(Closure.id).where(Closure.article_id == source_id, Closure.created_at >= made.created_at)
    closed = closed.where(Closure.closed_by_id == actor.id, Closure.reopened_at.is_(None), Closure.branch_id.is_(None))
    closed = closed.where(Closure.person_a_id.is_(None))
    if (closure_id := session.scalar(closed.order_by(Closure.id).limit(1))) is not None:
        ending.undo(actor, closure_id)
    return session.get_one(Move, move_id)


def _close(actor: Actor, source: Article, target: Article, moment: datetime) -> None:
    """Close the discussion that was left, unless it is closed; until its closing begins that is announced, if one is.

    The words lead to the other article where everybody may read it, and never name a draft.
    """
    own = [closure for closure in everywhere(source.id) if closure.whole_article and closure.article_id == source.id]
    if any(closure.holds(moment) for closure in own):
        return
    words = _("The discussion goes on in another article.")
    if policy.is_out(target, moment):
        words = _("The discussion goes on under “%(title)s”.", title=target.title)
    until = min(
        (closure.begins_at for closure in own if closure.begins_at and closure.begins_at > moment), default=None
    )
    ending.close_article(actor, source.id, Ending(words=words, until=until))


def _move_threads(actor: Actor, article_id: int, to_article_id: int, reason: str, moment: datetime) -> None:
    """Let all threads of an article belong to another as they are."""
    said = {"to_article_id": to_article_id, "moved_by_id": actor.id, "reason": reason, "created_at": moment}
    threads = select(
        *(Comment.id, Comment.article_id, Comment.thread_size),
        *(literal(value, Move.__table__.c[name].type) for name, value in said.items()),
    ).where(Comment.article_id == article_id, Comment.parent_id.is_(None))
    columns = ["comment_id", "from_article_id", "comment_count", *said]
    session.execute(insert(Move).from_select(columns, threads.order_by(Comment.created_at, Comment.id)))
    _carry(select(Comment.id).where(Comment.article_id == article_id), to_article_id)
    settle(article_id, to_article_id)


def _carry(comments: Select[int], article_id: int) -> None:
    """Let whole threads belong to another article as they are: their labels and levels hold there, too."""
    references.follow(comments, article_id)
    moved = update(Comment).where(Comment.id.in_(comments)).values(article_id=article_id)
    session.execute(moved, execution_options=_QUIET)


def _missing() -> NoReturn:
    raise NotFound()
