"""A database that cannot be reached: a page with the text, one line in the log, and recovery by itself."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import time_machine
from sqlalchemy.engine import make_url

from forum import db
from forum.web.outages import Outages
from tests.cast import Cast

pytestmark = pytest.mark.both_kinds

TYPED = "Typed for <an> hour."


@contextmanager
def unreachable(database: str) -> Iterator[None]:
    """Make a database unreachable for a while: a folder stands in the file's place, or the server lets nobody in."""
    db.session.remove()
    db.engine().dispose()
    if database.startswith("sqlite"):
        path = Path(make_url(database).database or "")
        path.rename(path.with_name("elsewhere"))
        path.mkdir()
        yield
        path.rmdir()
        path.with_name("elsewhere").rename(path)
        return
    url = make_url(database)
    server = str(url.set(database="postgres").render_as_string(hide_password=False))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false")  # type: ignore[arg-type]
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [url.database])
        yield
        connection.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true")  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["member", "visitor"])
def test_the_answer_is_503_with_the_text_and_the_site_recovers(
    cast: Cast, database: str, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser = cast.browser(cast.tom if who == "member" else None)
    assert browser.get("/rules").status_code == 200
    place = f"/articles/{cast.article.slug}/comments"
    with unreachable(database):
        answers = [browser.post(place, body=TYPED, note="and a note") for _ in range(5)]
        answers.append(browser.get("/rules"))
        assert browser.get("/static/forum.css").status_code == 200  # else the page that says so is without its look
    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Security-Policy" in answer.headers
    assert "Typed for &lt;an&gt; hour." in answers[0].text
    assert "and a note" in answers[0].text
    told = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(told) == 1
    assert told[0].exc_info is None
    assert TYPED not in told[0].getMessage()
    assert browser.get("/rules").status_code == 200


def test_the_next_line_of_the_log_counts_what_was_left_out(caplog: pytest.LogCaptureFixture) -> None:
    outages = Outages()
    with time_machine.travel(0, tick=False) as clock:
        for _ in range(4):
            outages.report(OSError("gone"))
        outages.report(ValueError("another kind"))
        clock.shift(61)
        outages.report(OSError("gone"))
    assert [re.findall(r"gone|another kind|\d more", record.getMessage()) for record in caplog.records] == [
        ["gone", "0 more"],
        ["another kind", "0 more"],
        ["gone", "3 more"],
    ]
