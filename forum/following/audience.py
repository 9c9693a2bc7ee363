"""Who hears of a new comment or article: the subscriptions that cover it, some hundreds of people at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from forum.articles.models import article_tags
from forum.comments.models import Comment
from forum.db import session
from forum.notifications.models import Subscription
from forum.people.models import Person
from forum.policy import telling

AT_ONCE = 500  # people told in one transaction


@dataclass(frozen=True)
class Hearer:
    """Somebody who hears of it, and for which reason (`telling.REASONS`, or the kind of what brings new articles)."""

    person_id: int
    reason: str


def of_comment(comment: Comment, since: datetime, after: int) -> list[Hearer]:
    """Return the next people who hear of a comment that was published at `since`, by id, from behind `after` on.

    Fewer than AT_ONCE are the last. Who began to follow later hears of what comes.
    """
    kind, subject = Subscription.kind, Subscription.subject_id
    covers = [
        and_(kind == "answers", subject == comment.parent_id),
        and_(kind == "branch", subject.in_(_above(comment))),
        and_(kind == "article", subject == comment.article_id),
    ]
    rank = case({reason: number for number, reason in enumerate(telling.REASONS)}, value=kind)
    rows = session.execute(_hearers(or_(*covers), func.min(rank), comment.author_id, since, after))
    return [Hearer(person, telling.REASONS[number]) for person, number in rows]


def of_article(article_id: int, author_id: int, since: datetime, after: int) -> list[Hearer]:
    """Return the next people who hear of a new article, as `of_comment`."""
    kind, subject = Subscription.kind, Subscription.subject_id
    tags = select(article_tags.c.tag_id).where(article_tags.c.article_id == article_id)
    covers = [
        and_(kind == "person", subject == author_id),
        and_(kind == "tag", subject.in_(tags)),
        and_(kind == "site", subject == 0),
    ]
    rows = session.execute(_hearers(or_(*covers), func.min(kind), author_id, since, after))
    return [Hearer(person, reason) for person, reason in rows]


def _hearers(
    covers: ColumnElement[bool], reason: Any, writer_id: int | None, since: datetime, after: int
) -> Select[Any]:
    # `policy.is_told`, as SQL.
    told = Person.deactivated_at.is_(None), Person.approved_at.is_not(None)
    return (
        select(Subscription.person_id, reason)
        .join(Person, Person.id == Subscription.person_id)
        .where(covers, Subscription.paused_at.is_(None), Subscription.person_id > after, *told)
        .where(Subscription.person_id != (writer_id or 0), Subscription.created_at <= since)
        .group_by(Subscription.person_id)
        .order_by(Subscription.person_id)
        .limit(AT_ONCE)
    )


def _above(comment: Comment) -> Select[Any]:
    """Return the ids of all comments above one, read by the database itself."""
    line = select(Comment.id, Comment.parent_id).where(Comment.id == comment.parent_id).cte("above", recursive=True)
    higher = aliased(Comment)
    line = line.union_all(select(higher.id, higher.parent_id).join(line, higher.id == line.c.parent_id))
    return select(line.c.id)
