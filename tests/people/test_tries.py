"""How often one may try to sign in, and who is slowed down by whose tries (bar 25)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from werkzeug.test import TestResponse

from forum import create_app, db
from forum.clock import now
from forum.web import guards
from tests.cast import Browser, Cast
from tests.people.members import PHRASE, member

HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def limiting(cast, database, settings, tmp_path) -> Iterator[Cast]:
    """Yield the cast on a process with rate limits, with Wanda, who has a password."""
    member(email="wanda@post.example")
    cast.app = create_app(replace(settings, instance=tmp_path / "limits", database_url=database, rate_limits=True))
    yield cast
    with cast.app.app_context():
        db.engine().dispose()


def sign_in(browser: Browser, password: str, name: str = "wanda", network: str = HOME) -> TestResponse:
    fields = {"csrf_token": browser.token, "username": name, "password": password}
    return browser.open("/sign-in", "POST", data=fields, environ_base={"REMOTE_ADDR": network})


def try_often(browser: Browser, *names: str, network: str = HOME) -> TestResponse:
    """Try wrong passwords until refused, and return the refusal; more than ten tries are a failure."""
    for number in range(11):
        answer = sign_in(browser, f"wrong owls {number}", names[number % len(names)], network)
        if answer.status_code != 422:
            break
    assert (number, answer.status_code) == (10, 429)
    return answer


def test_every_spelling_counts_for_the_account_that_it_finds(limiting):
    try_often(limiting.browser(), "wanda", "WANDA", "Wanda", "wanda@post.example", "W\u0430nda")


def test_a_stranger_elsewhere_keeps_nobody_out(limiting):
    try_often(limiting.browser(), "wanda", network=ELSEWHERE)
    assert sign_in(limiting.browser(), PHRASE).status_code == 303


def test_a_person_who_signed_in_here_before_is_not_kept_out_by_others_in_the_same_network(limiting):
    known = limiting.browser()
    assert sign_in(known, PHRASE, network=ELSEWHERE).status_code == 303
    known.client.delete_cookie("session")  # signed out; the form's token is that of a new session
    known.client.set_cookie("session", known.cookie)
    try_often(limiting.browser(), "wanda")
    assert sign_in(known, PHRASE).status_code == 303


def test_a_known_browser_waits_for_a_minute_at_most(limiting):
    known = limiting.browser()
    sign_in(known, PHRASE)
    known.client.set_cookie("session", known.cookie)
    assert 1 <= int(try_often(known, "wanda").headers["Retry-After"]) <= 60


@pytest.mark.parametrize("made_up", ["account:1.0", "account:1.", "x", "", "account:1.\u00fc"])
def test_a_cookie_made_up_makes_nobody_known(limiting, made_up):
    browser = limiting.browser()
    browser.client.set_cookie("device", made_up)
    assert int(try_often(browser, "wanda").headers["Retry-After"]) > 60


def test_the_time_to_wait_is_true(limiting):
    browser = limiting.browser()
    with time_machine.travel(now(), tick=False) as clock:
        assert try_often(browser, "wanda").headers["Retry-After"] == "300"
        clock.shift(timedelta(seconds=200))
        assert sign_in(browser, PHRASE).headers["Retry-After"] == "100"
        clock.shift(timedelta(seconds=100))
        assert sign_in(browser, PHRASE).status_code == 303


def test_who_is_refused_is_not_in_the_log(limiting, caplog):
    caplog.set_level("INFO", "forum")
    try_often(limiting.browser(), "wanda")
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "sign-in refused" in said
    assert HOME not in said
    limiting.browser().get("/")
    guards.limiter.logger.warning("Rate limit storage unreachable")
    assert "unreachable" in caplog.records[-1].getMessage()


def test_signing_in_is_logged_without_a_name_or_password(limiting, caplog):
    caplog.set_level("INFO", "forum")
    sign_in(limiting.browser(), "wrong owls")
    sign_in(limiting.browser(), "wrong owls", "my password by mistake")
    sign_in(limiting.browser(), PHRASE)
    said = [record.getMessage() for record in caplog.records]
    assert [line.partition(":")[0] for line in said] == ["sign-in refused", "sign-in refused", "sign-in"]
    assert not any(word in " ".join(said) for word in ("owls", "mistake", "wanda", HOME))
