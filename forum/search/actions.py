"""Keep the words of texts: bring what changed up to date, one transaction at a time. The caller commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from forum import db
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.db import session
from forum.policy import ArticleStatus, CommentStatus
from forum.search.models import SearchChange, SearchHead, SearchPlace, SearchShelf, SearchWord
from forum.search.shelf import SHELF
from forum.search.shelves import Loaded
from forum.search.texts import Text, Texts, read

AT_ONCE = SHELF  # texts of one transaction: a new shelf is written as a whole
LOADED = 4  # shelves with texts that changed, in one transaction: SQLite lets nobody else write for 15 ms each


def index_some(moment: datetime) -> int:
    """Look at the newest texts that changed. Return how many where there may be more of them, else 0.

    The words are worked out before anything is locked, and anew only for what changed in between.
    """
    changes = _waiting(moment)
    if not changes:
        return 0
    comments, articles = _subjects(changes)
    known = read(comments, articles, moment)
    db.lock()
    if not _hold(wait=False):
        return 0  # another worker is at it
    # First the notes, then the texts: what is changed after this has a note of its own.
    session.execute(delete(SearchChange).where(SearchChange.id.in_([change.id for change in changes])))
    refresh(comments, articles, moment, known)
    return len(changes) if len(changes) >= AT_ONCE or _waiting(moment, 1) else 0


def refresh(comments: Collection[int], articles: Collection[int], moment: datetime, known: Texts | None = None) -> None:
    """Let the words of some texts be those that stand there now, inside `lock()`. Gone ones leave nothing behind."""
    _hold()
    texts = read(comments, articles, moment, known)
    standing = session.execute(
        select(SearchPlace.id, SearchPlace.comment_id, SearchPlace.article_id).where(
            SearchPlace.comment_id.in_(comments) | SearchPlace.article_id.in_(articles)
        )
    ).all()
    by_shelf: dict[int, dict[int, Text | None]] = defaultdict(dict)
    for place in standing:
        key = (place.comment_id, place.article_id)
        by_shelf[place.id // SHELF][place.id] = texts.pop(key, None)
    for shelf, changed in by_shelf.items():
        _rewrite(shelf, changed)
    if texts:
        _place(sorted(texts.values(), key=lambda text: text.at))


def note_everything() -> int:
    """Empty the shelves and note every text as changed, so that all is worked out anew; return how many there are."""
    db.lock()
    _hold()
    for table in (SearchWord, SearchPlace, SearchShelf, SearchChange):
        session.execute(delete(table))
    published = Comment.status == CommentStatus.PUBLISHED
    comments = select(Comment.created_at, Comment.id).where(published)
    articles = select(Article.published_at, Article.id).where(Article.status == ArticleStatus.PUBLISHED)
    session.execute(insert(SearchChange).from_select(["at", "comment_id"], comments))
    session.execute(insert(SearchChange).from_select(["at", "article_id"], articles))
    return session.execute(select(func.count(SearchChange.id))).scalar_one()


def _waiting(moment: datetime, most: int = AT_ONCE) -> list[Any]:
    """Return changes, the newest texts first, of no more shelves than are written in one transaction."""
    of_comment, of_article = (
        select(SearchPlace.id).where(same).scalar_subquery()
        for same in (
            SearchPlace.comment_id == SearchChange.comment_id,
            SearchPlace.article_id == SearchChange.article_id,
        )
    )
    query = (
        select(
            SearchChange.id,
            SearchChange.comment_id,
            SearchChange.article_id,
            func.coalesce(of_comment, of_article).label("place"),
        )
        .where(SearchChange.at <= moment)
        .order_by(SearchChange.at.desc(), SearchChange.id.desc())
        .limit(most)
    )
    found: list[Any] = []
    shelves: set[int] = set()
    for change in session.execute(query):
        of_shelf = set() if change.place is None else {change.place // SHELF}
        if len(shelves | of_shelf) <= LOADED:
            shelves |= of_shelf
            found.append(change)
    return found


def _subjects(changes: Iterable[Any]) -> tuple[list[int], list[int]]:
    comments = {change.comment_id for change in changes} - {None}
    articles = {change.article_id for change in changes} - {None}
    return sorted(comments), sorted(articles)


def _hold(wait: bool = True) -> bool:
    query = select(SearchHead.id).with_for_update(skip_locked=not wait)
    return session.execute(query).first() is not None


def _rewrite(shelf: int, changed: Mapping[int, Text | None]) -> None:
    """Let texts of one shelf have other words, or take them away."""
    loaded = Loaded(shelf)
    for place, text in changed.items():
        loaded.set(place % SHELF, text.terms if text else ())
    loaded.save()
    gone = [place for place, text in changed.items() if text is None]
    if gone:
        session.execute(delete(SearchPlace).where(SearchPlace.id.in_(gone)))
    for place, text in changed.items():
        if text is not None:
            row = session.get_one(SearchPlace, place)
            row.at = text.at
            _widen(session.get_one(SearchShelf, shelf), [text])
    session.flush()


def _place(texts: list[Text]) -> None:
    """Put new texts on the newest shelf, or begin one where they do not fit."""
    for first in range(0, len(texts), SHELF):
        some = texts[first : first + SHELF]
        newest = session.execute(select(SearchShelf).order_by(SearchShelf.id.desc()).limit(1)).scalar()
        if newest is None or newest.size + len(some) > SHELF:
            newest = SearchShelf(id=newest.id + 1 if newest else 1, size=0, oldest_at=some[0].at, newest_at=some[-1].at)
            session.add(newest)
        loaded = Loaded(newest.id, {term for text in some for term in text.terms} if newest.size else ())
        rows = []
        for slot, text in enumerate(some, newest.size):
            loaded.add(slot, text.terms)
            subject = {"comment_id": text.comment_id, "article_id": text.article_id}
            rows.append({"id": newest.id * SHELF + slot, "at": text.at, **subject})
        newest.size += len(some)
        _widen(newest, some)
        session.flush()
        session.connection().execute(insert(SearchPlace), rows)
        loaded.save()


def _widen(shelf: SearchShelf, texts: list[Text]) -> None:
    moments = [text.at for text in texts]
    shelf.oldest_at, shelf.newest_at = min(shelf.oldest_at, *moments), max(shelf.newest_at, *moments)
