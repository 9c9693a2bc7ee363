"""Compare what search knows with the texts that stand there, for `forum doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from forum.articles.lists import out
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment
from forum.db import session
from forum.policy import CommentStatus
from forum.search.candidates import is_found
from forum.search.models import SearchChange, SearchHead, SearchText
from forum.search.texts import read

MOST = 20  # faults of one kind that are looked for
AT_ONCE = 500  # texts that are compared at once
_Column = InstrumentedAttribute[int | None]
TRIED = 50  # words of a text by which it is looked for


def differences() -> tuple[int, list[str]]:
    """Return the number of texts, and what is not as it must be. What waits for the worker is left out."""
    wrong = [] if session.get(SearchHead, 1) else ["The row that is locked is missing."]
    wrong += [f"comment {id} is not known to search" for id in _unknown_comments()]
    wrong += [f"article {id} is not known to search" for id in _unknown_articles()]
    rows, number = _after(0), 0
    while rows and len(wrong) < MOST:
        wrong += _of(rows)
        number, rows = number + len(rows), _after(rows[-1].id)
    return number, wrong[:MOST]


def _unknown_comments() -> list[int]:
    published = select(Comment.id).where(Comment.status == CommentStatus.PUBLISHED)
    return _without(published, SearchText.comment_id, SearchChange.comment_id)


def _unknown_articles() -> list[int]:
    return _without(select(Article.id).where(out(now())), SearchText.article_id, SearchChange.article_id)


def _without(ids: Select[int], known: _Column, waits: _Column) -> list[int]:
    """Return the first ids that are in neither column, each of which is read once: after an import all wait."""
    return list(session.scalars(ids.except_(_all(known), _all(waits)).limit(MOST)))


def _all(column: _Column) -> Select[int | None]:
    return select(column).where(column.is_not(None))


def _after(id: int) -> Sequence[Any]:
    waits = SearchText.comment_id.in_(_all(SearchChange.comment_id)) | SearchText.article_id.in_(
        _all(SearchChange.article_id)
    )
    given = SearchText.id, SearchText.comment_id, SearchText.article_id, SearchText.words, waits.label("waits")
    return session.execute(select(*given).where(SearchText.id > id).order_by(SearchText.id).limit(AT_ONCE)).all()


def _of(rows: Sequence[Any]) -> list[str]:
    """Compare the words of some texts with those that stand there now, and of one of them with the index."""
    subjects = [row.comment_id for row in rows if row.comment_id], [row.article_id for row in rows if row.article_id]
    texts, wrong = read(*subjects, now()), []
    for row in rows:
        what = f"comment {row.comment_id}" if row.comment_id else f"article {row.article_id}"
        text, words = texts.get((row.comment_id, row.article_id)), set(row.words.split())
        if not row.waits and words != (text.terms if text else set()):
            wrong.append(f"{what} has other words than search knows")
        elif row is rows[0] and not is_found(row.id, sorted(words)[:TRIED]):
            wrong.append(f"{what} is not found by its words")
    return wrong
