"""Measure the moderators' queue and figures with 1,000,000 comments and 10,000 open cases, on both databases.

    .venv/bin/python -m bench.queue [COMMENTS] [CASES]        needs postgresql; some minutes

The comments are of 1,000 days; as many cases as are open were decided in the last 30. Prints for each tab and filter,
and for the figures, the server's time for the page, in milliseconds, at best and in the median, and the statements that
it takes. Where the machine does other things, too, the best says more. The page is asked of the application itself,
without a server or a network around it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import bindparam, event, text

from forum import config, create_app, db, schema
from forum.articles.models import Article, Tag, article_tags
from forum.clock import now
from forum.people import sessions
from forum.people.models import Person
from forum.people.tokens import new_token
from forum.site.models import SITE, Site
from tests.postgres import Cluster

ROUNDS = 25
ARTICLES, PEOPLE = 100, 200
SERIES = "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < :most) "
REASON = "CASE n % 50 WHEN 0 THEN 'danger' WHEN 1 THEN 'illegal' ELSE 'abuse' END"
PRIORITY = "CASE n % 50 WHEN 0 THEN 1 WHEN 1 THEN 2 ELSE 3 END"
# Some days before now, by what the database calls that.
AGO = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', :now, '-' || ({days}) || ' days')",
    "postgresql": "CAST(:now AS timestamptz) - ({days}) * interval '1 day'",
}
QUEUE, FIGURES = "/moderation/queue?", "/moderation/figures"
PAGES = {
    "reported": "",
    "newest": "order=newest",
    "page 200": "after={middle}",
    "waiting": "tab=waiting",
    "accounts": "tab=accounts",
    "decided": "tab=decided",
    "reason, many": "reason=abuse",
    "reason, few": "reason=danger",
    "reason, none": "reason=private",
    "tag": "tag=tag",
    "article": "article=article-7",
    "person": "person=person-7",
    "age": "age=week",
    "held by nobody": "holder=nobody",
    "held by me": "holder=me",
    "search, none": "q=nowhere",
    "search, many": "q=words+comment",
    "one case open": "case={middle}",
}


def main(comments: int, cases: int) -> None:
    """Measure on both databases."""
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{folder}/queue.sqlite3", Path(folder), comments, cases)
    with Cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        cluster.create("queue")
        _measure("PostgreSQL", cluster.url("queue"), Path(folder), comments, cases)


def _measure(name: str, url: str, folder: Path, comments: int, cases: int) -> None:
    settings = config.Settings(instance=folder, database_url=url, rate_limits=False, secret_key="x" * 32)
    settings = replace(settings, database_seconds=600)  # a million rows are one statement
    app = create_app(settings)
    with app.app_context():
        db.create()
        schema.upgrade()
        _fill(comments, cases)
        client = _moderator(app)
        middle = cases * 2 // 5
    print(f"{name}: {comments} comments, {cases} open cases")
    for label, address in PAGES.items():
        _tell(label, _page(app, client, QUEUE + address.format(middle=middle)))
    _tell("figures", _page(app, client, FIGURES))
    _tell("figures, a month", _page(app, client, f"{FIGURES}?month={now() - timedelta(days=300):%Y-%m}"))


def _tell(label: str, measured: tuple[float, float, int]) -> None:
    best, median, statements = measured
    print(f"  {label:16} {best:6.1f} {median:6.1f} ms  {statements} statements", flush=True)


def _fill(comments: int, cases: int) -> None:
    db.lock()
    db.session.get_one(Site, SITE).set_up_at = now()
    numbers = range(1, PEOPLE + 1)
    db.session.add_all(
        Person(username=f"person-{n}", display_name=f"Person {n}", role="admin", approved_at=now()) for n in numbers
    )
    db.session.flush()
    for n in range(1, ARTICLES + 1):
        named = {"slug": f"article-{n}", "title": f"Article {n}", "source": "", "html": ""}
        db.session.add(Article(author_id=1, status="published", published_at=now(), **named))
    tag = Tag(slug="tag", name="Tag")
    db.session.add(tag)
    db.session.flush()
    db.session.execute(article_tags.insert(), [{"article_id": n, "tag_id": tag.id} for n in (3, 4)])
    db.commit()
    for trigger in _triggers():  # each row would raise a version
        _by_hand(trigger)
    db.lock()
    _do(
        f"""INSERT INTO comments (id, article_id, root_id, pos, depth, reply_count, closure_count,
        thread_number, thread_size, author_id, html, renderer_version, status, created_at)
        {SERIES} SELECT n, 1 + n % {ARTICLES}, n, 0, 0, 0, 0, n, 1, 1 + n % {PEOPLE},
        '<p>Some words of comment ' || n || '</p>', 1,
        CASE WHEN n % 1000 = 7 THEN 'hidden' ELSE 'published' END, {_ago("(:most - n) * 1000 / :most")}
        FROM series""",
        comments,
    )
    _do(
        f"""INSERT INTO comment_sources (comment_id, format, source)
        {SERIES} SELECT n, 'markdown', 'Some words of comment ' || n FROM series""",
        cases,
    )
    _do(
        f"""INSERT INTO cases (id, kind, comment_id, person_id, article_id, state, queue, priority,
        report_count, since) {SERIES} SELECT n, 'comment', n, 1 + n % {PEOPLE}, 1 + n % {ARTICLES}, 'open',
        CASE WHEN n % 10 = 0 THEN 'waiting' ELSE 'reported' END, {PRIORITY}, 1, :now FROM series""",
        cases,
    )
    _do(f"""INSERT INTO flags (id, comment_id, case_id, reporter, person_id, reason, note, format, source,
        created_at) {SERIES} SELECT n, n, n, 'person', 1, {REASON}, '', 'markdown', '', :now FROM series""",
        cases)  # fmt: skip
    _do(
        f"""INSERT INTO decisions (id, comment_id, moderator_id, decision, rule, note, before, created_at)
        {SERIES} SELECT n, :most + n, 1, CASE n % 2 WHEN 0 THEN 'hide' ELSE 'keep' END, '1. Be kind', '', '{{}}',
        {_ago("n % 30")} FROM series""",
        cases,
    )
    _do(
        f"""INSERT INTO cases (id, kind, comment_id, person_id, article_id, state, queue, priority, report_count,
        since, outcome, decision_id, decided_by_id, decided_at)
        {SERIES} SELECT :most + n, 'comment', :most + n, 1 + n % {PEOPLE}, 1 + n % {ARTICLES}, 'decided', 'reported', 3,
        1, {_ago("n % 30 + 1")}, 'hide', n, 1, {_ago("n % 30")} FROM series""",
        cases,
    )
    db.commit()
    if db.engine().dialect.name == "postgresql":
        with db.engine().connect() as connection:  # as PostgreSQL's autovacuum does within a minute
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")
    else:
        _by_hand("ANALYZE")


def _ago(days: str) -> str:
    return AGO[db.engine().dialect.name].format(days=days)


def _do(statement: str, most: int) -> None:
    query = text(statement)
    if ":now" in statement:
        query = query.bindparams(bindparam("now", now(), type_=db.Moment()))
    db.session.execute(query, {"most": most})


def _triggers() -> list[str]:
    if db.engine().dialect.name == "postgresql":
        return ["ALTER TABLE comments DISABLE TRIGGER USER"]
    query = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'comments'")
    return [f"DROP TRIGGER {name}" for name in db.session.scalars(query)]


def _by_hand(statement: str) -> None:
    with db.engine().connect() as connection:
        db.lock_schema(connection)
        connection.exec_driver_sql(statement)
        connection.commit()


def _moderator(app: Flask) -> FlaskClient:
    client, token = app.test_client(), new_token()
    sessions.begin(token, {"_user_id": "1", "_fresh": True}, 1, now())
    client.set_cookie("session", token)
    return client


def _page(app: Flask, client: FlaskClient, address: str) -> tuple[float, float, int]:
    counted = [0]

    def count(*_: object) -> None:
        counted[0] += 1

    times = []
    with app.app_context():
        engine = db.engine()
    event.listen(engine, "before_cursor_execute", count)
    for _ in range(ROUNDS):
        counted[0], start = 0, time.perf_counter()
        assert client.get(address).status_code == 200, address
        times.append((time.perf_counter() - start) * 1000)
    event.remove(engine, "before_cursor_execute", count)
    return min(times), statistics.median(times), counted[0]


if __name__ == "__main__":
    main(*(int(number) for number in (sys.argv[1:] + ["1000000", "10000"][len(sys.argv) - 1 :])))
