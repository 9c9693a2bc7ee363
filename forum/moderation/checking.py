"""What a program elsewhere is asked about a comment that is posted or edited, and what its answer does.

The worker asks (`worker/checking.py`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from forum import db
from forum.articles.models import Article
from forum.cases import actions as cases
from forum.cases.models import Flag
from forum.clock import now
from forum.comments import statuses
from forum.comments.models import Comment, Source
from forum.db import session
from forum.errors import Busy
from forum.ledger import actions as ledger
from forum.people.models import Person
from forum.policy import CommentStatus
from forum.screening.rules import CHECKING, OUTSIDE


def question(comment_id: int, *, edited: bool) -> dict[str, Any] | None:
    """Return what is asked about a new comment, or an `edited` one; None where no answer matters any more."""
    comment = session.get(Comment, comment_id)
    if comment is None or not _is_undecided(comment, edited):
        return None
    writer = session.get(Person, comment.author_id) if comment.author_id else None
    return {
        "comment": comment_id,
        "article": session.get_one(Article, comment.article_id).title,
        "name": writer.display_name if writer else comment.guest_name,
        "is_guest": writer is None,
        "text": session.get_one(Source, comment_id).source,
    }


def answer(comment_id: int, decision: str, text: str, *, edited: bool) -> None:
    """Publish a comment, or let it wait for a moderator, as was decided about its `text`.

    A comment that was published already, and edited, is held; where it has replies it is reported by the software
    instead. An answer about a text that is no longer the comment's changes nothing: the edit has a job of its own.
    """
    article_id = session.execute(select(Comment.article_id).where(Comment.id == comment_id)).scalar_one()
    db.lock(article_id)
    comment, source = session.get_one(Comment, comment_id), session.get_one(Source, comment_id)
    if comment.article_id != article_id:  # it was moved meanwhile, so another article has to be locked
        raise Busy(db.BUSY)
    if source.source != text or not _is_undecided(comment, edited):
        return
    waits = comment.status == CommentStatus.HELD
    if decision == "publish" and waits:
        statuses.set_status(comment, CommentStatus.PUBLISHED)
    elif decision == "hold":
        _hold(comment, source)
    moment, details = now(), {"decision": decision}
    ledger.record("comment.check", moment, article_id=article_id, comment_id=comment_id, details=details)


def _hold(comment: Comment, source: Source) -> None:
    if comment.status == CommentStatus.PUBLISHED and comment.reply_count:
        copy = {"format": source.format, "source": source.source, "created_at": now()}
        session.add(Flag(comment_id=comment.id, reporter="software", reason="spam", **copy))
        session.flush()
        cases.follow([comment])
        return
    comment.held_reason = OUTSIDE
    statuses.set_status(comment, CommentStatus.HELD)


def _is_undecided(comment: Comment, edited: bool) -> bool:
    """Tell whether the answer matters: a new comment still waits for it, an edited one stands; nobody decided."""
    if comment.status == CommentStatus.HELD:
        return comment.held_reason == CHECKING
    return edited and comment.status == CommentStatus.PUBLISHED
