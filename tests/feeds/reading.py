"""Get feeds as feed readers do."""

from __future__ import annotations

from contextvars import Context
from dataclasses import replace
from typing import Any

import feedparser
import pytest
from defusedxml.ElementTree import fromstring
from flask import Flask
from werkzeug.test import TestResponse

from forum import create_app, db
from tests.feeds.atom_rules import AT, ATOM, broken


def fetch(app: Flask, path: str, **headers: str) -> TestResponse:
    """Get an address without a cookie, in a context of its own."""
    base = app.extensions["forum"].site_url or "http://localhost"
    client = app.test_client(use_cookies=False)
    return Context().run(client.get, path, base_url=base, headers=headers, buffered=True)


def feed(app: Flask, path: str) -> Any:
    """Return a feed as feedparser reads it; it is valid by every rule, and feedparser has nothing to say against it."""
    answer = fetch(app, path)
    assert answer.status_code == 200, path
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert broken(answer.data) == []
    read = feedparser.parse(answer.data, response_headers={"content-type": answer.content_type}, sanitize_html=False)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    return read


def gone(app: Flask, path: str) -> list[str]:
    """Return the names of the entries that a feed calls deleted."""
    return [found.get("ref", "") for found in fromstring(fetch(app, path).data).iterfind(f"{AT}deleted-entry")]


def names(app: Flask, path: str) -> list[str]:
    """Return the names of a feed's entries."""
    root = fromstring(fetch(app, path).data)
    return [entry.findtext(f"{ATOM}id") or "" for entry in root.iterfind(f"{ATOM}entry")]


def with_address(app: Flask, address: str, request: pytest.FixtureRequest) -> Flask:
    """Return the same site as an app that knows its address."""
    made = create_app(replace(app.extensions["forum"], site_url=address))

    def end() -> None:
        with made.app_context():
            db.session.remove()
            db.engine().dispose()

    request.addfinalizer(end)
    return made
