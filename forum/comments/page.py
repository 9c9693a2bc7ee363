"""Fill one page of a discussion: which threads, which rows of them, and where each stands.

The same for every reader (staff get a second variant with the rows only they see); six statements, however many
comments there are. A page ends before the thread that would pass 200 rows; a thread shows at most 100 under the
article, the rest on its branch pages, which show 200 from any row on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Integer, Select, bindparam, literal, select, true, tuple_, union_all

from forum.accounts.models import Person
from forum.articles.queries import ArticleView
from forum.comments.labels import end_of_branch
from forum.comments.models import Comment
from forum.comments.tree import Node
from forum.db import Id, Moment, session
from forum.policy import has_place

PAGE_ROWS = 200  # what a reader scrolls through in one sitting, and a phone lays out at once
THREAD_ROWS = 100  # so that one long quarrel does not push every other thread off the page
VISIBLE = (Comment.status == "published") | (Comment.reply_count > 0)  # `policy.has_place`, as SQL


@dataclass(frozen=True)
class Root:
    """Be a thread as far as paging cares."""

    id: int
    number: int
    size: int

    @property
    def shown(self) -> int:
        """Return how many rows of it an article's page shows."""
        return min(self.size, THREAD_ROWS)


@dataclass(frozen=True)
class Selection:
    """Be the threads of one page, and the first threads of the pages around it."""

    roots: list[Root]
    earlier_id: int | None
    later_id: int | None


def choose_threads(article: ArticleView, newest: bool, from_id: int | None, everything: bool) -> Selection:
    """Choose the threads of a page, from a thread on (or the first), by keyset on (created_at, id)."""
    start = _key(article.id, from_id) if from_id else None
    ahead = _roots(article.id, newest, start, everything, forward=True)
    behind = _roots(article.id, newest, start, everything, forward=False) if start else []
    page = _fitting(ahead)
    earlier = _fitting(behind)
    later = ahead[len(page)].id if len(page) < len(ahead) else None
    return Selection(page, earlier[-1].id if earlier else None, later)


def first_page_has(article_id: int, root_id: int, everything: bool = False) -> bool:
    """Tell whether a thread is on the article's first page, oldest first."""
    return any(root.id == root_id for root in _fitting(_roots(article_id, False, None, everything, forward=True)))


def thread_rows(article_id: int, roots: list[Root], everything: bool) -> list[Any]:
    """Return the rows of the chosen threads, thread by thread in reading order; one statement.

    At most two of them can be longer than what is shown, for two fill the page: those are read up to the limit.
    """
    small = [root.id for root in roots if root.size <= THREAD_ROWS]
    long = [root.id for root in roots if root.size > THREAD_ROWS] or [0]
    values = {"article": article_id, "small": small or [0], **{f"long{n}": root_id for n, root_id in enumerate(long)}}
    rows = session.connection().execute(_of_threads(everything, len(long), THREAD_ROWS), values).all()
    order = {root.id: number for number, root in enumerate(roots)}
    return sorted(rows, key=lambda row: (order[row.root_id], row.pos))


def branch_rows(top: Any, first: Any, everything: bool) -> tuple[list[Any], bool]:
    """Return up to 200 rows of the branch of `top`, beginning with `first`, and whether more follow."""
    query = _rows(everything).where(
        Comment.article_id == top.article_id,
        Comment.root_id == top.root_id,
        Comment.pos >= first.pos,
        Comment.pos <= end_of_branch(top),
    )
    rows = list(session.execute(query.order_by(Comment.root_id, Comment.pos).limit(PAGE_ROWS + 1)).all())
    return rows[:PAGE_ROWS], len(rows) > PAGE_ROWS


def is_among_shown(article_id: int, root_id: int, pos: int, everything: bool = False) -> bool:
    """Tell whether a row of a thread is among those its article's page shows; looks at 101 rows at most."""
    shown = true() if everything else VISIBLE
    before = (
        select(literal(1))
        .where(Comment.article_id == article_id, Comment.root_id == root_id, Comment.pos > -1, Comment.pos <= pos)
        .where(shown)
        .limit(THREAD_ROWS + 1)
    )
    return len(session.execute(before).all()) <= THREAD_ROWS


