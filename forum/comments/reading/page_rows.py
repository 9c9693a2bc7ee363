"""Fill one page of a discussion: which threads, which rows of them, and where each stands.

The same for every reader (staff get a second variant with the rows only they see); eleven statements with those of
`pages`, `arrivals`, `traces`, `moved` and `closings`, however many comments there are. A page ends before the thread
that would pass 200 rows; a thread shows at most 100 under the article, the rest on its branch pages, which show 200
from any row on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Integer, Result, Select, bindparam, literal, select, true, tuple_, union_all

from forum.articles.queries import ArticleView
from forum.comments.labels import end_of_branch
from forum.comments.models import Comment
from forum.comments.tree import Node
from forum.db import Id, Moment, session
from forum.errors import NotFound
from forum.people.models import Person
from forum.policy import has_place

PAGE_ROWS = 200  # what a reader scrolls through in one sitting, and a phone lays out at once
FEW_THREADS = 80  # fill nearly every page
THREAD_ROWS = 100  # so that one long quarrel does not push every other thread off the page
VISIBLE = (Comment.status == "published") | (Comment.reply_count > 0)  # `policy.has_place`, as SQL


class Read(NamedTuple):
    """One row of a discussion as it was read."""

    id: int
    parent_id: int | None
    root_id: int
    pos: int
    reply_count: int
    author_id: int | None
    guest_name: str | None
    html: str
    status: str
    rule: str | None
    created_at: datetime
    edited_at: datetime | None
    display_name: str | None
    username: str | None
    role: str | None


class Root(NamedTuple):
    """A thread as far as paging cares."""

    id: int
    number: int
    size: int

    @property
    def shown(self) -> int:
        """Return how many rows of it an article's page shows."""
        return min(self.size, THREAD_ROWS)


@dataclass(frozen=True)
class Selection:
    """The threads of one page, and the first threads of the pages around it."""

    roots: list[Root]
    earlier_id: int | None
    later_id: int | None


def choose_threads(article: ArticleView, newest: bool, from_id: int | None, everything: bool) -> Selection:
    """Choose the threads of a page, from a thread on (or the first), by keyset on (created_at, id)."""
    start = _key(article.id, from_id) if from_id else None
    page, later = _fitting(article.id, newest, start, everything, forward=True)
    earlier, _ = _fitting(article.id, newest, start, everything, forward=False) if start else ([], None)
    return Selection(page, earlier[-1].id if earlier else None, later)


def first_page_has(article_id: int, root_id: int, everything: bool = False) -> bool:
    """Tell whether a thread is on the article's first page, oldest first."""
    return any(root.id == root_id for root in _fitting(article_id, False, None, everything, forward=True)[0])


def thread_rows(article_id: int, roots: list[Root], everything: bool) -> dict[int, list[Read]]:
    """Return the rows of the chosen threads in reading order, by the ids of their first comments; one statement.

    At most two of them can be longer than what is shown, for two fill the page: those are read up to the limit.
    """
    long = [root.id for root in roots if root.size > THREAD_ROWS]
    values: dict[str, Any] = {"article": article_id, "small": [root.id for root in roots if root.size <= THREAD_ROWS]}
    values |= {f"long{number}": root_id for number, root_id in enumerate(long)}
    found: dict[int, list[Read]] = {}
    for row in sorted(
        _read(session.connection().execute(_of_threads(everything, len(long)), values)), key=attrgetter("pos")
    ):
        found.setdefault(row.root_id, []).append(row)
    return found


def branch_rows(top: Any, first: Any, everything: bool) -> tuple[list[Read], bool]:
    """Return up to 200 rows of the branch of `top`, beginning with `first`, and whether more follow."""
    query = rows_query(everything).where(
        Comment.article_id == top.article_id,
        Comment.root_id == top.root_id,
        Comment.pos >= first.pos,
        Comment.pos <= end_of_branch(top),
    )
    rows = _read(session.connection().execute(query.order_by(Comment.root_id, Comment.pos).limit(PAGE_ROWS + 1)))
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
    return len(session.connection().execute(before).all()) <= THREAD_ROWS


