"""Measure search with 1,000,000 comments on both databases: what it costs to make, its size, and its pages.

    .venv/bin/python -m bench.search [COMMENTS]        needs postgresql; some minutes

The words of the comments are as frequent as in a language: the n-th word one n-th as often as the first. A part of them
is written and looked at by the worker; the rest are copies of that part in earlier days, made by the database. Prints
how long the worker took, how many bytes its words are, the server's time for a page of each kind of question, in
milliseconds, at best and in the median, with the statements it takes; then what a post costs with and without the
trigger that notes it for search, and how long it takes until an erased text's words are in no file of SQLite's. Where
the machine does other things, too, the best says more.
"""

from __future__ import annotations

import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bench.queue import _by_hand, _page, _tell, _triggers
from forum import config, create_app, db, schema
from forum.articles.models import Article, Tag, article_tags
from forum.clock import now
from forum.comments.models import Comment
from forum.comments.writing import actions as writing
from forum.people.models import NameKey, Person
from forum.people.queries import viewer_of
from forum.search.actions import index_some, refresh
from forum.site.models import SITE, Site
from tests.postgres import Cluster

ARTICLES, PEOPLE, WORDS, LENGTH = 500, 2000, 200_000, 40
PART, DAYS = 50_000, 120  # comments that are written, and the days they are of
POSTS = 300
SERIES = "WITH RECURSIVE series(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM series WHERE k < :copies) "
EARLIER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {column}, '-' || (k * {days}) || ' days')",
    "postgresql": "{column} - k * {days} * interval '1 day'",
}
# Two words, each in every second comment, and never in the same one; one in a thousandth; one in a single comment.
PAGES = {
    "rare": "q=unicorn",
    "one in 1000": "q=seldom",
    "common": "q=evenly",
    "absent": "q=nowhere",
    "common and common, none": "q=evenly+oddly",
    "common and rare": "q=evenly+unicorn",
    "common and absent": "q=evenly+nowhere",
    "three common": "q=w1+w2+evenly",
    "common not common": "q=w1+-evenly+w2",
    "phrase, common, none": "q=%22evenly+w1+w1+w1%22",
    "phrase, found": "q=%22w1+w2%22",
    "beginning": "q=w12*",
    "beginning, rare": "q=unicor*+seldom",
    "beginning, common, none": "q=w1*+oddly+evenly",
    "beginnings, none": "q=w10*+w20*+w30*+nowhere*",
    "common, author": "q=evenly&author=person-7",
    "common, article": "q=evenly&article=article-7",
    "rare, author": "q=unicorn&author=person-7",
    "common, subject": "q=evenly&subject=few",
    "common, days": "q=oddly&since=2020-01-01&until=2020-12-31",
    "best, common": "q=evenly&order=best",
    "best, two common": "q=w1+w2&order=best",
    "twelve words": "q=" + "+".join(f"w{n}" for n in range(1, 13)),
    "odd": "q=%22*+NEAR(+%25+-+%5C",
}


def main(comments: int) -> None:
    """Measure on both databases."""
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{folder}/search.sqlite3", Path(folder), comments)
    with Cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        cluster.create("search")
        _measure("PostgreSQL", cluster.url("search"), Path(folder), comments)


