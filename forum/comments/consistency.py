"""Compare what is derived of comments with what follows from them; `forum doctor` tells the differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Row, select

from forum.articles.models import Article
from forum.comments.models import Comment
from forum.comments.recount import derived
from forum.db import session, snapshot

COMPARED = ("root_id", "depth", "reply_count", "closure_count", "thread_size")
_COLUMNS = (Comment.id, Comment.parent_id, Comment.pos, *(getattr(Comment, name) for name in COMPARED))


def article_ids() -> Sequence[int]:
    """Return the ids of all articles."""
    return session.scalars(select(Article.id).order_by(Article.id)).all()


def differences(article_id: int) -> tuple[list[str], list[str]]:
    """Return what is wrong with an article's labels, and what with its counters, each in words."""
    query = select(*_COLUMNS).where(Comment.article_id == article_id).order_by(Comment.root_id, Comment.pos)
    counters = select(Article.comment_count, Article.thread_count).where(Article.id == article_id)
    # Of one moment, because writers go on meanwhile.
    with snapshot() as connection:
        rows = connection.execute(query).all()
        wanted = {values["row"]: values for values in derived(connection, article_id)}
        counted = connection.execute(counters).one_or_none()
    if counted is None:  # deleted since the ids were read
        return [], []
    sizes = [values["thread_size"] for values in wanted.values() if values["thread_size"] is not None]
    wrong = list(_wrong_counters(rows, wanted))
    for (name, found), right in zip(counted._mapping.items(), (sum(sizes), len(sizes)), strict=True):
        if found != right:
            wrong.append(f"article {article_id}: {name} is {found}, not {right}")
    return list(_wrong_labels(rows)), wrong


def _wrong_counters(rows: Iterable[Row[Any]], wanted: dict[int, dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        values = wanted.get(row.id)
        if values is None:
            yield f"comment {row.id}: its parents lead back to itself"
            continue
        for name in COMPARED:
            if getattr(row, name) != values[name]:
                yield f"comment {row.id}: {name} is {getattr(row, name)}, not {values[name]}"


def _wrong_labels(rows: Iterable[Row[Any]]) -> Iterator[str]:
    """Find the rows of a thread, read by their labels, that do not stand in the branch of their parent."""
    for _, thread in groupby(rows, key=lambda row: row.root_id):
        path: list[int] = []  # from the thread's first comment down to the row before
        level: dict[int, int] = {}
        for row in thread:
            above = level.get(row.parent_id, -1)
            if (path or row.parent_id is not None) and path[above : above + 1] != [row.parent_id]:
                yield f"comment {row.id}: its label stands outside the branch of its parent"
                continue
            path[above + 1 :] = [row.id]
            level[row.id] = above + 1
