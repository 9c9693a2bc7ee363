"""Make a table of comments for spreadsheets: CSV (RFC 4180) in UTF-8, a row a comment, in the order of the page.

It shows what every reader of the site sees, no more. A text that a spreadsheet would take for a formula gets a sign
before it. The first row names the columns; their names are for programs and in English on every site.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from sqlalchemy import Connection

from forum.articles.queries import ArticleView
from forum.comments.reading.row import Row
from forum.text.spreadsheets import BOM, csv_lines
from forum.text.words import paragraphs
from forum.transfer.out import published
from forum.transfer.out.scope import Scope

ROWS = 1000  # read at once
COLUMNS = (
    *("article", "title", "path", "depth", "id", "parent", "answers", "name", "guest", "written", "edited", "state"),
    *("rule", "text", "address"),
)
STATES = {"": "published"}  # of a row without a frame; else the frame's own name


class Paths:
    """Where each row of a thread stands, in reading order: 3.1.2 is the second reply to the first of thread 3."""

    def __init__(self, number: int) -> None:
        self._open: list[tuple[Row, int]] = []  # from the first comment down, each with its place
        self._replies = [number - 1]  # so far, of the article and of each open row

    def of(self, row: Row) -> tuple[list[int], str]:
        """Return the places from the thread's down to a row's, and who wrote what it answers."""
        while self._open and self._open[-1][0].id != row.parent_id:
            self._open.pop()
            self._replies.pop()
        answered = self._open[-1][0].name if self._open else ""
        self._replies[-1] += 1
        self._open.append((row, self._replies[-1]))
        self._replies.append(0)
        return [place for _row, place in self._open], answered


def chunks(connection: Connection, scope: Scope) -> Generator[bytes, None, None]:
    """Yield the file piece by piece. A whole site is what is published by now; a single article may be a draft."""
    base = published.site(connection).url.rstrip("/")
    yield BOM + csv_lines([COLUMNS])
    for article in published.articles(connection, scope):
        for root in published.roots(connection, article.id):
            paths = Paths(root.number)
            for part in published.rows(connection, article, root, [], ROWS):
                yield csv_lines(_cells(article, part, paths, base))


def _cells(article: ArticleView, part: list[Row], paths: Paths, base: str) -> Iterator[tuple[Any, ...]]:
    for row in part:
        path, answered = paths.of(row)
        yield (
            *(article.slug, article.title, ".".join(map(str, path)), len(path) - 1, row.id, row.parent_id or ""),
            *(answered, row.name, "yes" if row.guest else ""),
            *(row.created_at.isoformat(), row.edited_at.isoformat() if row.edited_at else ""),
            *(STATES.get(row.frame, row.frame), row.rule, "\n\n".join(paragraphs(row.html)) if not row.frame else ""),
            f"{base}/comments/{row.id}",
        )
