"""Visitors get finished pages: the same bytes for all of them, never older than the last write, of nobody else."""

from __future__ import annotations

import gzip
import re
from contextvars import Context
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forum import create_app, db
from forum.articles import actions as articles
from forum.clock import now
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from tests.cast import Cast
from tests.web.acting import act, page_of, say


class Visitor:
    """A browser without a session; each request has a context of its own, as on a server."""

    def __init__(self, app) -> None:
        self.client = app.test_client(use_cookies=False)

    def get(self, url: str, **headers: str):
        return Context().run(self.client.get, url, headers=headers)

    def head(self, url: str, **headers: str):
        return Context().run(self.client.head, url, headers=headers)


@pytest.fixture
def elsewhere(cast):
    """The app as another process would have it, with nothing kept."""
    made = create_app(replace(cast.app.extensions["forum"]))
    yield made
    with made.app_context():
        db.engine().dispose()


def test_the_page_is_the_one_flask_would_have_made(cast):
    say(cast, "tom", "A word.")
    visitor = Visitor(cast.app)
    built, kept = visitor.get(page_of(cast)), visitor.get(page_of(cast))
    through_flask = visitor.get(page_of(cast) + "?unknown=1")
    assert built.data == kept.data == through_flask.data
    own = {"ETag", "Content-Length"}
    assert {k: v for k, v in kept.headers if k not in own} == {k: v for k, v in through_flask.headers if k not in own}


def test_it_is_sent_gzipped_and_confirmed_by_304(cast):
    say(cast, "tom", "A word.")
    visitor = Visitor(cast.app)
    packed, plain = visitor.get(page_of(cast), **{"Accept-Encoding": "gzip"}), visitor.get(page_of(cast))
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for wanted in (packed.headers["ETag"], f'"x", {packed.headers["ETag"]}', "W/" + packed.headers["ETag"], "*"):
        again = visitor.get(page_of(cast), **{"Accept-Encoding": "gzip", "If-None-Match": wanted})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Vary"] == packed.headers["Vary"]
    other = visitor.get(page_of(cast), **{"Accept-Encoding": "gzip", "If-None-Match": f"x{packed.headers['ETag']}"})
    assert other.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Encoding": "gzip;q=0"},
        {"Accept-Encoding": "gzip;q=0, deflate"},
        {"Accept-Encoding": "identity, *;q=0"},
        {"Accept-Language": "de"},
        {"Range": "bytes=0-9"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.1"},
        {"X-Forwarded-Prefix": "/evil", "X-Original-URL": "/admin", "X-HTTP-Method-Override": "POST"},
        {"Authorization": "Basic dG9tOnRvbQ=="},
        {"Host": "evil.example"},
        {"If-None-Match": '"other"', "If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"},
    ],
)
def test_no_header_changes_the_bytes(cast, elsewhere, headers):
    say(cast, "tom", "A word.")
    expected = Visitor(cast.app).get(page_of(cast) + "?unknown=1").data
    for app in (cast.app, elsewhere):  # first to ask, and asking what others have made
        first = Visitor(app).get(page_of(cast), **headers)
        assert (first.status_code, first.data) == (200, expected)
        assert Visitor(app).get(page_of(cast)).data == expected


def test_what_a_reader_refuses_is_not_sent_packed(cast, shared):
    asked = (shared / "cases" / "http-gzip-refused-by-q0.sh").read_text()
    (wanted,) = re.findall("-H 'Accept-Encoding: ([^']*)'", asked)
    for path in (page_of(cast), "/", "/sign-in"):
        Visitor(cast.app).get(path, **{"Accept-Encoding": "gzip"})  # what is packed by now may be at hand
        assert "Content-Encoding" not in Visitor(cast.app).get(path, **{"Accept-Encoding": wanted}).headers


def test_head_is_answered_as_get_without_a_body(cast):
    say(cast, "tom", "A word.")
    head, got = Visitor(cast.app).head(page_of(cast)), Visitor(cast.app).get(page_of(cast))
    assert head.data == b""
    assert dict(head.headers) == dict(got.headers)


NAMES = ("session", " session", "session ", "\tsession", "session\t", "  session  ", "Session", "SESSION", "%73ession")
VALUES = ("{t}", '"{t}"', ' "{t}"', "{t} ", " {t}", '"{t}', "{t}\t", "=%s", "{t};", "{t},x", "\\{t}")
AROUND = (
    "{c}",
    "a=b; {c}",
    "a=b;{c}",
    "{c}; session=x",
    "session=x; {c}",
    "$Version=1; {c}; $Path=/",
    ";{c};",
    "a; {c}",
)
SPELLINGS = sorted(
    {
        around.replace("{c}", f"{name}={value}")
        for name in NAMES
        for value in VALUES
        for around in (AROUND if name.strip() == "session" else AROUND[:2])
    }
)


