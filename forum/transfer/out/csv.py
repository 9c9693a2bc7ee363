"""Make a table of comments for spreadsheets: CSV (RFC 4180) in UTF-8, a row a comment, in the order of the page.

It shows what every reader of the site sees, no more. A text that a spreadsheet would take for a formula gets a sign
before it. The first row names the columns; their names are for programs and in English on every site.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator
from typing import Any

from sqlalchemy import Connection

from forum.articles.queries import ArticleView
from forum.comments.reading.row import Row
from forum.text.words import paragraphs
from forum.transfer.out import published
from forum.transfer.out.scope import Scope

ROWS = 1000  # read at once
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # with which a cell begins that a spreadsheet would run
COLUMNS = (
    *("article", "title", "path", "depth", "id", "parent", "answers", "name", "guest", "written", "edited", "state"),
    *("rule", "text", "address"),
)
STATES = {"": "published"}  # of a row without a frame; else the frame's own name


class Paths:
    """Where each row of a thread stands, in reading order: 3.1.2 is the second reply to the first of thread 3."""

    def __init__(self, number: int) -> None:
        self._open: list[list[int]] = []  # from the first comment down: id, its place, replies so far
        self._number = number

    def of(self, row: Row) -> list[int]:
        """Return the places from the thread's down to a row's."""
        while self._open and self._open[-1][0] != row.parent_id:
            self._open.pop()
        place = self._number
        if self._open:
            self._open[-1][2] += 1
            place = self._open[-1][2]
        self._open.append([row.id, place, 0])
        return [step[1] for step in self._open]


def chunks(connection: Connection, scope: Scope) -> Generator[bytes, None, None]:
    """Yield the file piece by piece. A whole site is what is published by now; a single article may be a draft."""
    base = published.site(connection).url.rstrip("/")
    yield b"\xef\xbb\xbf" + _lines([COLUMNS])  # else Excel takes it for the encoding of its country
    for article in published.articles(connection, scope):
        for root in published.roots(connection, article.id):
            paths, names = Paths(root.number), dict[int, str]()
            for part in published.rows(connection, article, root, [], ROWS):
                yield _lines(_cells(article, part, paths, names, base))


def _cells(
    article: ArticleView, part: list[Row], paths: Paths, names: dict[int, str], base: str
) -> Iterator[tuple[Any, ...]]:
    for row in part:
        path = paths.of(row)
        names[row.id] = row.name
        yield (
            *(article.slug, article.title, ".".join(map(str, path)), len(path) - 1, row.id, row.parent_id or ""),
            *(names.get(row.parent_id or 0, ""), row.name, "yes" if row.guest else ""),
            *(row.created_at.isoformat(), row.edited_at.isoformat() if row.edited_at else ""),
            *(STATES.get(row.frame, row.frame), row.rule, "\n\n".join(paragraphs(row.html)) if not row.frame else ""),
            f"{base}/comments/{row.id}",
        )


def _lines(rows: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULAS) else cell
