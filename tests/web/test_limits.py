"""What is too large, too often or no text at all (bar: 9, 10, 25)."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from forum import config, create_app, db
from forum.clock import now
from forum.comments.models import Comment
from forum.web.edge import MAX_FORM
from forum.web.limit_storage import SqliteStorage
from tests.cast import Cast


def comments() -> int:
    """Return how many comments there are."""
    return int(db.session.execute(select(func.count(Comment.id))).scalar_one())


def place(cast: Cast) -> str:
    """Return where one posts."""
    return f"/articles/{cast.article.slug}/comments"


def test_a_form_that_is_too_large_is_refused(cast: Cast) -> None:
    assert cast.browser(cast.tom).post(place(cast), body="x" * (MAX_FORM + 1)).status_code == 413
    assert comments() == 0


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/forgot", "/report"])
def test_a_visitors_form_that_is_too_large_is_refused(cast: Cast, path: str) -> None:
    assert cast.browser().post(path, next="/x", why="x" * (MAX_FORM + 1)).status_code == 413


def test_a_form_of_too_many_parts_is_refused(cast: Cast) -> None:
    fields = {f"field-{number}": "x" for number in range(1001)}
    browser = cast.browser(cast.tom)
    parts = {"csrf_token": browser.token, "body": "x", **fields}
    answer = browser.open(place(cast), "POST", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert comments() == 0


@pytest.mark.parametrize("raw", [b"a%00b", b"a%FFb", b"a%ED%A0%80b"])
def test_what_is_no_text_is_refused(cast: Cast, raw: bytes) -> None:
    browser = cast.browser(cast.tom)
    data = b"csrf_token=" + browser.token.encode() + b"&body=" + raw
    answer = browser.open(place(cast), "POST", data=data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert browser.get("/?q=" + raw.decode()).status_code == 400
    assert comments() == 0


@pytest.mark.parametrize("path", ["/articles/%00", "/articles/%ff", "/people/%00", "/tags/%00"])
def test_an_address_that_is_no_text_is_not_found(cast: Cast, path: str) -> None:
    assert cast.browser().get(path).status_code in (400, 404)


@pytest.mark.parametrize("query", ["a=1&" * 100_000, "from=" + "9" * 4000, "from=1e9", "from=-1"])
def test_odd_queries_are_no_mistake_of_ours(cast: Cast, query: str) -> None:
    assert cast.browser().get(f"/?{query}").status_code < 500
    assert cast.browser().get(f"/articles/{cast.article.slug}?{query}").status_code < 500


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_ids_beyond_the_databases_numbers_are_not_found(cast: Cast, number: int) -> None:
    for path in ("", "/branch", "/reply", "/more"):
        answer = cast.browser(cast.tom).get(f"/comments/{number}{path}")
        assert answer.status_code == 404, path


@pytest.fixture
def limiting(cast: Cast, database: str, settings: config.Settings, tmp_path: Path) -> Iterator[Flask]:
    """Yield a second process of the same site, with rate limits."""
    made = create_app(replace(settings, instance=tmp_path / "limits", database_url=database, rate_limits=True))
    yield made
    with made.app_context():
        db.engine().dispose()


def test_too_many_posts_are_refused_with_the_text_and_the_time_to_wait(cast: Cast, limiting: Flask) -> None:
    cast.app = limiting
    browser = cast.browser(cast.tom)
    for number in range(100):
        answer = browser.post(place(cast), body=f"Again and again, {number}")
        if answer.status_code != 303:
            break
    assert answer.status_code == 429
    assert 60 < int(answer.headers["Retry-After"]) <= 600
    assert f"Wait {math.ceil(int(answer.headers['Retry-After']) / 60)} minutes" in answer.text
    assert f"Again and again, {number}" in answer.text
    assert "Send it" in answer.text
    evil = {"Origin": "https://evil.example"}
    foreign = browser.open(place(cast), "POST", data={"body": "A trap."}, headers=evil)
    assert foreign.status_code == 403
    assert "Send it" not in foreign.text
    assert comments() == number
    assert cast.browser(cast.rosa).post(place(cast), body="Another person is not stopped.").status_code == 303


def test_previews_do_not_use_up_what_may_be_posted(cast: Cast, limiting: Flask) -> None:
    cast.app = limiting
    browser = cast.browser(cast.tom)
    for number in range(25):
        assert browser.post(place(cast), body=f"Draft {number}", preview="1").status_code == 200
    assert browser.post(place(cast), body="At last.").status_code == 303


@pytest.mark.parametrize("field", ["sign_in", "put"])
def test_no_field_lets_anybody_post_uncounted(cast: Cast, limiting: Flask, field: str) -> None:
    cast.app = limiting
    browser = cast.browser(cast.tom)
    assert browser.post(place(cast), body="Said once.", **{field: "1"}).status_code == 200
    assert comments() == 0
    edited = browser.post(place(cast), body="Said once.").location + "/edit"
    answers = [browser.post(edited, body=f"Said, {number}", **{field: "1"}).status_code for number in range(21)]
    assert answers == [303] * 20 + [429]


def test_pictures_are_counted_in_the_form_of_an_article_too(cast: Cast, limiting: Flask) -> None:
    cast.app = limiting
    browser = cast.browser(cast.ida)
    answers = [browser.post("/articles/new", act="picture").status_code for _ in range(31)]
    assert answers == [422] * 30 + [429]


def test_limits_count_across_processes(
    cast: Cast, limiting: Flask, database: str, settings: config.Settings, tmp_path: Path
) -> None:
    def refused(app: Flask) -> int:
        cast.app = app
        browser = cast.browser(cast.tom)
        for number in range(100):
            if browser.post(place(cast), body=f"Comment {number}").status_code == 429:
                return number
        return 100

    assert refused(limiting) > 0
    other = create_app(replace(settings, instance=tmp_path / "limits", database_url=database, rate_limits=True))
    assert refused(other) == 0
    with other.app_context():
        db.engine().dispose()


def test_counts_that_are_over_go_with_the_next_one(tmp_path: Path) -> None:
    store = SqliteStorage(f"forum-sqlite://{tmp_path / 'limits.sqlite3'}")
    store.incr("net:192.0.2.7", 3600)
    with time_machine.travel(now() + timedelta(hours=2)):
        store.incr("net:192.0.2.8", 3600)
    with closing(sqlite3.connect(tmp_path / "limits.sqlite3")) as connection:
        assert connection.execute("SELECT key FROM hits").fetchall() == [("net:192.0.2.8",)]