def _measure(name: str, url: str, folder: Path, comments: int) -> None:
    settings = config.Settings(instance=folder, database_url=url, rate_limits=False, secret_key="x" * 32)
    app = create_app(replace(settings, database_seconds=600))
    with app.app_context():
        db.create()
        schema.upgrade()
        _fill(PART)
        print(f"{name}: {PART} comments", flush=True)
        began, locked = time.perf_counter(), []
        while _timed(locked):
            pass
        took = time.perf_counter() - began
        print(f"  made in {took:.0f} s; a transaction took {max(locked) * 1000:.0f} ms at most")
        copies = round(comments / PART) - 1
        _copy(copies)
        _settle()
        print(f"{name}: {PART * (copies + 1)} comments, {_bytes() / 1e6:.0f} MB of words", flush=True)
        client = app.test_client()
    for label, address in PAGES.items():
        _tell(f"{label:24}", _page(app, client, f"/search?{address}"))
    with app.app_context():
        _tell_of_posts()
        _tell_of_erasing(PART // 2)
        db.session.remove()
        db.engine().dispose()


def _timed(times: list[float]) -> int:
    start = time.perf_counter()
    left = index_some(now())
    db.commit()
    times.append(time.perf_counter() - start)
    return left


def _fill(comments: int) -> None:
    db.lock()
    db.session.get_one(Site, SITE).set_up_at = now()
    people = [
        Person(username=f"person-{n}", display_name=f"Person {n}", role="reader", approved_at=now())
        for n in range(1, PEOPLE + 1)
    ]
    db.session.add_all(people)
    db.session.flush()
    db.session.add_all(NameKey(key=f"bench {person.username}", person_id=person.id) for person in people)
    for n in range(1, ARTICLES + 1):
        named = {"slug": f"article-{n}", "title": f"Article {n}", "source": "", "html": ""}
        db.session.add(Article(author_id=1, status="published", published_at=now(), **named))
    tag = Tag(slug="few", name="few")
    db.session.add(tag)
    db.session.flush()
    db.session.execute(article_tags.insert(), [{"article_id": n, "tag_id": tag.id} for n in (3, 4)])
    db.commit()
    rows = _rows(comments)
    db.lock()
    while some := list(itertools.islice(rows, 10_000)):
        db.session.execute(insert(Comment), some)
    db.commit()
    _settle()


def _copy(copies: int) -> None:
    """Make copies of comments and of what search knows of them, each of some days before."""
    kept = [_made_again(trigger) for trigger in _triggers()]
    for trigger in _triggers():  # each row would raise a version
        _by_hand(trigger)
    db.lock()
    for statement in (
        "INSERT INTO comments (id, article_id, root_id, pos, depth, reply_count, closure_count, thread_number,"
        f" thread_size, author_id, html, renderer_version, status, created_at) {SERIES} SELECT id + k * {PART},"
        f" article_id, root_id + k * {PART}, pos, depth, reply_count, closure_count, thread_number, thread_size,"
        f" author_id, html, renderer_version, status, {_earlier('created_at')} FROM comments, series",
        f"INSERT INTO search_texts (id, comment_id, words) {SERIES} SELECT id - k * {DAYS * 86_400_000},"
        f" comment_id + k * {PART}, words FROM search_texts, series WHERE comment_id IS NOT NULL",
    ):
        db.session.execute(text(statement), {"copies": copies})
    if db.engine().dialect.name == "sqlite":
        db.session.execute(text("INSERT INTO search_index (search_index) VALUES ('rebuild')"))
    db.commit()
    for statement in kept:
        _by_hand(statement)


def _earlier(column: str) -> str:
    return EARLIER[db.engine().dialect.name].format(column=column, days=DAYS)


def _rows(comments: int) -> Iterator[dict[str, Any]]:
    """Give comments of five years, with words as frequent as those of a language."""
    pick = random.Random(4711)
    words = [f"w{n}" for n in range(1, WORDS + 1)]
    weights = list(itertools.accumulate(1 / n for n in range(1, WORDS + 1)))
    begun = now() - timedelta(days=DAYS)
    for n in range(1, comments + 1):
        said = pick.choices(words, cum_weights=weights, k=LENGTH)
        said.append("evenly" if n % 2 else "oddly")
        said += ["seldom"] * (n % 1000 == 7) + ["unicorn"] * (n == comments // 3)
        yield {
            "id": n,
            "article_id": 1 + n % ARTICLES,
            "root_id": n,
            "thread_number": n,
            "thread_size": 1,
            "author_id": 1 + n * 7 % PEOPLE,
            "html": f"<p>{' '.join(said)}</p>",
            "created_at": begun + timedelta(days=DAYS) * (n / comments),
        }


def _made_again(trigger: str) -> str:
    """Return what brings a trigger back that this statement takes away."""
    if db.engine().dialect.name == "postgresql":
        return trigger.replace("DISABLE", "ENABLE")
    query = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
    return str(db.session.execute(query, {"name": trigger.rpartition(" ")[2]}).scalar_one())


def _settle() -> None:
    if db.engine().dialect.name == "postgresql":
        with db.engine().connect() as connection:  # as PostgreSQL's autovacuum does within a minute
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("SET default_transaction_read_only = off")
            connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence('comments', 'id'), max(id)) FROM comments")
            connection.exec_driver_sql("VACUUM ANALYZE")
    else:
        _by_hand("ANALYZE")
        db.checkpoint()


def _bytes() -> int:
    """Return how many bytes the tables of search and their indexes take."""
    query = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%search%'"
    if db.engine().dialect.name == "postgresql":
        query = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'search%'"
    return int(db.session.execute(text(query)).scalar_one())


def _tell_of_posts() -> None:
    """Post with and without the trigger, by turns, and print both."""
    without = (
        "ALTER TABLE comments DISABLE TRIGGER comments_insert_search"
        if db.engine().dialect.name == "postgresql"
        else "DROP TRIGGER comments_insert_search"
    )
    again = _made_again(without)
    times: dict[str, list[float]] = {"with": [], "without": []}
    _posts(20)
    for _ in range(5):
        times["with"] += _posts(POSTS // 5)
        _by_hand(without)
        times["without"] += _posts(POSTS // 5)
        _by_hand(again)
    told = ", ".join(f"{name} {statistics.median(some) * 1000:.2f} ms" for name, some in times.items())
    print(f"  a post: {told}", flush=True)


def _tell_of_erasing(comment_id: int) -> None:
    """Take a text out of search for good, as erasing does, and print how long that takes, then and afterwards."""
    db.lock()
    db.session.get_one(Comment, comment_id).status = "hidden"
    start = time.perf_counter()
    refresh([comment_id], [], now())
    db.commit()
    at_once, steps = time.perf_counter() - start, [0.0]
    while _timed(steps):
        pass
    print(f"  erased in {at_once * 1000:.0f} ms, then {sum(steps):.1f} s of the worker's, in {len(steps) - 1} steps of")
    print(f"  {statistics.median(steps) * 1000:.0f} ms, {max(steps) * 1000:.0f} at most", flush=True)


def _posts(number: int) -> list[float]:
    times = []
    actor = viewer_of(1)
    assert actor
    for _ in range(number):
        start = time.perf_counter()
        writing.post(actor, 1, f"Some words of a comment {random.random()}")
        db.commit()
        times.append(time.perf_counter() - start)
    return times


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