def parents_of(rows: list[Any]) -> dict[int, Any]:
    """Return the rows answered by this page's rows that are not on it; one statement, issued always."""
    here = {row.id for row in rows}
    missing = sorted({row.parent_id for row in rows if row.parent_id and row.parent_id not in here})
    found = session.connection().execute(_PARENTS, {"ids": missing or [0]})
    return {row.id: row for row in found}


def node(row: Any) -> Node:
    """Return a row as the tree sees it."""
    return Node(row.id, row.parent_id, row.reply_count, has_place(row.status, row.reply_count), row.created_at)


def _fitting(roots: list[Root]) -> list[Root]:
    total = 0
    page: list[Root] = []
    for root in roots:
        total += max(1, root.shown)
        if page and total > PAGE_ROWS:
            break
        page.append(root)
    return page


@cache
def _of_threads(everything: bool, long: int, most: int) -> Select[Any] | CompoundSelect[Any]:
    """Return the statement for any number of short threads and so many long ones; built once, which takes long."""
    rows = _rows(everything).where(Comment.article_id == bindparam("article"))
    parts: list[Select[Any]] = [rows.where(Comment.root_id.in_(bindparam("small", expanding=True)))]
    for number in range(long):
        whole = rows.where(Comment.root_id == bindparam(f"long{number}"), Comment.pos > -1)
        parts.append(select(*whole.order_by(Comment.root_id, Comment.pos).limit(most).subquery().c))
    return union_all(*parts)


def _roots(article_id: int, newest: bool, start: Any, everything: bool, *, forward: bool) -> list[Root]:
    values = {"article": article_id, "most": PAGE_ROWS + 1}
    if start is not None:
        values |= {"at": start.created_at, "id": start.id}
    query = _of_roots(newest is forward, forward, start is not None, everything)
    return [Root(row[0], row[1] or 0, row[2] or 0) for row in session.connection().execute(query, values)]


@cache
def _of_roots(descending: bool, forward: bool, started: bool, everything: bool) -> Select[*tuple[Any, ...]]:
    order = (Comment.created_at.desc(), Comment.id.desc()) if descending else (Comment.created_at, Comment.id)
    query = (
        select(Comment.id, Comment.thread_number, Comment.thread_size)
        .where(Comment.article_id == bindparam("article"), Comment.parent_id.is_(None))
        .order_by(*order)
        .limit(bindparam("most", type_=Integer))
    )
    if not everything:
        query = query.where(Comment.thread_size > 0)
    if started:
        # Compared as one row, so that both databases find the place in the index instead of reading up to it.
        here = tuple_(Comment.created_at, Comment.id)
        start = tuple_(bindparam("at", type_=Moment), bindparam("id", type_=Id))
        after = (
            (here <= start if forward else here < start) if descending else (here >= start if forward else here > start)
        )
        query = query.where(after)
    return query


def _key(article_id: int, root_id: int) -> Any:
    query = select(Comment.created_at, Comment.id).where(
        Comment.id == root_id, Comment.article_id == article_id, Comment.parent_id.is_(None)
    )
    return session.execute(query).one_or_none()


def _rows(everything: bool) -> Select[*tuple[Any, ...]]:
    query = select(
        Comment.id,
        Comment.article_id,
        Comment.parent_id,
        Comment.root_id,
        Comment.pos,
        Comment.depth,
        Comment.reply_count,
        Comment.closure_count,
        Comment.author_id,
        Comment.guest_name,
        Comment.html,
        Comment.status,
        Comment.rule,
        Comment.created_at,
        Comment.edited_at,
        Comment.withdrawn_at,
        Person.display_name,
        Person.username,
        Person.role,
    ).outerjoin(Person, Person.id == Comment.author_id)
    return query if everything else query.where(VISIBLE)


_PARENTS = _rows(everything=True).where(Comment.id.in_(bindparam("ids", expanding=True)))
