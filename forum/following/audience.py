"""Who hears of a new comment or article: the subscriptions that cover it, some hundreds of people at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from forum.articles.models import article_tags
from forum.comments.models import Comment
from forum.db import session
from forum.notifications.mailing import Follower
from forum.notifications.models import Address, Subscription
from forum.people.models import Person
from forum.policy import telling

AT_ONCE = 500  # people and addresses told in one transaction
FIRST = -(2**63) + 1  # below the number of the first who is told


@dataclass(frozen=True)
class Hearer:
    """A person or address that hears of it, and why (`telling.REASONS`, or the kind of what brings new articles).

    `number` is by what all are told in their order: people after addresses, which have negative ones.
    """

    follower: Follower
    number: int
    reason: str


@dataclass(frozen=True)
class Told:
    """A comment as far as it decides who hears of it."""

    id: int
    article_id: int
    parent_id: int | None
    author_id: int | None
    guest_email: str | None


def of_comment(comment: Told, since: datetime, after: int = FIRST) -> list[Hearer]:
    """Return the next who hear of a comment that was published at `since`, by number, from behind `after` on.

    Fewer than AT_ONCE are the last. A follower who began later hears only of what comes.
    """
    email = (comment.guest_email or "").lower()
    about = {"parent": comment.parent_id, "article": comment.article_id}
    rows = session.connection().execute(_OF_COMMENT, {**about, **_values(comment.author_id, email, since, after)})
    return [_hearer(number, telling.REASONS[reason]) for number, reason in rows]


def of_article(article_id: int, author_id: int, since: datetime, after: int = FIRST) -> list[Hearer]:
    """Return the next who hear of a new article, as `of_comment`."""
    values = {"author": author_id, "article": article_id, **_values(author_id, "", since, after)}
    return [_hearer(number, reason) for number, reason in session.connection().execute(_OF_ARTICLE, values)]


def _hearer(number: int, reason: str) -> Hearer:
    return Hearer(Follower(number) if number > 0 else Follower(address_id=-number), number, reason)


def _values(writer_id: int | None, email: str, since: datetime, after: int) -> dict[str, Any]:
    return {"writer": writer_id or 0, "email": email, "since": since, "after": after}


def _hearers(covers: ColumnElement[bool], reason: Any) -> Select[Any]:
    # `policy.is_told` and `policy.is_address_told`, as SQL.
    number = func.coalesce(Subscription.person_id, -Subscription.address_id)
    on = Person.deactivated_at.is_(None), Person.approved_at.is_not(None), Person.id != bindparam("writer")
    told = and_(*on) | (Address.email != bindparam("email"))
    return (
        select(number, reason)
        .outerjoin(Person, Person.id == Subscription.person_id)
        .outerjoin(Address, Address.id == Subscription.address_id)
        .where(covers, Subscription.paused_at.is_(None), number > bindparam("after"), told)
        .where(Subscription.created_at <= bindparam("since"))
        .group_by(number)
        .order_by(number)
        .limit(AT_ONCE)
    )


def _above() -> Select[Any]:
    """Return the ids of all comments above one, read by the database itself."""
    line = select(Comment.id, Comment.parent_id).where(Comment.id == bindparam("parent")).cte("above", recursive=True)
    higher = aliased(Comment)
    line = line.union_all(select(higher.id, higher.parent_id).join(line, higher.id == line.c.parent_id))
    return select(line.c.id)


# Made once: to make one takes longer than the database needs to answer it.
_KIND, _SUBJECT = Subscription.kind, Subscription.subject_id
_OF_COMMENT = _hearers(
    or_(
        and_(_KIND == "answers", bindparam("parent") == _SUBJECT),
        and_(_KIND == "branch", _SUBJECT.in_(_above())),
        and_(_KIND == "article", bindparam("article") == _SUBJECT),
    ),
    func.min(case({reason: number for number, reason in enumerate(telling.REASONS)}, value=_KIND)),
)
_OF_ARTICLE = _hearers(
    or_(
        and_(_KIND == "person", bindparam("author") == _SUBJECT),
        and_(
            _KIND == "tag",
            _SUBJECT.in_(select(article_tags.c.tag_id).where(article_tags.c.article_id == bindparam("article"))),
        ),
        and_(_KIND == "site", _SUBJECT == 0),
    ),
    func.min(_KIND),
)
