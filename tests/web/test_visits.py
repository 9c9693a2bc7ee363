"""A visitor's look at a page, and a flood of forms: neither fills the database."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from forum import config, create_app, db
from forum.clock import now
from forum.people import sessions
from forum.people.models import Session
from forum.people.tokens import new_token
from forum.web.sessions import session_token
from tests.cast import Browser, Cast, form_token
from tests.comments.talk import counted
from tests.people.members import PHRASE, member
from tests.web.test_csrf import address, comment

__all__ = ["comment"]  # a fixture


def rows() -> int:
    """Return how many sessions the database holds."""
    found = db.session.execute(select(func.count(Session.id))).scalar_one()
    db.session.rollback()
    return int(found)


@pytest.fixture
def limiting(cast: Cast, database: str, settings: config.Settings, tmp_path: Path) -> Iterator[Flask]:
    """The same site in a second process, with rate limits."""
    made = create_app(replace(settings, instance=tmp_path / "limits", database_url=database, rate_limits=True))
    yield made
    with made.app_context():
        db.engine().dispose()


def test_no_get_of_a_visitor_begins_a_row(cast: Cast, comment) -> None:
    before = rows()
    rules = [rule for rule in cast.app.url_map.iter_rules() if "GET" in (rule.methods or set())]
    assert len(rules) > 40
    for rule in rules:
        url = address(cast, rule, comment)
        for client in (cast.app.test_client(), cast.browser().client):  # without a cookie, and with one of no row
            client.get(url, buffered=True).close()
            assert rows() == before, url


def test_the_token_of_a_cookie_without_a_row_guards_a_form(cast: Cast) -> None:
    member()
    client, before = cast.app.test_client(), rows()
    page = client.get("/sign-in")
    assert page.headers["Cache-Control"] == "private, no-store"
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    cookie = client.get_cookie("session")
    assert token and cookie
    fields = {"csrf_token": token[1], "username": "wanda", "password": "wrong owls"}
    assert client.post("/sign-in", data=fields).status_code == 422
    assert cast.app.test_client().post("/sign-in", data=fields).status_code == 403  # another browser
    assert rows() == before
    assert client.post("/sign-in", data={**fields, "password": PHRASE}).status_code == 303
    signed_in = client.get_cookie("session")
    assert signed_in and signed_in.value != cookie.value
    assert rows() == before + 1


def test_a_page_without_a_form_is_everybodys(cast: Cast) -> None:
    assert cast.browser().get("/rules").headers["Cache-Control"] == "no-cache"


def test_a_flood_without_tokens_is_refused_and_stores_nothing(cast: Cast, limiting: Flask) -> None:
    before, client = rows(), limiting.test_client()
    place = f"/articles/{cast.article.slug}/comments"
    answers = [client.post(place, data={"body": "x" * 2000}) for _ in range(130)]
    assert {answer.status_code for answer in answers} == {403, 429}
    assert answers[-1].status_code == 429
    assert "x" * 2000 in answers[-1].text
    assert rows() == before


def test_a_flood_with_old_tokens_gets_its_texts_back_and_stores_nothing(cast: Cast, limiting: Flask) -> None:
    before, place = rows(), f"/articles/{cast.article.slug}/comments"
    stale = form_token(cast.app, new_token())
    for _ in range(40):
        answer = limiting.test_client().post(place, data={"body": "x" * 2000, "csrf_token": stale})
        assert answer.status_code == 403
        assert "x" * 2000 in answer.text
    assert rows() == before


def test_rows_of_nobody_last_a_day_and_members_a_month(cast: Cast) -> None:
    nobodys, members, idle = new_token(), new_token(), new_token()
    moment = now()
    sessions.begin(nobodys, {"guest": [1]}, None, moment - timedelta(hours=25))
    sessions.begin(members, {"_user_id": "1"}, cast.tom.id, moment - timedelta(days=29))
    sessions.begin(idle, {"_user_id": "1"}, cast.tom.id, moment - timedelta(days=31))
    sessions.begin(new_token(), {"guest": [2]}, None, now())
    assert sorted(db.session.scalars(select(Session.seen_at))) == [moment - timedelta(days=29), *_since(moment)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # its plan does not depend on how many rows there are
def test_ended_sessions_are_found_past_those_of_members(cast: Cast) -> None:
    with counted() as sent:
        sessions.begin(new_token(), {}, None, now())
    purge = next(statement for statement in sent if "person_id IS NULL" in statement)
    with db.engine().connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {purge}", (None,) * purge.count("?")).all()
    assert any("ix_sessions_person_id_seen_at (person_id=? AND seen_at<?)" in step for *_, step in plan), plan


def _since(moment):
    return db.session.scalars(select(Session.seen_at).where(Session.seen_at >= moment)).all()


@contextmanager
def writing(database: str) -> Iterator[None]:
    """Hold, as another process would, SQLite's write lock, or PostgreSQL's lock on every session."""
    with ExitStack() as stack:
        if database.startswith("sqlite"):
            lite = stack.enter_context(closing(sqlite3.connect(make_url(database).database, isolation_level=None)))
            lite.execute("BEGIN IMMEDIATE")
        else:
            stack.enter_context(psycopg.connect(database)).execute("SELECT id FROM sessions FOR UPDATE")
        yield


def test_reading_does_not_wait_for_a_writer(cast: Cast, database: str) -> None:
    browser = cast.browser(cast.tom)
    with writing(database), time_machine.travel(now() + timedelta(hours=7)):
        answer = browser.get("/")
    assert answer.status_code == 200
    assert 'class="member"' in answer.text


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("session={}", True),
        ("session ={}", True),
        (" session= {} ", True),
        ('session="{}"', True),
        ("a=b; session={}; c", True),
        ("session={}; session=second", True),  # Werkzeug takes the first
        ("session=first; session={}", False),
        ("Session={}", False),
        ("xsession={}", False),
        ("session={}x", False),
        ("session=\xff", False),
    ],
)
def test_cookies_are_read_as_flask_reads_them(cast: Cast, header: str, found: bool) -> None:
    browser = Browser(cast.app, cast.tom)
    environ = {"HTTP_COOKIE": header.format(browser.cookie)}
    assert (session_token(environ, "session") == browser.cookie) is found
    answer = cast.app.test_client(use_cookies=False).get("/", headers={"Cookie": environ["HTTP_COOKIE"]})
    assert answer.status_code == 200
    assert ('class="member"' in answer.text) is found


def test_limits_that_cannot_be_counted_let_people_in(
    cast: Cast, database: str, settings: config.Settings, tmp_path: Path
) -> None:
    (tmp_path / "broken" / "limits.sqlite3").mkdir(parents=True)
    made = create_app(replace(settings, instance=tmp_path / "broken", database_url=database, rate_limits=True))
    cast.app = made
    answer = cast.browser(cast.tom).post(f"/articles/{cast.article.slug}/comments", body="Nobody counts this.")
    assert answer.status_code == 303
    with made.app_context():
        db.engine().dispose()


def test_crawlers_are_told_what_is_for_them(cast: Cast) -> None:
    answer = cast.app.test_client().get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Cookie" not in answer.headers.get("Vary", "")
    closed = [line.removeprefix("Disallow: ") for line in answer.text.splitlines() if line.startswith("Disallow: ")]
    patterns = [re.compile(".*".join(map(re.escape, path.split("*")))) for path in closed]
    for path in ("/", f"/articles/{cast.article.slug}", "/comments/1", "/comments/1/branch", "/people/tom", "/rules"):
        assert not [pattern for pattern in patterns if pattern.match(path)], path
    for path in ("/moderation/queue", "/admin/people", "/sign-in?next=/", "/sign-up", "/comments/1/more", "/notices"):
        assert [pattern for pattern in patterns if pattern.match(path)], path