def poison(cast: Cast, cookies: list[str]) -> str:
    """Let each person ask with each spelling of their cookie, and return what is wrong with the visitors' page then."""
    visitor = Visitor(cast.app)
    expected = visitor.get(page_of(cast) + "?unknown=1").data
    for number, cookie in enumerate(cookies):
        say(cast, "otto", f"Remark {number}.") if number % 40 == 0 else None
        if number % 40 == 0:
            expected = visitor.get(page_of(cast) + "?unknown=1").data
        with_cookie = visitor.get(page_of(cast), Cookie=cookie)
        if with_cookie.status_code != 200 or visitor.get(page_of(cast)).data != expected:
            return cookie
    return ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # no database reads a cookie
def test_no_spelling_of_a_cookie_puts_a_private_page_into_everybody_s(cast):
    """Point 0 of the review: whatever two parsers make of a cookie, visitors get the page that has no identity."""
    first = say(cast, "tom", "A word that goes.")
    cast.browser(cast.quill).post(f"/moderation/queue/{first}", decision="hide", reason="1")
    say(cast, "rosa", "An answer.")
    tokens = [cast.browser(person).cookie for person in (cast.tom, cast.quill)]
    for token in tokens:
        assert poison(cast, [spelling.replace("{t}", token) for spelling in SPELLINGS]) == ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # no database reads a cookie
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nor_does_any_generated_one(cast, data):
    sign = st.sampled_from(
        [" ", "\t", '"', "=", ";", ",", "\\", "$", "x", "session", "session=", "TOKEN", "%3D", "\xe9"]
    )
    cookie = "".join(data.draw(st.lists(sign, min_size=1, max_size=12)))
    if not hasattr(cast, "token"):
        cast.token = cast.browser(cast.quill).cookie
    assert poison(cast, [cookie.replace("TOKEN", cast.token)]) == ""


def test_a_closing_that_ends_by_the_clock_ends_on_the_page(cast):
    first = say(cast, "tom", "A word.")
    ending = Ending(words="Until tomorrow.", until=now() + timedelta(days=1))
    act(cast, "quill", closing.close_branch, first, ending)
    visitor = Visitor(cast.app)
    assert "Until tomorrow." in visitor.get(page_of(cast)).text
    with time_machine.travel(now() + timedelta(days=2)):
        assert "Until tomorrow." not in visitor.get(page_of(cast)).text


def test_a_scheduled_article_appears_by_the_clock(cast):
    soon = now() + timedelta(hours=1)
    made = act(cast, "ida", articles.create, articles.check_words("Tomorrow's news", "Not yet."))
    act(cast, "ida", articles.schedule, made.id, soon)
    visitor = Visitor(cast.app)
    assert visitor.get(f"/articles/{made.slug}").status_code == 404
    with time_machine.travel(soon + timedelta(minutes=1)):
        assert visitor.get(f"/articles/{made.slug}").status_code == 200


def test_a_branch_page_is_kept_too(cast):
    first = say(cast, "tom", "A word.")
    visitor = Visitor(cast.app)
    address = f"/comments/{first}/branch"
    assert visitor.get(address).headers["ETag"] == visitor.get(address).headers["ETag"]
    say(cast, "rosa", "An answer.", first)
    assert "An answer." in visitor.get(address).text


def test_a_page_that_begins_nowhere_leads_to_the_article(cast):
    """Else thirty thousand numbers in the address would be thirty thousand kept pages."""
    answer = say(cast, "rosa", "An answer.", say(cast, "tom", "A word."))
    for number in (answer, 10**9):
        answer = Visitor(cast.app).get(page_of(cast) + f"?from={number}")
        assert (answer.status_code, answer.headers["Location"]) == (303, page_of(cast))
    assert Visitor(cast.app).get(page_of(cast) + "?from=99999999999999999999").status_code == 200


def test_an_address_of_more_than_two_thousand_signs_is_refused(cast):
    visitor = Visitor(cast.app)
    assert visitor.get(page_of(cast) + "?order=" + "x" * 1900).status_code == 200
    refused = visitor.get(page_of(cast) + "?order=" + "x" * 2000)
    assert refused.status_code == 414
    assert "Content-Security-Policy" in refused.headers


def test_members_get_the_same_discussion_gzipped_or_plain(cast):
    say(cast, "tom", "A word.")
    browser = cast.browser(cast.rosa)
    plain = browser.get(page_of(cast))
    packed = browser.get(page_of(cast), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    text = gzip.decompress(packed.data).decode()
    assert "A word." in text
    assert ">Rosa<" in text
    assert len(text) == len(plain.text)  # all but the tokens of the forms are the same
    assert plain.headers["Cache-Control"] == "private, no-store"
