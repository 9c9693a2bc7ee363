"""Tables of search. What they hold follows from articles and comments, so that they can be made anew at any time.

The database's own full-text index stands over `SearchText.words`: on PostgreSQL GIN, on SQLite the FTS5 table
`search_index`. The migration `full_text` makes them, and SQLAlchemy knows of neither.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Integer, Text, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from forum.db import Base, Id, Moment


class Words(TypeDecorator[str]):
    """The type of words with spaces between them; PostgreSQL keeps them as a tsvector, which it gives back quoted."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        from sqlalchemy.dialects.postgresql import TSVECTOR  # here, because a site on SQLite has no use for it

        return dialect.type_descriptor(TSVECTOR())

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value and value.replace("'", "")


class SearchHead(Base):
    """The one row that every change of the index locks.

    From `purge_at` on the worker takes words out of SQLite's file that no text has any more.
    """

    __tablename__ = "search_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    purge_at: Mapped[datetime | None] = mapped_column(Moment)


class SearchChange(Base):
    """One text that came, changed or went, and was not yet looked at. Triggers write it (migration `search`).

    `at` is the moment of the text: the newest are looked at first, and an article only when its moment has come.
    """

    __tablename__ = "search_changes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    comment_id: Mapped[int | None] = mapped_column(Id)
    article_id: Mapped[int | None] = mapped_column(Id)


class SearchText(Base):
    """One text with its words. The id is its moment in milliseconds, or the next number that no text had.

    No key leads to the comment or article: an erasure would wait for the worker, and the worker for the erasure.
    """

    __tablename__ = "search_texts"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    comment_id: Mapped[int | None] = mapped_column(Id, unique=True)
    article_id: Mapped[int | None] = mapped_column(Id, unique=True)
    words: Mapped[str] = mapped_column(Words)
