"""The real server while its database is locked, restarted or away, and while many connections are open."""

from __future__ import annotations

import contextlib
import http.client
import socket
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from forum import db
from tests.cast import Browser, Cast
from tests.test_serve import wait_for
from tests.test_workers import on, serving

IDLE = 1200
TEXT = "A text that took an hour to write."


@dataclass
class Answer:
    """The answer to one request."""

    status: int
    headers: http.client.HTTPMessage
    body: str


def ask(base: str, path: str, browser: Browser | None = None, **fields: str) -> Answer:
    """Send a request on a connection of its own: a POST where there are fields."""
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    headers = {"Cookie": f"session={browser.cookie}"} if browser else {}
    try:
        if fields and browser:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", path, urlencode({"csrf_token": browser.token, **fields}), headers)
        else:
            connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())
    finally:
        connection.close()


def test_twelve_hundred_idle_connections_keep_nobody_out(cast: Cast, tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2", **on(cast)) as (process, base):
        page = f"/articles/{cast.article.slug}"
        wait_for(process, base + page)
        parts = urlsplit(base)
        with contextlib.ExitStack() as idle:
            for _ in range(IDLE):
                idle.enter_context(socket.create_connection((str(parts.hostname), parts.port), timeout=60))
            assert {ask(base, page).status for _ in range(40)} == {200}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_reading_never_waits_for_a_writer_and_a_post_keeps_its_text(cast: Cast, tmp_path: Path) -> None:
    """If a page took the lock, or waited for it, it would be a 503 here."""
    rosa, page = cast.browser(cast.rosa), f"/articles/{cast.article.slug}"
    other = sqlite3.connect(str(db.engine().url.database), isolation_level=None)
    with serving(tmp_path, "--workers", "1", FORUM_LOCK_SECONDS="1", **on(cast)) as (process, base):
        wait_for(process, base + page)
        other.execute("BEGIN IMMEDIATE")
        for path in (page, "/", "/healthz", "/readyz", "/sign-in", f"{page}?order=newest"):
            assert ask(base, path).status == 200, path
        for path in (page, "/", f"{page}/comments"):
            assert ask(base, path, rosa).status == 200, path
        refused = ask(base, f"{page}/comments", rosa, body=TEXT, key="one")
        assert refused.status == 503
        assert refused.headers["Retry-After"]
        assert TEXT in refused.body
        other.execute("ROLLBACK")
        assert ask(base, f"{page}/comments", rosa, body=TEXT, key="one").status == 303
    other.close()
