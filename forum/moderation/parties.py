"""Tell whether somebody may decide about a comment, also where they take part in its thread."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from forum import policy
from forum.clock import now
from forum.comments.models import Comment
from forum.db import session
from forum.people.models import Person
from forum.policy import Actor, CommentStatus, ModeratedFacts, Role, Verdict
from forum.policy.facts import CommentFacts


def decide_verdict(actor: Actor, article: ModeratedFacts, comment: CommentFacts, root_id: int | None) -> Verdict:
    """Answer `policy.may_decide`, but no to those who answer the comment's writer in its thread, where others could."""
    verdict = policy.may_decide(actor, article, comment)
    if not verdict or comment.author_id in (None, actor.id) or not _answers(actor, comment, root_id):
        return verdict
    return policy.may_decide_as_party(others(actor))


def _answers(actor: Actor, comment: CommentFacts, root_id: int | None) -> bool:
    answered = aliased(Comment)
    query = select(Comment.id).join(answered, answered.id == Comment.parent_id)
    theirs = Comment.author_id == actor.id, Comment.root_id == root_id, Comment.status == CommentStatus.PUBLISHED
    return session.execute(query.where(*theirs, answered.author_id == comment.author_id).limit(1)).first() is not None


def others(actor: Actor) -> int:
    """Return how many other people moderate everywhere today."""
    query = select(func.count(Person.id)).where(
        Person.role.in_((Role.ADMIN, Role.MODERATOR)),
        Person.approved_at.is_not(None),
        Person.deactivated_at.is_(None),
        Person.suspended_until.is_(None) | (Person.suspended_until <= now()),
        Person.id != actor.id,
    )
    return session.execute(query).scalar_one()
