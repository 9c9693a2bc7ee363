"""Say things in a test: comments by the front door, long threads by the back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, insert, select

from forum import db
from forum.articles.models import Article
from forum.clock import now
from forum.comments import recount, statuses
from forum.comments.models import Comment, Source
from forum.comments.writing import actions
from forum.people.models import Person
from forum.policy import NOBODY
from forum.site.models import Site


def say(writer: Person | None, article: Article, body: str = "", parent: int | None = None, **options: Any) -> int:
    """Post a comment as somebody and return its id."""
    if writer is None:
        options.setdefault("guest_name", "Moss")
    made = actions.post(writer or NOBODY, article.id, body or "Something said.", parent_id=parent, **options)
    db.commit()
    return made.id


def exchange(cast: Any, rounds: int = 3) -> list[int]:
    """Let Tom begin a thread and Ida and Tom answer each other; return the ids from above downwards."""
    ids: list[int] = []
    for number in range(rounds * 2):
        writer = cast.ida if number % 2 else cast.tom
        ids.append(say(writer, cast.article, f"Turn {number}.", ids[-1] if ids else None))
    return ids


def exchange_with_remarks(cast: Any, rounds: int = 3) -> list[int]:
    """Let Rosa remark on every answer of an exchange when it is over; return all ids in reading order."""
    first, *letters = exchange(cast, rounds)
    return [first, *(id for letter in letters for id in (letter, say(cast.rosa, cast.article, "Hear, hear.", letter)))]


def row(comment_id: int) -> Comment:
    """Return a comment as the database has it now."""
    return db.session.get_one(Comment, comment_id, populate_existing=True)


def put(comment_id: int, status: str, rule: str = "") -> None:
    """Give a comment a status, as the desk would."""
    db.lock(row(comment_id).article_id)
    statuses.set_status(row(comment_id), status, rule)
    db.commit()


def let(**settings: Any) -> None:
    """Change settings of the site."""
    db.lock(site=db.Hold.EXCLUSIVE)
    site = db.session.get_one(Site, 1)
    for name, value in settings.items():
        setattr(site, name, value)
    db.commit()


def pour(article: Article, writers: Sequence[Person], parents: Sequence[int | None]) -> list[int]:
    """Write many comments at once; `parents` are indexes into this very list. Return their ids."""
    db.lock(article.id)
    start = (db.session.execute(select(Comment.id).order_by(Comment.id.desc()).limit(1)).scalar() or 0) + 1
    began = now() - timedelta(hours=20)
    rows = [
        {
            "id": start + number,
            "article_id": article.id,
            "parent_id": None if parent is None else start + parent,
            "author_id": writers[number % len(writers)].id,
            "html": f"<p>Comment {number}.</p>",
            "status": "published",
            "created_at": began + timedelta(seconds=number),
        }
        for number, parent in enumerate(parents)
    ]
    connection = db.session.connection()
    connection.execute(insert(Comment.__table__), rows)
    connection.execute(insert(Source.__table__), [{"comment_id": row["id"], "source": "Poured."} for row in rows])
    if connection.dialect.name == "postgresql":  # ids were given by hand, so tell the sequence
        connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence('comments', 'id'), max(id)) FROM comments")
    recount.rebuild(article.id)
    db.commit()
    return [row["id"] for row in rows]


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that are sent meanwhile."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)


@contextmanager
def shallow(room: int = 220) -> Iterator[None]:
    """Leave Python's stack too little room for anything that calls itself once per comment."""
    before = sys.getrecursionlimit()
    depth = 0
    frame: Any = sys._getframe()
    while frame:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + room)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
