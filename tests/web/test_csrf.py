"""Forged requests: every address that writes, every way to forge; and nothing that reads, writes (bar: 19)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from forum import db
from forum.comments.models import Comment
from forum.db import Base
from tests.cast import Browser, Cast

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# Sessions are the edge's own: a visit may note that it happened. So is the row that says who may answer from memory.
# A member's reading notes up to when they have read a discussion, so that they find what is new in it.
READING = {"sessions", "visits"}
FIELDS = {
    "body": "A forged comment.",
    "words": "Enough.",
    "people": "all",
    "reason": "other",
    "decision": "hide",
    "title": "Forged",
    "act": "publish",
    "username": "mallory",
    "password": "a long forged password",
    "role": "admin",
    "display_name": "Mallory",
    "name": "Forged",
    "source": "Forged",
    "email": "m@example.org",
}


@pytest.fixture
def comment(cast: Cast) -> Comment:
    """Return a comment by Rosa, so that every address leads to something."""
    browser = cast.browser(cast.rosa)
    assert browser.post(f"/articles/{cast.article.slug}/comments", body="I disagree.").status_code == 303
    return db.session.scalars(select(Comment)).one()


def everything() -> str:
    """Return a hash of all rows of all tables but those of `READING`."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in READING]
    rows = [sorted(map(repr, db.session.execute(select(table)).all())) for table in tables]
    db.session.rollback()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


# What a mail program posts without a form of ours: the address itself is signed, and this one is made up.
SIGNED = ("/mail/unsubscribe/x", "/mail/leave/x")


def address(cast: Cast, rule: Rule, comment: Comment) -> str:
    """Return the address of a rule, led to what is there."""
    values: dict[str, Any] = {
        **dict.fromkeys(rule.arguments, 1),
        "slug": cast.article.slug,
        "name": "tom",
        "tag": "library",
        "token": "x",
        "kind": "note",
        "year": 2021,
        "month": 9,
        "filename": "forum.css",
    }
    if "comments" in rule.rule:
        values |= dict.fromkeys(("id", "comment_id"), comment.id)
    with cast.app.test_request_context():
        url = cast.app.url_map.bind("localhost").build(rule.endpoint, {name: values[name] for name in rule.arguments})
    return str(url)


def writing(cast: Cast, comment: Comment) -> list[tuple[str, str]]:
    """Return every unsafe method of every rule, with its address."""
    rules = cast.app.url_map.iter_rules()
    return [(m, address(cast, rule, comment)) for rule in rules for m in sorted(UNSAFE & (rule.methods or set()))]


def forgeries(cast: Cast) -> list[tuple[Browser, dict[str, str]]]:
    """Return browsers with what a forger could send along."""
    serializer = URLSafeTimedSerializer(str(cast.app.secret_key), salt="wtf-csrf-token")
    return [
        (cast.browser(cast.ada), {}),
        (cast.browser(cast.ada), {"csrf_token": str(serializer.dumps("another session's"))}),
        (cast.browser(cast.ada), {"csrf_token": "nonsense"}),
        (cast.browser(), {}),
    ]


def test_no_forged_request_changes_anything(cast: Cast, comment: Comment) -> None:
    before = everything()
    targets = writing(cast, comment)
    assert len(targets) > 20
    for number, (browser, token) in enumerate(forgeries(cast)):
        for method, url in targets:
            answer = browser.open(url, method, data={**FIELDS, **token})
            to_sign_in = answer.status_code == 303 and answer.location.startswith("/sign-in")
            refused = (404,) if url in SIGNED else (400, 403)
            assert answer.status_code in refused or to_sign_in, f"{method} {url}: {answer.status_code}"
        assert everything() == before, f"a request of forger {number} changed something"


def test_nothing_that_reads_writes(cast: Cast, comment: Comment) -> None:
    before = everything()
    rules = [rule for rule in cast.app.url_map.iter_rules() if "GET" in (rule.methods or set())]
    for browser in (cast.browser(), cast.browser(cast.tom), cast.browser(cast.ada)):
        for rule in rules:
            url = address(cast, rule, comment)
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = browser.open(url, method)
                answer.close()
                assert answer.status_code < 500, f"{method} {url}"
        assert everything() == before, "reading changed something"


def secure(cast: Cast, **headers: str) -> int:
    """Return what a comment with the right token is answered that a browser sends over TLS, with these headers."""
    return post(cast.browser(cast.tom), cast, **headers).status_code


def post(browser: Browser, cast: Cast, **headers: str) -> TestResponse:
    return browser.open(
        f"/articles/{cast.article.slug}/comments",
        "POST",
        data={"csrf_token": browser.token, "body": "Typed for an hour."},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        base_url="https://localhost",
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},  # no Referer, as some browsers are set
        {"Origin": "https://localhost"},
        {"Origin": "https://localhost:443"},
        {"Origin": "https://LOCALHOST."},  # typed with the dot at its end, which a browser keeps
        {"Referer": "https://localhost./articles/x"},
        {"Origin": "null", "Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
        {"Referer": "https://localhost/articles/x"},
        {"Origin": "https://localhost", "Referer": "https://evil.example/"},
    ],
)
def test_a_form_of_ours_is_taken_whatever_the_browser_hides(cast: Cast, headers: dict[str, str]) -> None:
    assert secure(cast, **headers) == 303


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"Origin": "https://evil.example"}, "https://evil.example"),
        ({"Origin": "https://evil.example", "Referer": "https://localhost/"}, "https://evil.example"),
        ({"Origin": "http://localhost"}, "http://localhost"),
        ({"Origin": "https://localhost:8443"}, "https://localhost:8443"),
        ({"Origin": "https://localhost.evil.example"}, "https://localhost.evil.example"),
        ({"Origin": "https://[evil"}, "https://[evil"),
        ({"Origin": "null", "Sec_Fetch_Site": "cross-site"}, "cross-site"),
        ({"Sec_Fetch_Site": "same-site"}, "same-site"),
        ({"Referer": "https://evil.example/articles"}, "evil.example"),
    ],
)
def test_a_form_of_another_site_is_refused_whatever_token_it_has(
    cast: Cast, headers: dict[str, str], named: str
) -> None:
    answer = post(cast.browser(cast.tom), cast, **headers)
    assert answer.status_code == 403
    assert f"another site, {named}" in answer.text
    assert "Typed for an hour." in answer.text  # to copy, not to send again
    assert 'action="/articles' not in answer.text
    assert db.session.scalars(select(Comment)).all() == []


def test_a_proxy_that_ends_tls_and_does_not_say_so_keeps_nobody_out(cast: Cast) -> None:
    browser = cast.browser(cast.tom)
    fields = {"csrf_token": browser.token, "body": "Hello."}
    url = f"/articles/{cast.article.slug}/comments"
    assert browser.open(url, "POST", data=fields, headers={"Origin": "https://localhost"}).status_code == 303
