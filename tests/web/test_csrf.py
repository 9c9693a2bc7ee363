"""Forged requests: every address that writes, every way to forge; and nothing that reads, writes (bar: 19)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.routing import Rule

from forum import db
from forum.comments.models import Comment
from forum.db import Base
from forum.people.tokens import new_token
from tests.cast import Browser, Cast, form_token

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# Sessions are the edge's own: a visit may note that it happened. So is the row that says who may answer from memory.
OTHERS = [table for table in Base.metadata.sorted_tables if table.name != "sessions"]
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
    """Be a comment by Rosa, so that every address leads to something."""
    browser = cast.browser(cast.rosa)
    assert browser.post(f"/articles/{cast.article.slug}/comments", body="I disagree.").status_code == 303
    return db.session.scalars(select(Comment)).one()


def everything() -> str:
    """Return a hash of all rows of all tables but the sessions."""
    rows = [sorted(map(repr, db.session.execute(select(table)).all())) for table in OTHERS]
    db.session.rollback()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def address(cast: Cast, rule: Rule, comment: Comment) -> str:
    """Return the address of a rule, led to what is there."""
    values: dict[str, Any] = {
        **dict.fromkeys(rule.arguments, 1),
        "slug": cast.article.slug,
        "name": "tom",
        "tag": "library",
        "token": "x",
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
    for browser, token in forgeries(cast):
        for method, url in targets:
            answer = browser.open(url, method, data={**FIELDS, **token})
            to_sign_in = answer.status_code == 303 and answer.location.startswith("/sign-in")
            assert answer.status_code in (400, 403) or to_sign_in, f"{method} {url}: {answer.status_code}"
            assert everything() == before, f"{method} {url} changed something"


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


def test_a_visitor_who_was_signed_out_meanwhile_keeps_the_text(cast: Cast, comment: Comment) -> None:
    browser = cast.browser()
    stale = form_token(cast.app, new_token())
    answer = browser.forge(f"/articles/{cast.article.slug}/comments", body="Typed for an hour.", csrf_token=stale)
    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in")
    refused = cast.browser(cast.tom).forge(f"/articles/{cast.article.slug}/comments", body="Typed for an hour.")
    assert refused.status_code == 403
    assert "Typed for an hour." in refused.text
