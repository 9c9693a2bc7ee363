"""Read what was written in a discussion since a moment, and when a member was last there.

At most MOST comments are read, by an index of just this article, so a discussion of any size takes the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, literal_column, select
from sqlalchemy.orm import aliased

from forum.comments.models import Comment, Visit
from forum.db import Id, Moment, session
from forum.policy import CommentStatus

MOST = 500  # comments that a page calls new; who was away for longer reads the discussion rather than what is new


@dataclass(frozen=True)
class Arrivals:
    """The comments written since a moment, by id, as pages show them; `more`: there are others, written later."""

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
_SINCE = (
    select(Comment.id, _root.created_at, _root.id, Comment.pos)
    .join(_root, _root.id == Comment.root_id)
    .where(*_IN_INDEX, Comment.status == CommentStatus.PUBLISHED)
    .where(Comment.created_at > bindparam("since", type_=Moment))
    .where((Comment.author_id.is_(None)) | (Comment.author_id != bindparam("reader", type_=Id)))
    .order_by(Comment.created_at, Comment.id)
    .limit(bindparam("most", type_=Integer))
)
_NEWEST = select(Comment.created_at).where(*_IN_INDEX).order_by(Comment.created_at.desc(), Comment.id.desc()).limit(1)
_NOTED = select(Visit.since, Visit.until, Visit.at).where(
    Visit.person_id == bindparam("person"), Visit.article_id == bindparam("article")
)


def since(article_id: int, moment: datetime, *, newest: bool = False, reader_id: int | None = None) -> Arrivals:
    """Return what others than the reader wrote under an article since a moment; one statement.

    It comes in the order in which the pages show it, so that one leads to the next: thread by thread, the newest
    threads first where the reader chose that.
    """
    values = {"article": article_id, "since": moment, "reader": reader_id or 0, "most": MOST + 1}
    rows = session.connection().execute(_SINCE, values).all()
    found = sorted(rows[:MOST], key=itemgetter(3))
    found.sort(key=lambda row: (row[1], row[2]), reverse=newest)
    return Arrivals(moment, tuple(row[0] for row in found), len(rows) > MOST)


def newest(article_id: int) -> datetime | None:
    """Return when the newest comment was written that everybody may know of."""
    moment: datetime | None = session.connection().execute(_NEWEST, {"article": article_id}).scalar()
    return moment


def noted(person_id: int, article_id: int) -> Noted | None:
    """Return what is kept of a member's visits to a discussion."""
    row = session.connection().execute(_NOTED, {"person": person_id, "article": article_id}).one_or_none()
    return Noted._make(row) if row else None
