"""Compare what search knows with the texts that stand there, for `forum doctor`."""

from __future__ import annotations

from sqlalchemy import exists, select

from forum.articles.lists import out
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment
from forum.db import session
from forum.policy import CommentStatus
from forum.search.models import SearchChange, SearchHead, SearchPlace, SearchShelf, SearchWord
from forum.search.shelf import SHELF, slots, unpacked
from forum.search.texts import read

MOST = 20  # faults of one kind that are looked for


def differences() -> tuple[int, list[str]]:
    """Return the number of shelves, and what is not as it must be. What waits for the worker is left out."""
    wrong = [] if session.get(SearchHead, 1) else ["The row that is locked is missing."]
    wrong += [f"comment {id} is not known to search" for id in _unknown_comments()]
    wrong += [f"article {id} is not known to search" for id in _unknown_articles()]
    shelves = session.scalars(select(SearchShelf.id).order_by(SearchShelf.id)).all()
    for shelf in shelves:
        if len(wrong) < MOST:
            wrong += _of_shelf(shelf)
    return len(shelves), wrong[:MOST]


def _unknown_comments() -> list[int]:
    waits = exists().where(SearchChange.comment_id == Comment.id)
    known = exists().where(SearchPlace.comment_id == Comment.id)
    query = select(Comment.id).where(Comment.status == CommentStatus.PUBLISHED, ~known, ~waits)
    return list(session.scalars(query.limit(MOST)))


def _unknown_articles() -> list[int]:
    waits = exists().where(SearchChange.article_id == Article.id)
    known = exists().where(SearchPlace.article_id == Article.id)
    return list(session.scalars(select(Article.id).where(out(now()), ~known, ~waits).limit(MOST)))


def _of_shelf(shelf: int) -> list[str]:
    """Compare the words of each text of a shelf with those that its text has now."""
    first = shelf * SHELF
    waits = exists().where(SearchChange.comment_id == SearchPlace.comment_id) | exists().where(
        SearchChange.article_id == SearchPlace.article_id
    )
    query = select(SearchPlace.id, SearchPlace.comment_id, SearchPlace.article_id, waits.label("waits"))
    rows = session.execute(query.where(SearchPlace.id.between(first, first + SHELF - 1))).all()
    texts = read(
        [row.comment_id for row in rows if row.comment_id], [r.article_id for r in rows if r.article_id], now()
    )
    known: dict[int, set[str]] = {}
    for word, places in session.execute(select(SearchWord.word, SearchWord.places).where(SearchWord.shelf == shelf)):
        for slot in slots(unpacked(places)):
            known.setdefault(first + slot, set()).add(word)
    wrong = [f"place {place} of search has words and no text" for place in known.keys() - {row.id for row in rows}]
    for row in rows:
        text = texts.get((row.comment_id, row.article_id))
        if not row.waits and known.get(row.id, set()) != (text.terms if text else set()):
            what = f"comment {row.comment_id}" if row.comment_id else f"article {row.article_id}"
            wrong.append(f"{what} has other words than search knows")
    return wrong
