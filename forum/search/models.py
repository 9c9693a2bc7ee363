"""Tables of search. What they hold follows from articles and comments, so that they can be made anew at any time.

Texts stand on *shelves*, 2,048 on each, in the order in which they came to be searched. For each word and shelf there
is one row with the set of places (`shelf.py`) whose text has the word.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.db import Base, Id, Moment


class SearchHead(Base):
    """The one row that is locked by whoever changes the shelves."""

    __tablename__ = "search_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)


class SearchChange(Base):
    """One text that came, changed or went, and was not yet looked at. Triggers write it (migration `search`).

    `at` is the moment of the text: the newest are looked at first, and an article only when its moment has come.
    """

    __tablename__ = "search_changes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    comment_id: Mapped[int | None] = mapped_column(Id)
    article_id: Mapped[int | None] = mapped_column(Id)


class SearchShelf(Base):
    """One shelf: how many of its places were given, and between which moments its texts lie."""

    __tablename__ = "search_shelves"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(Integer)
    oldest_at: Mapped[datetime] = mapped_column(Moment)
    newest_at: Mapped[datetime] = mapped_column(Moment)


class SearchPlace(Base):
    """One text on its shelf; the id is the shelf's number times `SHELF` and the place there. It is given once."""

    __tablename__ = "search_places"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"), unique=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), unique=True)


class SearchWord(Base):
    """One word on one shelf, and the places that have it. A word that no text there has any more has no row."""

    __tablename__ = "search_words"

    shelf: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(String(80), primary_key=True)
    places: Mapped[bytes] = mapped_column(LargeBinary)