def parents_of(rows: Iterable[Read]) -> dict[int, Read]:
    """Return the rows answered by this page's rows that are not on it; one statement where there are any."""
    here: set[int | None] = {None}
    answered: set[int | None] = set()
    for row in rows:
        here.add(row.id)
        answered.add(row.parent_id)
    if not (missing := answered - here):
        return {}
    return {
        row.id: row for row in _read(session.connection().execute(_PARENTS, {"ids": sorted(filter(None, missing))}))
    }


def node(row: Any) -> Node:
    """Return a row as the tree sees it."""
    return Node(row.id, row.parent_id, row.reply_count, has_place(row.status, row.reply_count), row.created_at)


def _fitting(
    article_id: int, newest: bool, start: Any, everything: bool, *, forward: bool
) -> tuple[list[Root], int | None]:
    """Return the threads that fill a page, and the next one.

    Most pages are full after a few threads, so no more than those are read at first.
    """
    page: list[Root] = []
    for most in (FEW_THREADS, PAGE_ROWS + 1):
        page, total = [], 0
        roots = _roots(article_id, newest, start, everything, most, forward=forward)
        for root in roots:
            total += max(1, root.shown)
            if page and total > PAGE_ROWS:
                return page, root.id
            page.append(root)
        if len(roots) < most:
            break
    return page, None


@cache
def _of_threads(everything: bool, long: int) -> Any:
    """Return the statement for any number of short threads and so many long ones."""
    rows = rows_query(everything).where(Comment.article_id == bindparam("article"))
    parts: list[Select[Any]] = [rows.where(Comment.root_id.in_(bindparam("small", expanding=True)))]
    for number in range(long):
        whole = rows.where(Comment.root_id == bindparam(f"long{number}"), Comment.pos > -1)
        parts.append(select(*whole.order_by(Comment.root_id, Comment.pos).limit(THREAD_ROWS).subquery().c))
    return union_all(*parts) if long else parts[0]


def _roots(article_id: int, newest: bool, start: Any, everything: bool, most: int, *, forward: bool) -> list[Root]:
    values = {"article": article_id, "most": most}
    if start is not None:
        values |= {"at": start[0], "id": start[1]}
    query = _of_roots(newest is forward, forward, start is not None, everything)
    return [Root(id, number or 0, size or 0) for id, number, size in session.connection().execute(query, values)]


@cache
def _of_roots(descending: bool, forward: bool, started: bool, everything: bool) -> Select[*tuple[Any, ...]]:
    order = (Comment.created_at.desc(), Comment.id.desc()) if descending else (Comment.created_at, Comment.id)
    query: Select[*tuple[Any, ...]] = (
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


def _key(article_id: int, root_id: int) -> tuple[datetime, int]:
    """Return by what a thread is found in the order of threads. Raises NotFound where there is no such thread."""
    found = session.connection().execute(_KEY, {"article": article_id, "root": root_id}).one_or_none()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def rows_query(everything: bool) -> Select[*tuple[Any, ...]]:
    """Return the statement that reads every row, as `Read` has it."""
    query = select(
        Comment.id,
        Comment.parent_id,
        Comment.root_id,
        Comment.pos,
        Comment.reply_count,
        Comment.author_id,
        Comment.guest_name,
        Comment.html,
        Comment.status,
        Comment.rule,
        Comment.created_at,
        Comment.edited_at,
        Person.display_name,
        Person.username,
        Person.role,
    ).outerjoin(Person, Person.id == Comment.author_id)
    return query if everything else query.where(VISIBLE)


def _read(result: Result[Any]) -> list[Read]:
    return [Read._make(row) for row in result.all()]


_PARENTS = rows_query(everything=True).where(Comment.id.in_(bindparam("ids", expanding=True)))
_KEY = select(Comment.created_at, Comment.id).where(
    Comment.id == bindparam("root"), Comment.article_id == bindparam("article"), Comment.parent_id.is_(None)
)
