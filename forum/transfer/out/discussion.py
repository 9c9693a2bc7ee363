"""Read what every reader sees of a discussion, in the order of its page, about a thousand rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from forum.articles.models import Article
from forum.articles.queries import ArticleView
from forum.closures.queries import ClosureView
from forum.comments.models import Comment
from forum.comments.reading import thread
from forum.comments.reading.page_rows import Read, Root, rows_query
from forum.comments.reading.row import Row
from forum.comments.tree import Above
from forum.policy import CommentStatus
from forum.transfer.out import published
from forum.transfer.out.scope import Export, Scope

AT_ONCE = 1000  # rows held in memory, and about so many threads

_THREADS = rows_query(everything=False).where(
    Comment.article_id == bindparam("article"), Comment.root_id.in_(bindparam("roots", expanding=True))
)
_THREAD = (
    rows_query(everything=False)
    .where(Comment.article_id == bindparam("article"), Comment.root_id == bindparam("root"), Comment.pos > -1)
    .order_by(Comment.root_id, Comment.pos)
)
_BY_ID = rows_query(everything=True).where(Comment.id.in_(bindparam("ids", expanding=True)))


class Piece(NamedTuple):
    """Rows of one thread that follow each other; `begins` and `ends`: its first row and its last are among them."""

    root: Root
    rows: list[Read]
    begins: bool = True
    ends: bool = True


class Drawn(NamedTuple):
    """The same piece as the page draws it."""

    root: Root
    rows: list[Row]
    begins: bool
    ends: bool


def pieces(export: Export, article_id: int) -> Iterator[list[Piece]]:
    """Yield the threads in which something is asked for, oldest first, each whole or in several pieces."""
    batch: list[Root] = []
    total = 0
    for root in _roots(export, article_id):
        if batch and total + root.size > AT_ONCE:
            yield _short(export, article_id, batch)
            batch, total = [], 0
        if root.size > AT_ONCE:
            yield from ([piece] for piece in _long(export, article_id, root))
        else:
            batch.append(root)
            total += root.size
    if batch:
        yield _short(export, article_id, batch)


def chosen(export: Export, piece: Piece) -> list[Read]:
    """Return the rows of a piece that are asked for, and count them as done."""
    scope = export.scope
    found = [row for row in piece.rows if is_asked_for(scope, row)] if scope.chooses_comments else piece.rows
    export.done += len(found)
    return found


def count(export: Export) -> int:
    """Return how many comments are asked for that have a place in what readers see."""
    scope = export.scope
    within = published.out(select(Article.id), scope).order_by(None)
    asked_for = (*scope.comments(), published.shown(scope), Comment.article_id.in_(within))
    query = select(func.count()).select_from(Comment).where(*asked_for)
    return int(export.connection.execute(query).scalar_one())


def is_asked_for(scope: Scope, row: Read) -> bool:
    """Tell whether a row is asked for. Of a person only what is shown: readers do not learn who wrote what is gone."""
    if scope.person_id is not None and row.status != CommentStatus.PUBLISHED:
        return False
    return scope.has(row.author_id, row.created_at)


def drawn(export: Export, article: ArticleView, closures: list[ClosureView]) -> Iterator[list[Drawn]]:
    """Yield the rows that are asked for as the page draws them; the rows above a piece carry over to the next."""
    above: list[list[int]] = []  # from the thread's first comment down: id, level, replies, replies seen
    for batch in pieces(export, article.id):
        made = []
        for piece in batch:
            above = [] if piece.begins else above
            rows = _rows(export, article, piece, closures, above)
            made.append(Drawn(piece.root, rows, piece.begins, piece.ends))
        yield made


def _rows(
    export: Export, article: ArticleView, piece: Piece, closures: list[ClosureView], above: list[list[int]]
) -> list[Row]:
    rows = chosen(export, piece)
    if not rows:
        return []
    _leave(above, rows[0].parent_id)
    parents = _parents(export, piece, rows)
    made = thread.rows_of(article, rows, parents, closures, above=[Above(*row) for row in above], cut=not piece.ends)
    if not piece.ends:
        for row in made:
            _leave(above, row.parent_id)
            if above:
                above[-1][3] += 1
            above.append([row.id, row.level, row.reply_count, 0])
    return made


def _leave(above: list[list[int]], parent_id: int | None) -> None:
    while above and above[-1][0] != parent_id:
        above.pop()


def _roots(export: Export, article_id: int) -> Iterator[Root]:
    scope, root = export.scope, aliased(Comment)
    query = (
        select(root.id, root.thread_number, root.thread_size)
        .where(root.article_id == article_id, root.parent_id.is_(None), root.thread_size > 0)
        .order_by(root.created_at, root.id)
    )
    if scope.chooses_comments:
        written = scope.written(Comment.author_id, Comment.created_at)
        asked_for = (Comment.article_id == article_id, *written, published.shown(scope))
        query = query.where(root.id.in_(select(Comment.root_id).where(*asked_for)))
    with export.connection.execute(query, execution_options={"yield_per": AT_ONCE}) as found:
        for id, number, size in found:
            yield Root(id, number or 0, size or 0)


def _short(export: Export, article_id: int, roots: list[Root]) -> list[Piece]:
    values = {"article": article_id, "roots": [root.id for root in roots]}
    rows: dict[int, list[Read]] = {root.id: [] for root in roots}
    for row in sorted(map(Read._make, export.connection.execute(_THREADS, values)), key=attrgetter("pos")):
        rows[row.root_id].append(row)
    return [Piece(root, rows[root.id]) for root in roots]


def _long(export: Export, article_id: int, root: Root) -> Iterator[Piece]:
    """Yield the pieces of a thread; its number of rows says which is the last."""
    done = 0
    values = {"article": article_id, "root": root.id}
    with export.connection.execute(_THREAD, values, execution_options={"yield_per": AT_ONCE}) as found:
        for part in found.partitions():
            begins, done = done == 0, done + len(part)
            yield Piece(root, [Read._make(row) for row in part], begins, done >= root.size)


def _parents(export: Export, piece: Piece, rows: list[Read]) -> dict[int, Any]:
    """Return the rows that some rows answer and that are not among them."""
    near = {row.id: row for row in piece.rows}
    here = {row.id for row in rows}
    wanted = {row.parent_id for row in rows if row.parent_id} - here
    found = {id: near[id] for id in wanted if id in near}
    missing = sorted(wanted - found.keys())
    if missing:
        found |= {row.id: Read._make(row) for row in export.connection.execute(_BY_ID, {"ids": missing})}
    return found
