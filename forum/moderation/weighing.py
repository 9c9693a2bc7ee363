"""Hide a comment that reports weigh heavily on, until somebody decides. Call it inside the lock of its article."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from forum import policy
from forum.articles.models import Article
from forum.comments import statuses
from forum.comments.models import Comment
from forum.db import session
from forum.ledger import actions as ledger
from forum.moderation import notices
from forum.moderation.models import HOLD, Decision
from forum.moderation.queries import weight
from forum.people.queries import viewer_of
from forum.policy import CommentStatus
from forum.screening.rules import REPORTED
from forum.site.queries import site


def hide_if_heavy(comment: Comment, article: Article, moment: datetime) -> None:
    """Let a comment wait for a moderator where the site asks for it and its open reports weigh enough.

    The software does so once a comment at most, and never after somebody kept it. The writer is told, and can object.
    """
    limit = site().report_limit
    if not limit or comment.status != CommentStatus.PUBLISHED or _is_settled(comment.id):
        return
    if policy.is_spared(viewer_of(comment.author_id) if comment.author_id else None, article):
        return
    reporters = weight.reporters(comment)
    if not policy.hides_unseen(reporters, limit, moment):
        return
    made = Decision(comment_id=comment.id, decision=HOLD, before={str(comment.id): comment.status}, created_at=moment)
    session.add(made)
    comment.held_reason = REPORTED
    statuses.set_status(comment, CommentStatus.HELD)
    notices.after_hold(article, made, comment)
    ledger.record(
        "comment.hold",
        moment,
        person_id=comment.author_id,
        article_id=comment.article_id,
        comment_id=comment.id,
        details={"decision": HOLD, "note": "", "before": made.before},
    )


def _is_settled(comment_id: int) -> bool:
    """Tell whether reports hid a comment before, or somebody decided to keep it."""
    kept = (Decision.decision == "keep") & Decision.undone_at.is_(None)
    query = select(Decision.id).where(Decision.comment_id == comment_id, or_(Decision.decision == HOLD, kept))
    return session.execute(query.limit(1)).first() is not None
