"""Sessions: what the cookie holds, when one begins, and when it dies (bar: 24, 32)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from forum import config, create_app, db
from forum.clock import now
from forum.people import sessions
from forum.people.models import Person, Session
from forum.people.tokens import new_token, token_hash
from tests.cast import Browser, Cast


def signed_in(browser: Browser) -> bool:
    """Tell whether the site takes this browser for somebody."""
    return 'class="member"' in browser.get("/").text


def token(browser: Browser) -> str:
    """Return what the cookie holds."""
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def test_only_the_hash_of_a_token_is_kept(cast: Cast) -> None:
    browser = cast.browser(cast.tom)
    assert len(token(browser)) >= 43
    assert token_hash(token(browser)) in db.session.scalars(select(Session.token_hash)).all()
    assert token(browser) not in str(db.session.execute(select(Session.token_hash, Session.data)).all())


def test_a_page_without_a_form_starts_no_session(cast: Cast) -> None:
    before = len(db.session.scalars(select(Session.id)).all())
    answer = cast.app.test_client().get("/")
    assert "Set-Cookie" not in answer.headers
    assert len(db.session.scalars(select(Session.id)).all()) == before


def test_a_form_starts_one_with_a_careful_cookie(cast: Cast) -> None:
    header = cast.app.test_client().get("/sign-in").headers["Set-Cookie"]
    assert header.startswith("session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in header.split(";")}


def test_with_https_the_cookie_is_bound_to_the_host(
    cast: Cast, database: str, settings: config.Settings, tmp_path: Path
) -> None:
    safe = replace(settings, instance=tmp_path, database_url=database, site_url="https://forum.example")
    app = create_app(safe)
    answer = app.test_client().get("/sign-in", base_url="https://forum.example")
    with app.app_context():
        db.engine().dispose()
    header = answer.headers["Set-Cookie"]
    assert header.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in header.split(";")}
    assert "Domain" not in header


@pytest.mark.parametrize("value", ["", "x", "../..", "é", "0" * 3000, "' OR 1=1 --"])
def test_an_invented_token_is_nobodys(cast: Cast, value: str) -> None:
    browser = cast.browser()
    browser.client.set_cookie("session", quote(value))
    assert not signed_in(browser)


def test_it_ends_when_idle_for_a_month(cast: Cast) -> None:
    browser = cast.browser(cast.tom)
    with time_machine.travel(now() + timedelta(days=29)):
        assert signed_in(browser)
    with time_machine.travel(now() + timedelta(days=29 + 29)):
        assert signed_in(browser)
    with time_machine.travel(now() + timedelta(days=29 + 29 + 31)):
        assert not signed_in(browser)


def test_it_ends_after_a_year_however_much_it_is_used(cast: Cast) -> None:
    browser, start = cast.browser(cast.tom), now()
    for day in range(0, 364, 28):
        with time_machine.travel(start + timedelta(days=day)):
            assert signed_in(browser)
    with time_machine.travel(start + timedelta(days=366)):
        assert not signed_in(browser)


def test_reading_rarely_writes(cast: Cast) -> None:
    browser = cast.browser(cast.tom)
    seen = db.session.scalars(select(Session.seen_at)).one()
    with time_machine.travel(now() + timedelta(hours=5)):
        browser.get("/")
    assert db.session.scalars(select(Session.seen_at)).one() == seen


def test_signing_out_kills_the_token_at_once(cast: Cast) -> None:
    browser = cast.browser(cast.tom)
    kept = token(browser)
    browser.post("/sign-out")
    assert not signed_in(browser)
    browser.client.set_cookie("session", kept)
    assert not signed_in(browser)


def test_an_account_that_is_switched_off_is_out_at_once(cast: Cast) -> None:
    browser = cast.browser(cast.tom)
    assert signed_in(browser)
    db.lock()
    db.session.get_one(Person, cast.tom.id).deactivated_at = now()
    db.commit()
    assert not signed_in(browser)


def test_the_person_is_the_rows_not_the_datas(cast: Cast) -> None:
    browser = cast.browser()
    forged = new_token()
    sessions.begin(forged, {"_user_id": str(cast.ada.id), "_fresh": True}, cast.tom.id, now())
    browser.client.set_cookie("session", forged)
    assert not signed_in(browser)


def test_a_members_page_is_kept_by_nobody(app: Flask, cast: Cast) -> None:
    assert cast.browser(cast.tom).get("/").headers["Cache-Control"] == "private, no-store"
    answer = app.test_client().get("/")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Cookie" in answer.headers["Vary"]
