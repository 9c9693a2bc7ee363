"""Learn from what moderators decided which comments are spam. The worker does it every hour, and commits."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import literal_column, select

from forum import db
from forum.comments.models import Comment
from forum.db import session
from forum.moderation.models import Decision
from forum.policy import CommentStatus
from forum.screening.actions import keep_model
from forum.screening.spam import Model
from forum.site.queries import site

MOST = 2000  # texts of each kind, the newest: spam changes its words
UNCHALLENGED = timedelta(days=1)  # so long a published comment stood without being removed


def learn(moment: datetime) -> int:
    """Learn anew, where the site asks for it; return 0, since nothing is left to do."""
    if not site().hold_spam:
        return 0
    model = Model.learned(_removed_as_spam(), _published(moment))
    db.lock()
    keep_model(model, moment)
    return 0


def _removed_as_spam() -> list[str]:
    removed = (
        select(Comment.html)
        .join(Decision, Decision.comment_id == Comment.id)
        .where(Decision.undone_at.is_(None), Decision.decision != literal_column("'keep'"))  # its partial index
        .where(Decision.decision == "spam", Comment.status == CommentStatus.SPAM)
    )
    return list(session.scalars(removed.order_by(Decision.id.desc()).limit(MOST)))


def _published(moment: datetime) -> list[str]:
    stands = select(Comment.html).where(Comment.status == CommentStatus.PUBLISHED)
    old = stands.where(Comment.created_at < moment - UNCHALLENGED)
    return list(session.scalars(old.order_by(Comment.id.desc()).limit(MOST)))
