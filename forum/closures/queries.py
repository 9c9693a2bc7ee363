"""Read closures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, column, func, select, table
from sqlalchemy.orm import aliased

from forum.articles.models import Article
from forum.closures.models import Closure
from forum.db import Moment, session
from forum.people.models import Person

_Closer = aliased(Person)
_Once = aliased(Person)
_First, _Second = aliased(Person), aliased(Person)
# The comments by the name of their table, because their room comes later.
_COMMENTS = table("comments", column("id"), column("author_id"), column("guest_name"), column("created_at", Moment))


@dataclass(frozen=True)
class ClosureView:
    """One closure as pages and rules read it; satisfies `policy.ClosureFacts`.

    `rest_open` and `over` are for its sentence: whether one may write elsewhere, and whether it is told as past.
    `first` and `second` are the names of two people: for these two and for staff, never for a page that all share.
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
    cause: str
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
    first: str | None = None
    second: str | None = None
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

    def partner_of(self, person_id: int | None) -> str:
        """Return with whom this person no longer exchanges answers; nothing where they are none of two people."""
        if person_id is None or person_id not in (self.person_a_id, self.person_b_id):
            return ""
        return (self.second if person_id == self.person_a_id else self.first) or ""

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


def shown(conditions: Sequence[ColumnElement[bool]], now: datetime, limit: int) -> list[ClosureView]:
    """Return closures for which these conditions on closure and article hold, newest first, as told at this moment."""
    rows = session.execute(_views().where(*conditions).order_by(Closure.id.desc()).limit(limit))
    return _told([ClosureView(*row) for row in rows], now)


def beginnings(closures: Iterable[ClosureView]) -> dict[int, tuple[str, datetime]]:
    """Return who wrote the first comment of each closed branch, and when, by the branch; for staff. One statement."""
    query = (
        select(_COMMENTS.c.id, func.coalesce(Person.display_name, _COMMENTS.c.guest_name, ""), _COMMENTS.c.created_at)
        .outerjoin(Person, Person.id == _COMMENTS.c.author_id)
        .where(_COMMENTS.c.id.in_({closure.branch_id for closure in closures if closure.branch_id}))
    )
    return {id: (name, at) for id, name, at in session.execute(query)}


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
            _First.display_name,
            _Second.display_name,
        )
        .join(Article, Article.id == Closure.article_id)
        .outerjoin(_Closer, _Closer.id == Closure.closed_by_id)
        .outerjoin(_Once, _Once.id == Closure.once_id)
        .outerjoin(_First, _First.id == Closure.person_a_id)
        .outerjoin(_Second, _Second.id == Closure.person_b_id)
    )


_CONCERNING = (
    _views().where(Closure.article_id == bindparam("article"), Closure.reopened_at.is_(None)).order_by(Closure.id)
)
