"""Read closures."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased

from forum.articles.models import Article
from forum.closures.models import Closure
from forum.db import session
from forum.people.models import Person

_Closer = aliased(Person)
_Once = aliased(Person)


@dataclass(frozen=True)
class ClosureView:
    """One closure as pages and rules read it; satisfies `policy.ClosureFacts`.

    `rest_open` and `over` are for its sentence: whether one may write elsewhere, and whether it is told as past.
    """

    id: int
    article_id: int
    branch_id: int | None
    at_id: int | None
    person_a_id: int | None
    person_b_id: int | None
    words: str
    note: str
    closed_by_id: int | None
    took_part: bool
    staff_may: bool
    once_id: int | None
    once_used_at: datetime | None
    created_at: datetime
    until: datetime | None
    lapsed_at: datetime | None
    reopened_at: datetime | None
    reopen_reason: str
    closed_by: str | None
    once: str | None
    article_slug: str
    article_title: str
    article_author_id: int
    rest_open: bool = True
    over: bool = False

    @property
    def for_two(self) -> bool:
        """Tell whether only two people are kept from answering each other."""
        return self.person_a_id is not None

    @property
    def whole_article(self) -> bool:
        """Tell whether nobody can write anything under the article."""
        return self.branch_id is None and self.person_a_id is None

    def holds(self, now: datetime) -> bool:
        """Tell whether it is in force at this moment."""
        return self.reopened_at is None and (self.until is None or self.until > now)


_OWN = [field.name for field in fields(ClosureView) if hasattr(Closure, field.name)]


def concerning(article_id: int) -> list[ClosureView]:
    """Return the closures of an article that nobody reopened, oldest first; ended ones too."""
    return [ClosureView(*row) for row in session.connection().execute(_CONCERNING, {"article": article_id})]


def closure(closure_id: int, now: datetime) -> ClosureView | None:
    """Return one closure, reopened or not, as it is to be told at this moment."""
    row = session.execute(_views().where(Closure.id == closure_id)).one_or_none()
    return _told([ClosureView(*row)], now)[0] if row else None


def newest(
    now: datetime, author_id: int | None = None, before: int | None = None, limit: int = 30
) -> list[ClosureView]:
    """Return the closures in force, newest first; `author_id` keeps those under one author's articles."""
    query = _views().where(Closure.reopened_at.is_(None), Closure.until.is_(None) | (Closure.until > now))
    if author_id is not None:
        query = query.where(Article.author_id == author_id)
    if before is not None:
        query = query.where(Closure.id < before)
    rows = session.execute(query.order_by(Closure.id.desc()).limit(limit))
    return _told([ClosureView(*row) for row in rows], now)


def _told(views: list[ClosureView], now: datetime) -> list[ClosureView]:
    """Say of each whether it is over, and whether its whole article is closed besides; one statement."""
    whole = select(Closure.article_id).where(
        Closure.article_id.in_({view.article_id for view in views}),
        Closure.branch_id.is_(None),
        Closure.person_a_id.is_(None),
        Closure.reopened_at.is_(None),
        Closure.until.is_(None) | (Closure.until > now),
    )
    shut = set(session.scalars(whole))
    return [replace(view, rest_open=view.article_id not in shut, over=not view.holds(now)) for view in views]


def _views() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(getattr(Closure, name) for name in _OWN),
            _Closer.display_name,
            _Once.display_name,
            Article.slug,
            Article.title,
            Article.author_id,
        )
        .join(Article, Article.id == Closure.article_id)
        .outerjoin(_Closer, _Closer.id == Closure.closed_by_id)
        .outerjoin(_Once, _Once.id == Closure.once_id)
    )


_CONCERNING = (
    _views().where(Closure.article_id == bindparam("article"), Closure.reopened_at.is_(None)).order_by(Closure.id)
)
