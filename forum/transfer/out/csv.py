"""Make a table of comments for spreadsheets: CSV (RFC 4180) in UTF-8, a row a comment, in the order of the page.

It shows what every reader of the site sees, no more. A text that a spreadsheet would take for a formula gets a sign
before it. The first row names the columns; their names are for programs and in English on every site.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Any

from forum import policy
from forum.articles.queries import ArticleView
from forum.comments.reading.page_rows import Read
from forum.comments.reading.thread import frame_of, name_of
from forum.text.spreadsheets import BOM, csv_lines
from forum.text.words import paragraphs
from forum.transfer.out import discussion, published
from forum.transfer.out.discussion import Piece
from forum.transfer.out.scope import Export

COLUMNS = (
    *("article", "title", "path", "depth", "id", "parent", "answers", "name", "guest", "written", "edited", "state"),
    *("rule", "text", "address"),
)


class Paths:
    """Where each row of a thread stands, in reading order: 3.1.2 is the second reply to the first of thread 3."""

    def __init__(self, number: int) -> None:
        self._open: list[Read] = []  # from the first comment down
        self._places: list[str] = []  # their places
        self._replies = [number - 1]  # so far, of the article and of each open row

    def of(self, row: Read) -> tuple[list[str], str]:
        """Return the places from the thread's down to a row's, and who wrote what it answers."""
        while self._open and self._open[-1].id != row.parent_id:
            self._open.pop()
            self._places.pop()
            self._replies.pop()
        answered = _name(self._open[-1]) if self._open else ""
        self._replies[-1] += 1
        self._open.append(row)
        self._places.append(str(self._replies[-1]))
        self._replies.append(0)
        return self._places, answered


def chunks(export: Export) -> Generator[bytes, None, None]:
    """Yield the file piece by piece. A whole site is what is published by now; a single article may be a draft."""
    base = published.site(export.connection).url.rstrip("/")
    yield BOM + csv_lines([COLUMNS])
    for article in published.articles(export.connection, export.scope):
        paths = Paths(0)
        for pieces in discussion.pieces(export, article.id):
            for piece in pieces:
                paths = Paths(piece.root.number) if piece.begins else paths
                yield csv_lines(_cells(export, article, piece, paths, base))


def _cells(export: Export, article: ArticleView, piece: Piece, paths: Paths, base: str) -> Iterator[tuple[Any, ...]]:
    asked_for = {row.id for row in discussion.chosen(export, piece)}
    for row in piece.rows:
        places, answered = paths.of(row)  # of all rows, so that a place is the same in every export
        if row.id not in asked_for:
            continue
        frame = frame_of(row.status)
        edited = _edited(row)
        yield (
            *(article.slug, article.title, ".".join(places), len(places) - 1, row.id, row.parent_id or ""),
            *(answered, _name(row), "yes" if row.author_id is None and not frame else ""),
            *(row.created_at.isoformat(), edited.isoformat() if edited else ""),
            *(frame or "published", row.rule or "", "" if frame else "\n\n".join(paragraphs(row.html))),
            f"{base}/comments/{row.id}",
        )


def _edited(row: Any) -> datetime | None:
    return row.edited_at if policy.shows_edited(row) else None


def _name(row: Read) -> str:
    return "" if frame_of(row.status) else name_of(row)
