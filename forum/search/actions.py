"""Keep the words of texts: bring what changed up to date, one transaction at a time. The caller commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select

from forum import db
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment
from forum.db import session
from forum.jobs.actions import Taken
from forum.policy import ArticleStatus, CommentStatus
from forum.search import index
from forum.search.candidates import moment as moment_of
from forum.search.models import SearchChange, SearchHead, SearchText
from forum.search.texts import Text, Texts, read

AT_ONCE = 300  # texts of one transaction: SQLite lets nobody else write for that long
PAGES = 300  # of SQLite's index that are written anew in one transaction, some 20 ms
PAGES_AT_ONCE = 500  # twice with what is erased: 70 ms, and all there is of 25,000 comments
STALE = timedelta(hours=1)  # for which the words of a text that changed may stay in SQLite's file
_SAME = timedelta(minutes=1)  # by which an id may be later than its text


def index_some(moment: datetime, wait: bool = False) -> int:
    """Look at the newest texts that changed. Return how many where there may be more of them, else 0.

    The words are worked out before anything is locked, and anew only for what changed in between. Where another worker
    is at it, 0 is returned, or with `wait` it is waited for.
    """
    if _purges(moment):
        return 1
    changes = _waiting(moment)
    if not changes:
        return 0
    comments, articles = _subjects(changes)
    known = read(comments, articles, moment)
    db.lock()
    head = _held(wait)
    if head is None:
        return 0
    # First the notes, then the texts: what is changed after this has a note of its own.
    session.execute(delete(SearchChange).where(SearchChange.id.in_([change.id for change in changes])))
    if _renew(comments, articles, moment, known):
        head.purge_at = head.purge_at or moment + STALE
    return len(changes) if len(changes) == AT_ONCE or _waiting(moment, 1) else 0


def refresh(comments: Collection[int], articles: Collection[int], moment: datetime) -> None:
    """Let the words of some texts be those that stand there now, inside `lock()`, and gone ones be gone for good.

    In a large index the worker takes the last of them out of SQLite's file, within seconds.
    """
    head = _held()
    _renew(comments, articles, moment)
    if head is not None:
        is_through = index.merge(PAGES_AT_ONCE) or index.merge(PAGES_AT_ONCE)  # the second often finds nothing to do
        head.purge_at = None if is_through else moment


def forget(job: Taken) -> None:
    """Let an article's words be those that stand there now, and have the worker take gone ones out of SQLite's file."""
    moment = now()
    db.lock()
    head = _held()
    _renew([], [int(job.subject["article"])], moment)
    if head is not None:
        head.purge_at = moment
        session.flush()  # the worker locks once more


def note_everything() -> int:
    """Empty the index and note every text as changed, so that all is worked out anew; return how many there are."""
    db.lock()
    _held()
    index.clear()
    session.execute(delete(SearchChange))
    published = Comment.status == CommentStatus.PUBLISHED
    comments = select(Comment.created_at, Comment.id).where(published)
    articles = select(Article.published_at, Article.id).where(Article.status == ArticleStatus.PUBLISHED)
    session.execute(insert(SearchChange).from_select(["at", "comment_id"], comments))
    session.execute(insert(SearchChange).from_select(["at", "article_id"], articles))
    return session.execute(select(func.count(SearchChange.id))).scalar_one()


def _purges(moment: datetime) -> bool:
    """Take words of SQLite's file that no text has any more, where it is time to. Return whether it was."""
    if session.scalar(select(SearchHead.id).where(SearchHead.purge_at <= moment)) is None:
        return False
    db.lock()
    head = _held()
    if head is not None and index.merge(PAGES):
        head.purge_at = None
    return True


def _waiting(moment: datetime, most: int = AT_ONCE) -> Sequence[Any]:
    """Return changes, those of the newest texts first."""
    given = select(SearchChange.id, SearchChange.comment_id, SearchChange.article_id)
    newest = SearchChange.at.desc(), SearchChange.id.desc()
    return session.execute(given.where(SearchChange.at <= moment).order_by(*newest).limit(most)).all()


def _subjects(changes: Iterable[Any]) -> tuple[list[int], list[int]]:
    comments = {change.comment_id for change in changes} - {None}
    articles = {change.article_id for change in changes} - {None}
    return sorted(comments), sorted(articles)


def _held(wait: bool = True) -> SearchHead | None:
    return session.scalars(select(SearchHead).with_for_update(skip_locked=not wait)).first()


def _renew(comments: Collection[int], articles: Collection[int], moment: datetime, known: Texts | None = None) -> bool:
    """Let texts have the words that stand there now. Return whether any lost some."""
    texts = read(comments, articles, moment, known)
    ours = SearchText.comment_id.in_(comments) | SearchText.article_id.in_(articles)
    stale = []
    for row in session.execute(
        select(SearchText.id, SearchText.comment_id, SearchText.article_id, SearchText.words).where(ours)
    ):
        subject = row.comment_id, row.article_id
        if subject in texts and _is_the_same(row, texts[subject]):
            del texts[subject]
        else:
            stale.append(row.id)
    index.take_away(stale)
    index.add(texts.values())
    return bool(stale)


def _is_the_same(row: Any, text: Text) -> bool:
    later = moment_of(row.id) - text.at
    return set(row.words.split()) == text.terms and -_SAME < later < _SAME
