"""Read what came in a discussion since a moment, and when a member was last there.

A comment comes when it is written; one that waited, when it was let in (`shown_at`). At most MOST are read by each of
these moments, by an index of just this article, so a discussion of any size takes the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Subquery, bindparam, literal_column, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from forum.comments.models import Comment, Visit
from forum.db import Id, Moment, session
from forum.policy import CommentStatus

MOST = 500  # comments that a page calls new; a person who was away for longer reads the whole discussion


@dataclass(frozen=True)
class Arrivals:
    """The comments that came since a moment, by id, as pages show them; `more`: there are others."""

    since: datetime
    ids: tuple[int, ...]
    more: bool


class Noted(NamedTuple):
    """What is kept of a member's visits: what came after `since` is new, `until` was seen, `at` is the latest page."""

    since: datetime | None
    until: datetime
    at: datetime


_root = aliased(Comment)
# "status <> 'held'" is what lets both databases use the partial index `ix_comments_newest`.
_IN_INDEX = Comment.article_id == bindparam("article"), Comment.status != literal_column("'held'")
_STANDS = Comment.status == CommentStatus.PUBLISHED  # what was removed unseen must not show by its moment either
_BY_OTHERS = (Comment.author_id.is_(None)) | (Comment.author_id != bindparam("reader", type_=Id))
_MOMENT = bindparam("since", type_=Moment)


def _some(*where: ColumnElement[bool], by: InstrumentedAttribute[Any]) -> Subquery:
    """Return the first comments that came, by the index of one of their moments."""
    query = select(Comment.id, _root.created_at.label("begun"), _root.id.label("root"), Comment.pos)
    query = query.join(_root, _root.id == Comment.root_id).where(_STANDS, *where)
    return query.where(_BY_OTHERS).order_by(by, Comment.id).limit(bindparam("most", type_=Integer)).subquery()


_LET_IN = Comment.article_id == bindparam("article"), Comment.shown_at.is_not(None)
_SINCE = union_all(
    select(_some(*_IN_INDEX, Comment.created_at > _MOMENT, by=Comment.created_at)),
    select(_some(*_LET_IN, Comment.shown_at > _MOMENT, Comment.created_at <= _MOMENT, by=Comment.shown_at)),
)
_NEWEST = select(
    select(Comment.created_at)
    .where(*_IN_INDEX, _STANDS)
    .order_by(Comment.created_at.desc())
    .limit(1)
    .scalar_subquery(),
    select(Comment.shown_at).where(*_LET_IN, _STANDS).order_by(Comment.shown_at.desc()).limit(1).scalar_subquery(),
)
_NOTED = select(Visit.since, Visit.until, Visit.at).where(
    Visit.person_id == bindparam("person"), Visit.article_id == bindparam("article")
)


def since(article_id: int, moment: datetime, *, newest: bool = False, reader_id: int | None = None) -> Arrivals:
    """Return what came from others than the reader under an article since a moment; one statement.

    It comes in the order in which the pages show it, so that one leads to the next: thread by thread, the newest
    threads first where the reader chose that.
    """
    values = {"article": article_id, "since": moment, "reader": reader_id or 0, "most": MOST + 1}
    rows = session.connection().execute(_SINCE, values).all()
    found = sorted(rows[:MOST], key=itemgetter(3))
    found.sort(key=lambda row: (row[1], row[2]), reverse=newest)
    return Arrivals(moment, tuple(row[0] for row in found), len(rows) > MOST)


def newest(article_id: int) -> datetime | None:
    """Return when the newest comment came that everybody may know of."""
    moments = session.connection().execute(_NEWEST, {"article": article_id}).one()
    return max((moment for moment in moments if moment), default=None)


def noted(person_id: int, article_id: int) -> Noted | None:
    """Return what is kept of a member's visits to a discussion."""
    row = session.connection().execute(_NOTED, {"person": person_id, "article": article_id}).one_or_none()
    return Noted._make(row) if row else None
