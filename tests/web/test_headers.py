"""Headers that stand on every answer, whatever its status (bar: 30, 31, 35)."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from forum import config, create_app, db
from forum.cli.logs import OneLine
from forum.people.models import Session
from forum.web.edge import HEADERS
from tests.cast import Cast
from tests.people.members import PHRASE, member


def pages(cast: Cast) -> list[str]:
    """Return the addresses of all pages that need nothing in theirs."""
    rules = cast.app.url_map.iter_rules()
    return sorted({rule.rule for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments})


def test_every_answer_carries_them(cast: Cast) -> None:
    addresses = [*pages(cast), "/nothing-here", f"/articles/{cast.article.slug}", "/static/forum.css"]
    for browser in (cast.browser(), cast.browser(cast.tom), cast.browser(cast.ada)):
        for address in addresses:
            answer = browser.get(address)
            answer.close()
            assert answer.status_code < 500, address
            missing = {name for name, value in HEADERS.items() if answer.headers.get(name) != value}
            assert missing - {"Content-Security-Policy"} == set(), address
            assert "'unsafe-" not in answer.headers["Content-Security-Policy"], address


def test_refusals_and_mistakes_carry_them_too(cast: Cast) -> None:
    def broken() -> str:
        raise ZeroDivisionError

    cast.app.add_url_rule("/broken", "broken", broken)
    answers = [
        cast.browser().get("/broken"),
        cast.browser().open("/", "POST"),
        cast.browser(cast.tom).forge("/sign-out"),
        cast.browser().get("/", query_string="x=%00"),
    ]
    assert [answer.status_code for answer in answers] == [500, 405, 403, 400]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_page_with_a_token_or_with_what_somebody_sent_is_kept_by_nobody(cast: Cast) -> None:
    answers = [cast.browser().get(f"/{place}/a-guess") for place in ("reset", "invite", "setup")]
    answers += [cast.browser().forge("/comments/1/reply", body="My words"), cast.browser().open("/", "POST")]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-store"}


def test_what_a_member_reads_where_a_file_of_ours_is_missing_is_kept_by_nobody(cast: Cast) -> None:
    answers = [cast.browser(person).get("/static/nothing.css") for person in (cast.tom, None)]
    assert ["/people/tom" in answer.text for answer in answers] == [True, False]
    assert [answer.headers["Cache-Control"] for answer in answers] == ["private, no-store", "no-cache"]


def test_a_session_keeps_nothing_of_address_and_browser(cast: Cast) -> None:
    member()
    browser = cast.browser()
    assert browser.post("/sign-in", username="wanda", password=PHRASE).status_code == 303
    rows = db.session.scalars(select(Session.data).where(Session.person_id.is_not(None))).all()
    assert rows
    assert not [row for row in rows if set(row) - {"_user_id", "_fresh", "_flashes", "typed", "guest"}]


def test_a_mistake_is_logged_without_address_and_values(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    def broken(token: str) -> str:
        db.session.execute(text("SELECT :token FROM nowhere"), {"token": token})
        return ""

    cast.app.add_url_rule("/broken/<token>", "broken", broken)
    assert cast.browser().get("/broken/secret%0Aanother-line").status_code == 500
    logged = OneLine().format(caplog.records[-1])
    assert "/broken/<token>" in logged
    assert "secret" not in logged.replace('{"token": token}', "")
    assert OneLine().format(logging.makeLogRecord({"msg": "a\nb\x1b[2J\u2028c"})) == "a\\x0ab\\x1b[2J\\x2028c"


def test_no_other_site_may_read_along(cast: Cast) -> None:
    answer = cast.browser().get("/", headers={"Origin": "https://evil.example"})
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


@pytest.fixture
def https(cast: Cast, database: str, settings: config.Settings, tmp_path: Path) -> config.Settings:
    """Return the settings of a site with an https address."""
    return replace(settings, instance=tmp_path, database_url=database, site_url="https://forum.example")


def test_https_is_remembered_and_other_hosts_are_refused(https: config.Settings) -> None:
    app = create_app(https)
    client = app.test_client()
    good = client.get("/rules", base_url="https://forum.example")
    evil = client.get("/rules", base_url="https://evil.example")
    with app.app_context():
        db.engine().dispose()
    assert good.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert evil.status_code == 400


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 300}.example"])
def test_a_host_that_can_be_in_no_address_is_refused(cast: Cast, host: str) -> None:
    answer = cast.app.test_client().get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_forwarded_host_or_address_of_a_stranger_is_ignored(cast: Cast) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "https"}
    answer = cast.browser().get("/articles/new", headers=forged)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")
    assert "evil.example" not in answer.text
