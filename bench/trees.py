"""The same trees for every measurement: each comment replies with p = 0.75 to one of the 50 before it, else starts a
thread; about 325 characters each. A chain is one thread in which everybody answers the last comment.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import insert

from forum import db
from forum.articles.models import Article
from forum.comments import recount
from forum.comments.models import Comment, Source
from forum.people.models import Person
from forum.text import rendering

REPLIES = 0.75
RECENT = 50
CHUNK = 5000
DIFFERENT = 200  # texts; enough that gzip finds no whole comment of a page in another
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = [
    "ferry",
    "ticket",
    "bridge",
    "council",
    "harbour",
    "budget",
    "minutes",
    "repair",
    "timetable",
    "clerk",
    "river",
]


def parents(count: int, *, chain: bool = False, seed: int = 1) -> Iterator[int | None]:
    """Yield, for each comment in order, which earlier one it answers (0 is the first), or None."""
    dice = random.Random(seed)
    for number in range(count):
        if chain:
            yield number - 1 if number else None
        elif number and dice.random() < REPLIES:
            yield dice.randrange(max(0, number - RECENT), number)
        else:
            yield None


@cache
def bodies() -> tuple[str, ...]:
    """Return the texts, used in turn."""
    dice = random.Random(2)
    return tuple(" ".join(dice.choices(WORDS, k=45)) + "." for _ in range(DIFFERENT))


@cache
def cleaned() -> tuple[str, ...]:
    """Return the same texts as the HTML that is stored."""
    return tuple(rendering.render(body) for body in bodies())


def plant(authors: Sequence[Person], count: int, *, chain: bool = False) -> int:
    """Write an article with so many comments, by these people in turn, and return its id."""
    db.lock()
    name = f"{'chain' if chain else 'tree'}-{count}"
    article = Article(
        slug=name, title=name, author_id=authors[0].id, status="published", published_at=BEGIN, html="<p>…</p>"
    )
    db.session.add(article)
    db.session.flush()
    first = (db.session.query(Comment.id).order_by(Comment.id.desc()).limit(1).scalar() or 0) + 1
    writers = [author.id for author in authors]
    rows, sources = [], []
    for number, parent in enumerate(parents(count, chain=chain)):
        row_id = first + number
        rows.append(
            {
                "id": row_id,
                "article_id": article.id,
                "parent_id": first + parent if parent is not None else None,
                "author_id": writers[number % len(writers)],
                "html": cleaned()[number % DIFFERENT],
                "status": "published",
                "created_at": BEGIN + timedelta(seconds=number),
            }
        )
        sources.append({"comment_id": row_id, "source": bodies()[number % DIFFERENT], "format": "markdown"})
        if len(rows) == CHUNK:
            _flush(rows, sources)
    _flush(rows, sources)
    recount.rebuild(article.id)
    db.commit()
    return article.id


def _flush(rows: list[dict[str, object]], sources: list[dict[str, object]]) -> None:
    if rows:
        connection = db.session.connection()
        connection.execute(insert(Comment), rows)
        connection.execute(insert(Source), sources)
        rows.clear()
        sources.clear()
