"""Read closures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, column, exists, func, select, table
from sqlalchemy.orm import aliased

from forum import policy
from forum.articles.models import Article, Tag, article_tags
from forum.closures.models import Closure
from forum.db import Id, Moment, session
from forum.people.models import Person

_Closer = aliased(Person)
_Once = aliased(Person)
_First, _Second = aliased(Person), aliased(Person)
# The comments by the name of their table, because their room comes later.
_COMMENTS = table("comments", column("id"), column("author_id"), column("guest_name"), column("created_at", Moment))


@dataclass(frozen=True)
class One:
    """The one person whom a closure keeps from writing; satisfies `policy.Concerned`."""

    id: int
    role: str


@dataclass(frozen=True)
class ClosureView:
    """One closure as pages and rules read it; satisfies `policy.StandingFacts`.

    `rest_open`, `over` and `coming` are for its sentence: whether one may write elsewhere, and whether it is told as
    past or as still to come. `first` and `second` are the names of one or two people: for these and for staff, never
    for a page that all share.
    """

    id: int
    article_id: int | None
    tag_id: int | None
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
    begins_at: datetime | None
    until: datetime | None
    lapsed_at: datetime | None
    reopened_at: datetime | None
    reopen_reason: str
    closed_by: str | None
    once: str | None
    article_slug: str | None = None
    article_title: str | None = None
    article_author_id: int | None = None
    tag_slug: str | None = None
    tag_name: str | None = None
    first: str | None = None
    first_role: str | None = None
    second: str | None = None
    rest_open: bool = True
    over: bool = False
    coming: bool = False

    @property
    def for_one(self) -> bool:
        """Tell whether only one person is kept from writing."""
        return self.person_a_id is not None and self.person_b_id is None

    @property
    def for_two(self) -> bool:
        """Tell whether only two people are kept from answering each other."""
        return self.person_b_id is not None

    @property
    def whole_article(self) -> bool:
        """Tell whether nobody can write anything under the article, or the articles, it is about."""
        return self.branch_id is None and self.person_a_id is None

    @property
    def reach(self) -> str:
        """Return what kind of place it closes, or for whom: site, tag, article, branch, one or two."""
        if self.person_a_id is not None:
            return "two" if self.for_two else "one"
        if self.article_id is None:
            return "site" if self.tag_id is None else "tag"
        return "article" if self.branch_id is None else "branch"

    @property
    def concerned(self) -> One | None:
        """Return the one person it is for, if it is for one."""
        return One(self.person_a_id or 0, self.first_role or "") if self.for_one else None

    def partner_of(self, person_id: int | None) -> str:
        """Return with whom this person no longer exchanges answers; nothing where they are none of two people."""
        if person_id is None or self.for_one or person_id not in (self.person_a_id, self.person_b_id):
            return ""
        return (self.second if person_id == self.person_a_id else self.first) or ""

    def holds(self, now: datetime) -> bool:
        """Tell whether it is in force at this moment."""
        return policy.is_in_force(self, now)

    def at(self, now: datetime) -> ClosureView:
        """Return it as it is to be told at this moment: past, in force or still to come."""
        over = self.reopened_at is not None or (self.until is not None and self.until <= now)
        return replace(self, over=over, coming=not over and not self.holds(now))


_OWN = [field.name for field in fields(ClosureView) if hasattr(Closure, field.name)]


def reaching(article: ColumnElement[int]) -> ColumnElement[bool]:
    """Return whether an article is in a closure's place: it, a tag it has, or the site. Branches of it count."""
    tags = select(article_tags.c.tag_id).where(article_tags.c.article_id == article).correlate_except(article_tags)
    return (Closure.article_id == article) | (wide() & (Closure.tag_id.is_(None) | Closure.tag_id.in_(tags)))


def wide() -> ColumnElement[bool]:
    """Return whether a closure is the site's or a tag's and may still hold; mostly there are none, or few."""
    return Closure.article_id.is_(None) & Closure.reopened_at.is_(None) & Closure.lapsed_at.is_(None)


def concerns(person: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a closure may keep this person from something; one for another person alone does not."""
    return Closure.person_a_id.is_(None) | Closure.person_b_id.is_not(None) | (Closure.person_a_id == person)


def concerning(article_id: int, person_id: int | None = None) -> list[ClosureView]:
    """Return the closures that reach an article and that nobody reopened, oldest first; ended and coming ones too.

    Those for one person are left out, but for this person's: a page that all share asks without.
    """
    asked = {"article": article_id, "person": person_id}
    return [ClosureView(*row) for row in session.connection().execute(_CONCERNING, asked)]


def for_one(article_id: int, person_id: int | None) -> list[ClosureView]:
    """Return the closures for this one person that reach an article and that nobody reopened; mostly there are none."""
    if person_id is None:
        return []
    asked = {"article": article_id, "person": person_id}
    return [ClosureView(*row) for row in session.connection().execute(_FOR_ONE, asked)]


def closure(closure_id: int, now: datetime) -> ClosureView | None:
    """Return one closure, reopened or not, as it is to be told at this moment."""
    row = session.execute(_views().where(Closure.id == closure_id)).one_or_none()
    return _told([ClosureView(*row)], now)[0] if row else None


def known(closure_id: int) -> ClosureView:
    """Return a closure that is there, as rules read it."""
    return ClosureView(*session.execute(_views().where(Closure.id == closure_id)).one())


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


def shut(article: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    """Return whether an article is closed for everybody at this moment, by itself or with a tag or the site."""
    return exists().where(
        reaching(article),
        Closure.branch_id.is_(None),
        Closure.person_a_id.is_(None),
        Closure.reopened_at.is_(None),
        Closure.begins_at.is_(None) | (Closure.begins_at <= now),
        Closure.until.is_(None) | (Closure.until > now),
    )


def _told(views: list[ClosureView], now: datetime) -> list[ClosureView]:
    """Say of each whether it is over or coming, and whether its whole article is closed besides; one statement."""
    articles = {view.article_id for view in views if view.article_id is not None}
    query = select(Article.id).where(Article.id.in_(articles), shut(Article.__table__.c.id, now))
    closed = set(session.scalars(query))
    return [replace(view.at(now), rest_open=view.article_id not in closed) for view in views]


def _views() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(getattr(Closure, name) for name in _OWN),
            _Closer.display_name,
            _Once.display_name,
            Article.slug,
            Article.title,
            Article.author_id,
            Tag.slug,
            Tag.name,
            _First.display_name,
            _First.role,
            _Second.display_name,
        )
        .outerjoin(Article, Article.id == Closure.article_id)
        .outerjoin(Tag, Tag.id == Closure.tag_id)
        .outerjoin(_Closer, _Closer.id == Closure.closed_by_id)
        .outerjoin(_Once, _Once.id == Closure.once_id)
        .outerjoin(_First, _First.id == Closure.person_a_id)
        .outerjoin(_Second, _Second.id == Closure.person_b_id)
    )


_ARTICLE, _PERSON = bindparam("article", type_=Id), bindparam("person", type_=Id)
_OPEN = _views().where(reaching(_ARTICLE), Closure.reopened_at.is_(None)).order_by(Closure.id)
_CONCERNING = _OPEN.where(concerns(_PERSON))
_FOR_ONE = _OPEN.where(Closure.person_a_id == _PERSON, Closure.person_b_id.is_(None))
