"""What a page tells of moves: above a branch where it came from, and where it was that it went.

The same for everybody, so of another article only while everybody may read it, and of people only those who wrote what
stands in the same article: what becomes of a comment elsewhere gives this page no new version.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, not_, or_, select
from sqlalchemy.orm import aliased

from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment, Move
from forum.db import session
from forum.people.models import Person
from forum.policy import ArticleStatus, CommentStatus


@dataclass(frozen=True)
class Trace:
    """One line about a move, or about several from the head of one article to another.

    `comment_id` is the first comment of what was moved, `parent_id` what it answered, `count` how many comments moved.
    `slug` and `title` are of the other article, empty where it is the same; `name` who wrote what it answered, there.
    """

    comment_id: int
    parent_id: int | None
    count: int
    slug: str
    title: str
    name: str = ""


@dataclass(frozen=True)
class Traces:
    """The lines of some rows: by the row that came here, and by the row from below which something went.

    `until` is when the clock adds one, because the other article comes out.
    """

    came: dict[int, Trace]
    went: dict[int, tuple[Trace, ...]]
    until: datetime | None = None

    def among(self, ids: Collection[int]) -> Traces:
        """Return those of some rows."""
        came = {id: trace for id, trace in self.came.items() if id in ids}
        return Traces(came, {id: lines for id, lines in self.went.items() if id in ids})


NONE = Traces({}, {})
_Other, _Answered, _Moved = aliased(Article), aliased(Comment), aliased(Comment)
# Not of what was moved back by another move: it stands there.
_IS_AWAY = not_(
    and_(_Moved.article_id == Move.from_article_id, _Moved.parent_id.is_not_distinct_from(Move.from_parent_id))
)
_TOLD = Move.undone_at.is_(None), Move.comment_count > 0, _Other.status == ArticleStatus.PUBLISHED


def _moves(*columns: Any) -> Select[Any]:
    other = or_(
        and_(Move.from_article_id == bindparam("article"), _Other.id == Move.to_article_id),
        and_(Move.from_article_id != bindparam("article"), _Other.id == Move.from_article_id),
    )
    return select(*columns, _Other.id, _Other.slug, _Other.title, _Other.published_at).join(_Other, other).where(*_TOLD)


_OF_ROWS = (
    _moves(
        *(Move.id.label("move"), Move.comment_id, Move.from_parent_id, Move.comment_count, Move.from_article_id),
        *(Move.to_article_id, _IS_AWAY.label("is_away"), _Answered.article_id.label("answered_in")),
        *(_Answered.status.label("answered"), func.coalesce(Person.display_name, _Answered.guest_name).label("name")),
    )
    .join(_Moved, _Moved.id == Move.comment_id)
    .outerjoin(_Answered, _Answered.id == Move.from_parent_id)
    .outerjoin(Person, Person.id == _Answered.author_id)
    .where(
        or_(
            Move.comment_id.in_(bindparam("ids", expanding=True)),
            Move.from_parent_id.in_(bindparam("ids", expanding=True)),
        )
    )
    .order_by(Move.id)
)
_OF_ARTICLE = (
    _moves(func.min(Move.comment_id).label("first"), func.sum(Move.comment_count).label("comments"))
    .join(_Moved, _Moved.id == Move.comment_id)
    .where(Move.from_article_id == bindparam("article"), Move.from_parent_id.is_(None), _IS_AWAY)
    .group_by(_Other.id, _Other.slug, _Other.title, _Other.published_at)
    .order_by(func.min(Move.id))
)


def of_rows(article_id: int, ids: Collection[int]) -> Traces:
    """Return what is told of moves at these comments, which stand under an article; one statement."""
    came: dict[int, Trace] = {}
    went: dict[int, tuple[Trace, ...]] = {}
    later: list[datetime] = []
    rows = session.connection().execute(_OF_ROWS, {"article": article_id, "ids": sorted(ids) or [0]}).all()
    for row in rows:
        if not _is_out(row, later):
            continue
        same = row.from_article_id == row.to_article_id
        slug, title = ("", "") if same else (row.slug, row.title)
        about = row.comment_id, row.from_parent_id, row.comment_count, slug, title
        if row.to_article_id == article_id and row.comment_id in ids:
            named = same and row.answered_in == article_id and row.answered == CommentStatus.PUBLISHED
            came[row.comment_id] = Trace(*about, (row.name or "") if named else "")
        if row.from_article_id == article_id and row.is_away and row.from_parent_id in ids:
            went[row.from_parent_id] = (*went.get(row.from_parent_id, ()), Trace(*about))
    return Traces(came, went, min(later, default=None))


def of_article(article_id: int) -> tuple[tuple[Trace, ...], datetime | None]:
    """Return the lines about threads that were moved away, one for each other article, and when the clock adds one."""
    later: list[datetime] = []
    rows = session.connection().execute(_OF_ARTICLE, {"article": article_id}).all()
    found = tuple(
        Trace(row.first, None, int(row.comments), *(("", "") if row.id == article_id else (row.slug, row.title)))
        for row in rows
        if _is_out(row, later)
    )
    return found, min(later, default=None)


def _is_out(row: Any, later: list[datetime]) -> bool:
    if row.published_at is not None and row.published_at > now():
        later.append(row.published_at)
        return False
    return row.published_at is not None
