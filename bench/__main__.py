"""Measure reading and writing against the size of a discussion, in one process; prints a table of ratios.

make bench                 SQLite in a temporary folder
SIZES=100,10000 make bench other sizes
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import event

from bench import trees
from forum import config, create_app, db, schema
from forum.accounts.models import Person, Site
from forum.accounts.queries import viewer_of
from forum.articles.models import Article
from forum.clock import now
from forum.comments import actions
from forum.comments.models import Comment
from forum.pages import Store

SIZES = [int(size) for size in os.environ.get("SIZES", "100,1000,10000,100000").split(",")]
ROUNDS = 7


def main() -> None:
    """Plant the trees and time what a reader and a writer do."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        settings = config.Settings(
            instance=path,
            rate_limits=False,
            database_url=os.environ.get("FORUM_DATABASE_URL", f"sqlite:///{path}/b.db"),
        )
        app = create_app(settings)
        with app.app_context():
            schema.upgrade()
            author = _site()
            for size in SIZES:
                trees.plant(author, size)
            trees.plant(author, 10_000, chain=True)
            author_id = author.id
            articles = {row.slug: row.id for row in db.session.query(Article.slug, Article.id)}
        _table(app, articles, author_id)


def _site() -> Person:
    db.lock()
    site = db.session.get_one(Site, 1)
    site.set_up_at = now()
    author = Person(username="ida", display_name="Ida", role="author", approved_at=now())
    db.session.add(author)
    db.commit()
    return author


def _table(app, articles: dict[str, int], author_id: int) -> None:  # type: ignore[no-untyped-def]
    client = app.test_client()
    rows = []
    for slug, article_id in sorted(articles.items(), key=lambda item: item[1]):
        kept, _ = _timed(app, lambda slug=slug: client.get(f"/articles/{slug}"))  # type: ignore[misc]
        page, statements = _timed(app, lambda slug=slug: _drawn(app, client, slug))  # type: ignore[misc]
        with app.app_context():
            last = db.session.query(Comment.id).filter_by(article_id=article_id).order_by(Comment.id.desc()).first()[0]
            write = _post(article_id, last, author_id)
        link, _ = _timed(app, lambda last=last: client.get(f"/comments/{last}"))  # type: ignore[misc]
        rows.append((slug, kept, page, statements, link, write))
    base = rows[0]
    heads = f"{'discussion':>14} {'kept ms':>8} {'drawn ms':>9} {'x':>5} {'SQL':>4}"
    print(f"{heads} {'permalink ms':>13} {'x':>5} {'reply ms':>9} {'x':>5}")
    for slug, kept, page, statements, link, write in rows:
        ratios = (page / base[2], link / base[4], write / base[5])
        print(
            f"{slug:>14} {kept:8.2f} {page:9.1f} {ratios[0]:5.2f} {statements:4d} {link:13.2f} {ratios[1]:5.2f}"
            f" {write:9.2f} {ratios[2]:5.2f}"
        )


def _timed(app, act: Callable[[], object]) -> tuple[float, int]:  # type: ignore[no-untyped-def]
    counted: list[str] = []
    with app.app_context():
        engine = db.engine()

    def count(*arguments: object) -> None:
        counted.append(str(arguments[2]))

    act()
    event.listen(engine, "before_cursor_execute", count)
    act()
    event.remove(engine, "before_cursor_execute", count)
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times), len(counted)


def _drawn(app, client, slug: str) -> None:  # type: ignore[no-untyped-def]
    """Ask for a page in a way that nothing is kept of: with empty shelves, and a query that keeps it from them."""
    app.extensions["pieces"] = Store()
    client.get(f"/articles/{slug}?drawn=1")


def _post(article_id: int, parent_id: int, author_id: int) -> float:
    actor = viewer_of(author_id)
    assert actor is not None
    times = []
    for number in range(30):
        begun = time.perf_counter()
        actions.post(actor, article_id, f"A reply of no great weight, number {number}.", parent_id=parent_id)
        db.commit()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
