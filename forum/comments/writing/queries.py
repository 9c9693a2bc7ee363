"""Read what decides about a new comment and where it goes: one statement, inside the lock.

Five statements instead of one would make a post a fifth slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select, true

from forum.articles.models import Article
from forum.closures.models import Closure
from forum.comments.labels import GAP
from forum.comments.models import Comment
from forum.db import session
from forum.errors import NotFound
from forum.site.models import SITE, Site


@dataclass(frozen=True)
class Ground:
    """The article a comment is written under; satisfies `policy.ArticleFacts`.

    `has_closures` tells whether there are closures that nobody reopened; mostly there are none to read.
    """

    id: int
    author_id: int
    status: str
    published_at: datetime | None
    thread_count: int
    has_closures: bool


@dataclass(frozen=True)
class Answered:
    """The comment that is answered; satisfies `policy.CommentFacts`.

    The reply's label goes between `last` and `following`; that is None at the thread's end.
    """

    id: int
    article_id: int
    parent_id: int | None
    root_id: int
    pos: int
    depth: int
    status: str
    author_id: int | None
    reply_count: int
    closure_count: int
    created_at: datetime
    edited_at: datetime | None
    withdrawn_at: datetime | None
    last: int
    following: int | None


@dataclass(frozen=True)
class Rules:
    """The settings that rules about writing ask for; satisfies `policy.SiteFacts`."""

    who_may_comment: str
    edit_minutes: int
    public_history: bool


@dataclass(frozen=True)
class Posted:
    """A comment that was posted; `is_new` is False where its form's one-time key had been used before."""

    id: int
    article_id: int
    author_id: int | None
    status: str
    is_new: bool = False


@dataclass(frozen=True)
class Place:
    """Where a comment is to be written; `made` is the comment that a form with the same key made before."""

    ground: Ground
    rules: Rules
    answered: Answered | None
    made: Posted | None


_articles, _site, _closures = Article.__table__.c, Site.__table__.c, Closure.__table__.c
_parent, _made = Comment.__table__.alias("parent"), Comment.__table__.alias("made")
_OPEN = exists().where(_closures.article_id == _articles.id, _closures.reopened_at.is_(None))
_GROUND = [_articles.id, _articles.author_id, _articles.status, _articles.published_at, _articles.thread_count, _OPEN]
_RULES = [_site[field.name] for field in fields(Rules)]
_ANSWERED = [(_parent.c if field.name in _parent.c else GAP.c)[field.name] for field in fields(Answered)]
_MADE = [_made.c.id, _made.c.article_id, _made.c.author_id, _made.c.status]
_PARTS: tuple[list[Any], ...] = (_GROUND, _RULES, _ANSWERED, _MADE)
_PLACE = (
    select(*(column for part in _PARTS for column in part))
    .select_from(Article.__table__)
    .join(Site.__table__, _site.id == SITE)
    .outerjoin(_parent, (_parent.c.id == bindparam("parent")) & (_parent.c.article_id == _articles.id))
    .outerjoin(GAP, true())
    .outerjoin(_made, _made.c.post_key == bindparam("key"))
    .where(_articles.id == bindparam("article"))
)


def place(article_id: int, parent_id: int | None, key: str, author_id: int | None, guest_name: str | None) -> Place:
    """Return where a comment by a member, or a guest of this name, is to be written.

    Raises NotFound without the article, or the parent under it.
    """
    asked = {"article": article_id, "parent": parent_id, "key": key or None, "author": author_id, "guest": guest_name}
    row = session.connection().execute(_PLACE, asked).one_or_none()
    if row is None:
        raise NotFound()
    ground, rules, answered, made = _split(row)
    found = Place(Ground(*ground), Rules(*rules), Answered(*answered) if answered else None, _posted(made))
    if parent_id is not None and found.answered is None:
        raise NotFound()
    return found


def made_with(key: str) -> Posted | None:
    """Return the comment that a form with this one-time key made already; None for an empty key."""
    return _posted(session.execute(select(*_MADE).where(_made.c.post_key == key)).one_or_none() if key else None)


def _posted(row: Sequence[Any] | None) -> Posted | None:
    return Posted(*row) if row else None


def _split(row: Sequence[Any]) -> Iterator[Any]:
    """Yield the values of each of `_PARTS`; an outer join that found nothing gives no id, and so None."""
    start = 0
    for part in _PARTS:
        values = row[start : start + len(part)]
        yield values if values[0] is not None else None
        start += len(part)
