"""Work out which page of a discussion this is, and of how many.

An address names no page, for a page begins with any thread. So the pages are those that the links "earlier" and "later"
lead to from here, counted by the sizes of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, select

from forum.comments.models import Comment
from forum.comments.reading.page_rows import PAGE_ROWS, THREAD_ROWS, Selection
from forum.db import session

MOST = 500  # threads that are looked at: where there are more, a page says only which of them it shows


class Pages(NamedTuple):
    """This page's number, of how many, where they were counted; and its first and last thread's number."""

    number: int
    total: int
    first: int
    last: int


_SIZES = (
    select(Comment.id, Comment.thread_size)
    .where(Comment.article_id == bindparam("article"), Comment.parent_id.is_(None))
    .order_by(Comment.created_at, Comment.id)
    .limit(bindparam("most", type_=Integer))
)


def pages(article_id: int, chosen: Selection, *, newest: bool, everything: bool) -> Pages | None:
    """Return where a page stands among the others, by one statement; None where it is the only one."""
    if not chosen.roots or (chosen.earlier_id is None and chosen.later_id is None):
        return None
    first, last = chosen.roots[0].number, chosen.roots[-1].number
    rows = session.connection().execute(_SIZES, {"article": article_id, "most": MOST + 1}).all()
    if len(rows) > MOST:
        return Pages(0, 0, first, last)
    sizes = {id: size or 0 for id, size in (reversed(rows) if newest else rows) if size or everything}
    ids = list(sizes)
    if chosen.roots[0].id not in sizes:  # somebody has just taken it away
        return Pages(0, 0, first, last)
    at = ids.index(chosen.roots[0].id)
    before = _filled([sizes[id] for id in reversed(ids[:at])])
    return Pages(before + 1, before + _filled([sizes[id] for id in ids[at:]]), first, last)


def _filled(sizes: Sequence[int]) -> int:
    """Return how many pages threads of these sizes fill; a page ends as `page_rows` ends it."""
    count, total = 0, PAGE_ROWS + 1
    for size in sizes:
        shown = max(1, min(size, THREAD_ROWS))
        if total + shown > PAGE_ROWS:
            count, total = count + 1, 0
        total += shown
    return count
