"""Five readers of a discussion, and what is wrong where the caches send them something else than is drawn afresh."""

from __future__ import annotations

import gzip
import re
from contextvars import Context
from dataclasses import replace
from difflib import unified_diff

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum import create_app, db
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.front import Store
from forum.people.models import Session
from tests.cast import Browser, Cast

READERS = ("visitor", "rosa", "tom", "ida", "quill")  # a member, the writer, the article's author, a moderator
PLAIN, GZIP = "identity", "gzip"
ONE_TIME = re.compile(r'<input[^>]*name="(?:csrf_token|key)"[^>]*>')


class Afresh:
    """The same site as another app, which keeps nothing: Flask alone, without the cache before it."""

    def __init__(self, app: Flask) -> None:
        self.app = create_app(replace(app.extensions["forum"]))
        del self.app.wsgi_app  # type: ignore[method-assign]  # what `web` put before Flask; Flask's own is behind it
        self.app.extensions["store"] = Store(budget=0)
        self._unused = dict(self.app.extensions)

    def forget(self) -> None:
        """Throw away what a request left in the app."""
        self.app.extensions.clear()
        self.app.extensions.update(self._unused)

    def close(self) -> None:
        """Close its connections."""
        with self.app.app_context():
            db.engine().dispose()


class Readers:
    """Five browsers, and how they get pages from the caches and afresh."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.afresh = cast, Afresh(cast.app)
        self.ids = {name: getattr(cast, name).id for name in READERS if name != "visitor"}
        self.cookies: dict[str, str] = {}
        self.sign_in()

    def sign_in(self) -> None:
        """Give everybody a session whose own has ended."""
        there = set(db.session.scalars(select(Session.person_id)))
        for name, key in self.ids.items():
            if name not in self.cookies or key not in there:
                self.cookies[name] = Browser(self.cast.app, getattr(self.cast, name)).cookie

    def addresses(self) -> list[str]:
        """Return pages of the discussion, and those of the newest article and the newest branch."""
        article = select(Article.slug).order_by(Article.id)
        comment = select(Comment.id).order_by(Comment.id)
        slugs = list(db.session.scalars(article))
        first, *_, newest = db.session.scalars(comment)
        db.rollback()
        return [
            *(f"/articles/{slugs[0]}", f"/articles/{slugs[0]}?order=newest", f"/comments/{first}/branch"),
            *(f"/comments/{newest}/branch", f"/articles/{slugs[-1]}"),
        ]

    def fill(self, addresses: list[str]) -> None:
        """Let everybody get every page, so that the caches have it."""
        for name in READERS:
            for address in addresses:
                self._get(self.cast.app, name, address, GZIP)

    def differences(self, addresses: list[str], encodings: tuple[str, ...] = (PLAIN, GZIP)) -> list[str]:
        """Return where an answer is another one than that drawn afresh, each with the lines that differ."""
        wrong = []
        for name in READERS:
            for address in addresses:
                self.afresh.forget()
                true = _read(self._get(self.afresh.app, name, address, PLAIN))
                for encoding in encodings:
                    sent = _read(self._get(self.cast.app, name, address, encoding))
                    if sent != true:
                        lines = unified_diff(sent.splitlines(), true.splitlines(), "sent", "drawn afresh", n=0)
                        wrong.append("\n".join([f"{name} {address} {encoding}", *lines]))
        return wrong

    def _get(self, app: Flask, name: str, address: str, encoding: str) -> TestResponse:
        # In a context of its own, as on a server.
        headers = {"Accept-Encoding": encoding}
        if name in self.cookies:
            headers["Cookie"] = f"session={self.cookies[name]}"
        return Context().run(app.test_client(use_cookies=False).get, address, headers=headers, buffered=True)


def _read(answer: TestResponse) -> str:
    """Return an answer as a text: status, where it leads, whose it is, and its page without what is used once."""
    data = gzip.decompress(answer.data) if answer.headers.get("Content-Encoding") == "gzip" else answer.data
    head = [answer.status, answer.headers.get("Location", ""), answer.headers.get("Cache-Control", "")]
    return "\n".join([*head, ONE_TIME.sub("", data.decode())])
