"""Everything that decides whether a comment may be posted, and where it goes: one statement, inside the lock."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, exists, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from forum.articles.models import Article
from forum.closures.models import Closure
from forum.comments.labels import GAP
from forum.comments.models import Comment
from forum.prepared import Prepared
from forum.site.models import SITE, Site


@dataclass(frozen=True)
class Ground:
    """Be the article; satisfies `policy.ArticleFacts`. `has_closures` counts those that nobody reopened."""

    id: int
    author_id: int
    status: str
    published_at: datetime | None
    thread_count: int
    has_closures: bool


@dataclass(frozen=True)
class Answered:
    """Be the comment that is answered, with the end of its branch; satisfies `policy.CommentFacts`."""

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
    """Be the settings that rules about writing ask for; satisfies `policy.SiteFacts`."""

    who_may_comment: str
    edit_minutes: int
    public_history: bool


@dataclass(frozen=True)
class Posted:
    """Be a comment that was posted; `is_new` is False where its form's one-time key had been used before."""

    id: int
    article_id: int
    author_id: int | None
    status: str
    is_new: bool = False


@dataclass(frozen=True)
class Circumstances:
    """Be the database's word at this moment.

    `fresh` is the id of the next comment, so that all that is written of it can be sent together; `made` is whatever
    was posted with the same key before.
    """

    fresh: int
    ground: Ground
    rules: Rules
    answered: Answered | None
    made: Posted | None


class _FreshId(FunctionElement[int]):
    """Be an id that no comment has: nobody else gets it, for as long as the lock is held."""

    type = BigInteger()
    inherit_cache = True


@compiles(_FreshId, "sqlite")
def _after_the_last(element: _FreshId, compiler: Any, **options: Any) -> str:
    return "(SELECT coalesce(max(id), 0) + 1 FROM comments)"


@compiles(_FreshId, "postgresql")
def _of_the_sequence(element: _FreshId, compiler: Any, **options: Any) -> str:
    return "nextval(pg_get_serial_sequence('comments', 'id'))"


_articles, _closures = Article.__table__.c, Closure.__table__.c
_parent, _made = Comment.__table__.alias("parent"), Comment.__table__.alias("made")
_HAS_CLOSURES = exists().where(_closures.article_id == _articles.id, _closures.reopened_at.is_(None))
_GROUND = (_articles.id, _articles.author_id, _articles.status, _articles.published_at, _articles.thread_count)
_GROUPS: tuple[tuple[type[Any], list[Any]], ...] = (
    (Ground, [*_GROUND, _HAS_CLOSURES]),
    (Rules, [Site.__table__.c[field.name] for field in fields(Rules)]),
    (Answered, [(_parent.c if field.name in _parent.c else GAP.c)[field.name] for field in fields(Answered)]),
    (Posted, [_made.c.id, _made.c.article_id, _made.c.author_id, _made.c.status]),
)
_ALL = Prepared(
    select(_FreshId(), *(column for _, columns in _GROUPS for column in columns))
    .select_from(Article.__table__)
    .join(Site.__table__, Site.__table__.c.id == SITE)
    .outerjoin(_parent, (_parent.c.id == bindparam("parent")) & (_parent.c.article_id == _articles.id))
    .outerjoin(GAP, true())
    .outerjoin(_made, _made.c.post_key == bindparam("key"))
    .where(_articles.id == bindparam("article"))
)


def read(article_id: int, parent_id: int | None, key: str) -> Circumstances | None:
    """Return what there is, None where there is no such article; the parent only where it stands under it."""
    asked = {"article": article_id, "parent": parent_id, "key": key or None}
    row = _ALL.row(asked)
    if row is None:
        return None
    found: list[Any] = [row[0]]
    start = 1
    for kind, columns in _GROUPS:
        values = row[start : start + len(columns)]
        found.append(kind(*values) if values[0] is not None else None)
        start += len(columns)
    return Circumstances(*found)
