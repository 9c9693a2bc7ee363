"""The words of one shelf in memory, and how what changed of them is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, cast

from sqlalchemy import Delete, Insert, Table, Update, bindparam, delete, insert, select, update

from forum.db import session
from forum.search.models import SearchWord
from forum.search.shelf import packed, unpacked

_OF_SHELF = SearchWord.shelf == bindparam("at"), SearchWord.word == bindparam("term")
_words = cast(Table, SearchWord.__table__)
_INSERT = insert(_words)
_UPDATE = update(_words).where(*_OF_SHELF).values(places=bindparam("set"))
_DELETE = delete(_words).where(*_OF_SHELF)
NAMED = 10_000  # words that are named in one statement: PostgreSQL takes 65,535, and all of a shelf are read as fast


class Loaded:
    """The words of one shelf: all of them, or those that new texts have, which is enough to add texts."""

    def __init__(self, shelf: int, words: Collection[str] | None = None) -> None:
        self._shelf = shelf
        query = select(SearchWord.word, SearchWord.places).where(SearchWord.shelf == shelf)
        if words is not None and len(words) <= NAMED:
            query = query.where(SearchWord.word.in_(words))
        rows = session.execute(query).all() if words is None or words else []
        self._stored: dict[str, bytes] = {row.word: row.places for row in rows}
        self._sets: dict[str, int] = {word: unpacked(stored) for word, stored in rows}

    def add(self, slot: int, terms: Iterable[str]) -> None:
        """Put a text on a place that is empty."""
        bit = 1 << slot
        for term in terms:
            self._sets[term] = self._sets.get(term, 0) | bit

    def set(self, slot: int, terms: Collection[str]) -> None:
        """Let the text at a place have these terms and no others; all words of the shelf must be there."""
        bit = 1 << slot
        for term, places in self._sets.items():
            if places & bit:
                self._sets[term] = places ^ bit
        self.add(slot, terms)

    def save(self) -> None:
        """Write what changed; a word that no text has any more goes."""
        sets = {word: packed(places) for word, places in self._sets.items()}
        new = sorted(word for word in sets.keys() - self._stored.keys() if sets[word])
        gone = [word for word in self._stored if not sets[word]]
        changed = [word for word, stored in self._stored.items() if sets[word] and sets[word] != stored]
        _many(_INSERT, [{"shelf": self._shelf, "word": word, "places": sets[word]} for word in new])
        _many(_UPDATE, [{"at": self._shelf, "term": word, "set": sets[word]} for word in changed])
        _many(_DELETE, [{"at": self._shelf, "term": word} for word in gone])


def _many(statement: Insert | Update | Delete, rows: list[dict[str, Any]]) -> None:
    """Execute a statement with many rows, past SQLAlchemy, which takes four times as long as SQLite itself."""
    if not rows:
        return
    connection = session.connection()
    compiled = statement.compile(dialect=connection.dialect)
    given = [tuple(row[name] for name in compiled.positiontup) for row in rows] if compiled.positiontup else rows
    connection.exec_driver_sql(str(compiled), cast(Any, given))
