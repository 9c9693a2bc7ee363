"""Five readers of a discussion, and what is wrong where the caches send them something else than is drawn afresh."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, Sequence
from contextvars import Context
from difflib import unified_diff

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum import db
from forum.articles.models import Article, Tag
from forum.clock import now
from forum.comments.models import Comment
from forum.front import Store
from forum.people import sessions
from forum.people.models import Session

READERS = ("visitor", "rosa", "tom", "ida", "quill")  # a member, the writer, the article's author, a moderator
ENCODINGS = ("gzip", "identity")
ONE_TIME = re.compile(r'<input[^>]*name="(?:csrf_token|key)"[^>]*>')


class Readers:
    """Five browsers, and how they get pages: from the caches of `kept`, and drawn afresh by `unkept`.

    `unkept` is the same site as an app that keeps nothing: Flask alone, without the cache before it.
    """

    def __init__(self, kept: Flask, unkept: Flask, ids: Mapping[str, int]) -> None:
        self.kept, self.unkept, self.ids = kept, unkept, {name: ids[name] for name in READERS[1:]}
        del unkept.wsgi_app  # type: ignore[method-assign]  # what `web` put before Flask; Flask's own is behind it
        unkept.extensions["store"] = Store(budget=0)
        self._extensions = dict(unkept.extensions)

    def sign_in(self) -> None:
        """Give everybody a session whose own has ended."""
        there = set(db.session.scalars(select(Session.person_id)))
        for name, key in self.ids.items():
            if key not in there:
                sessions.begin(_token(name), {"_user_id": str(key), "_fresh": True}, key, now())

    def addresses(self) -> list[str]:
        """Return the discussion in both orders, the branch of the newest comment, the newest article, and feeds."""
        slugs = db.session.scalars(select(Article.slug).order_by(Article.id)).all()
        comment = db.session.scalars(select(Comment.id).order_by(Comment.id.desc())).first()
        first = f"/articles/{slugs[0]}"
        pages = [first, f"{first}?order=newest", f"/comments/{comment}/branch", f"/articles/{slugs[-1]}"]
        feeds = ["articles", f"articles/{slugs[0]}", f"articles/{slugs[-1]}", f"comments/{comment}", "people/ida"]
        feeds += [f"tags/{slug}" for slug in db.session.scalars(select(Tag.slug).order_by(Tag.id.desc()).limit(1))]
        return list(dict.fromkeys([*pages, *(f"/feeds/{feed}" for feed in feeds)]))

    def fill(self, addresses: Sequence[str]) -> None:
        """Let everybody get every page, so that the caches have it."""
        for name in READERS:
            for address in _for(name, addresses):
                _get(self.kept, name, address, "gzip")

    def differences(self, addresses: Sequence[str]) -> list[str]:
        """Return where an answer is another one than that drawn afresh, each with the lines that differ.

        Each reader gets some of the pages gzipped and some plain.
        """
        wrong = []
        for name in READERS:
            for number, address in enumerate(_for(name, addresses), READERS.index(name)):
                encoding = ENCODINGS[number % 2]
                sent, true = _read(_get(self.kept, name, address, encoding)), self._afresh(name, address)
                if sent != true:
                    lines = unified_diff(sent.splitlines(), true.splitlines(), "sent", "drawn afresh", n=0)
                    wrong.append("\n".join([f"{name} {address} {encoding}", *lines]))
        return wrong

    def page(self, name: str, address: str) -> str:
        """Return what the caches send to a reader."""
        return _read(_get(self.kept, name, address, "gzip"))

    def _afresh(self, name: str, address: str) -> str:
        # What another request left in the app is thrown away.
        self.unkept.extensions.clear()
        self.unkept.extensions.update(self._extensions)
        return _read(_get(self.unkept, name, address, "identity"))


def _for(name: str, addresses: Sequence[str]) -> list[str]:
    """Return what a reader asks for: feeds are the same for all, so visitors alone ask for them."""
    return [address for address in addresses if name == "visitor" or not address.startswith("/feeds/")]


def _token(name: str) -> str:
    return name.ljust(43, "-")  # as long as those of the forum


def _get(app: Flask, name: str, address: str, encoding: str) -> TestResponse:
    # In a context of its own, as on a server.
    headers = {"Accept-Encoding": encoding, "Cookie": f"session={_token(name)}"}
    if name == "visitor":
        del headers["Cookie"]
    return Context().run(app.test_client(use_cookies=False).get, address, headers=headers, buffered=True)


def _read(answer: TestResponse) -> str:
    """Return an answer as a text: status, where it leads, whose it is, and its page without what is used once."""
    data = gzip.decompress(answer.data) if answer.headers.get("Content-Encoding") == "gzip" else answer.data
    head = [answer.status, answer.headers.get("Location", ""), answer.headers.get("Cache-Control", "")]
    return "\n".join([*head, ONE_TIME.sub("", data.decode())])
