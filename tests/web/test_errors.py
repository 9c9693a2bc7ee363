"""Error pages: what happened, what was typed, and nothing about our insides (bar: 33)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from forum import db
from forum.errors import Busy, Conflict, Forbidden, Invalid, NotFound, TooMany
from forum.site.models import Site
from tests.cast import Browser, Cast


def browse(cast: Cast, view: Callable[[], str]) -> Browser:
    """Put a view at /test-view and return Tom's browser."""
    cast.app.add_url_rule("/test-view", "test_view", view, methods=["GET", "POST"])
    return cast.browser(cast.tom)


def failing(error: Exception) -> Callable[[], str]:
    """Return a view that writes and then fails."""

    def view() -> str:
        db.lock()
        db.session.execute(update(Site).values(tagline="half-written"))
        raise error

    return view


def trouble() -> OperationalError:
    """Return an error of a database that cannot be opened."""
    try:
        sqlite3.connect("/nowhere/at/all")
    except sqlite3.OperationalError as error:
        return OperationalError("INSERT INTO secrets", {}, error)
    raise AssertionError("a database without a folder was opened")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404),
        (Forbidden("Not for you."), 403),
        (Conflict("Closed meanwhile.", "That was all."), 409),
        (Invalid({"body": "Too short."}), 422),
        (TooMany("Slowly.", 30), 429),
        (Busy("Busy."), 503),
        (trouble(), 503),
        (ZeroDivisionError("secret"), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_every_failure_is_a_page_that_gives_the_text_back(cast: Cast, error: Exception, status: int) -> None:
    answer = browse(cast, failing(error)).post("/test-view", body="<b>Typed</b> for an hour", note="and a note")
    assert answer.status_code == status
    assert "&lt;b&gt;Typed&lt;/b&gt; for an hour" in answer.text
    assert "and a note" in answer.text
    assert "<h1" in answer.text
    for secret in ("Traceback", "secret", "INSERT INTO", ".py"):
        assert secret not in answer.text
    assert db.session.execute(select(Site.tagline)).scalar() == ""


def test_closing_words_are_shown(cast: Cast) -> None:
    answer = browse(cast, failing(Conflict("Closed meanwhile.", "That was <all>."))).post("/test-view", body="x")
    assert "That was &lt;all&gt;." in answer.text
    assert "Closed meanwhile." in answer.text


def test_waiting_times_are_told_to_machines(cast: Cast) -> None:
    assert browse(cast, failing(TooMany("Slowly.", 30))).post("/test-view").headers["Retry-After"] == "30"


@pytest.mark.parametrize(
    ("seconds", "said"), [(30, "Wait a minute,"), (61, "Wait 2 minutes,"), (297, "Wait 5 minutes,")]
)
def test_waiting_times_are_told_to_people(cast: Cast, seconds: int, said: str) -> None:
    assert said in browse(cast, failing(TooMany("Slowly.", seconds))).post("/test-view").text


def test_a_mistake_of_ours_has_a_number_to_ask_about(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    answer = browse(cast, failing(ZeroDivisionError())).get("/test-view")
    logged = next(record for record in caplog.records if record.getMessage().startswith("mistake "))
    assert logged.getMessage().split()[1].rstrip(":") in answer.text


def test_an_address_that_is_none_and_a_method_that_is_none(cast: Cast) -> None:
    assert cast.browser().get("/nothing").status_code == 404
    assert cast.browser().post("/").status_code == 405
    assert cast.browser().get("/nothing").content_type == "text/html; charset=utf-8"


def test_every_long_field_is_given_back_and_no_password(cast: Cast) -> None:
    typed = {name: f"{name} for an hour" for name in ("body", "tags", "tagline", "about", "words", "reason", "title")}
    answer = browse(cast, failing(Forbidden("Not for you."))).post("/test-view", password="heron seven", **typed)
    assert [text for text in typed.values() if text not in answer.text] == []
    assert "heron seven" not in answer.text
