"""Write the index: texts with their words, and on SQLite the table of FTS5 beside them. PostgreSQL keeps GIN itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import BindParameter, bindparam, delete, insert, select, text

from forum.db import engine, session
from forum.search.candidates import milliseconds
from forum.search.models import SearchText
from forum.search.texts import Text

_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)
_ADD = text("INSERT INTO search_index (rowid, words) SELECT id, words FROM search_texts WHERE id IN :ids")
_TAKE = text(
    "INSERT INTO search_index (search_index, rowid, words) SELECT 'delete', id, words FROM search_texts"
    " WHERE id IN :ids"
)
_MERGE = text("INSERT INTO search_index (search_index, rank) VALUES ('merge', -:pages)")
_CHANGES = text("SELECT total_changes()")


def add(texts: Collection[Text]) -> None:
    """Put texts into the index that are not there."""
    ordered = sorted(texts, key=lambda text: (text.at, text.comment_id or 0))
    rows = [
        {"id": id, "comment_id": text.comment_id, "article_id": text.article_id, "words": text.words}
        for id, text in zip(_free([milliseconds(text.at) for text in ordered]), ordered, strict=True)
    ]
    if rows:
        session.connection().execute(insert(SearchText), rows)
        if _is_sqlite():
            session.execute(_ADD.bindparams(_IDS), {"ids": [row["id"] for row in rows]})


def take_away(ids: Collection[int]) -> None:
    """Take texts out of the index. On SQLite their words are in its file until `merge` is through."""
    if ids and _is_sqlite():
        session.execute(_TAKE.bindparams(_IDS), {"ids": list(ids)})
    if ids:
        session.execute(delete(SearchText).where(SearchText.id.in_(ids)))


def clear() -> None:
    """Take away all."""
    if _is_sqlite():
        session.execute(text("INSERT INTO search_index (search_index) VALUES ('delete-all')"))
        session.execute(delete(SearchText))
    else:
        session.execute(text("TRUNCATE search_texts"))  # GIN never gives up a word by itself


def merge(pages: int) -> bool:
    """Write so many pages of SQLite's index anew, without the words that are gone. Return whether that was all.

    FTS5 writes what changes beside what is there, and puts both together later. *If you write to the index before all
    is merged, it begins again.*
    """
    if not _is_sqlite():
        return True
    before = session.scalar(_CHANGES)
    session.execute(_MERGE, {"pages": pages})
    return int(session.scalar(_CHANGES) or 0) - int(before or 0) < 2  # of these, one is the command itself


def _free(wanted: Sequence[int]) -> list[int]:
    """Return as many ids that no text has, in the same order and as near to those wanted as there is room."""
    ids, taken, further = list(wanted), set[int](), 1
    while True:
        last = 0
        for at, id in enumerate(ids):
            ids[at] = last = max(last + 1, id + further * (id in taken))
        taken = set(session.scalars(select(SearchText.id).where(SearchText.id.in_(ids))))
        if not taken:
            return ids
        further *= 2


def _is_sqlite() -> bool:
    return engine().dialect.name == "sqlite"
