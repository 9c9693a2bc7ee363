"""Answer reading before Flask sees it: one look at the versions, then bytes that are ready.

Only GETs of discussions come here; everything else, and whatever is not 200 or sets a cookie, goes through Flask as if
this were not there. Both ways give the same bytes and headers (tests compare them). Visitors get the page that all of
them share, which other processes and later ones find on the shelf; members one that is kept for their session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from flask import Flask

from forum.clock import now
from forum.pages import Finished, Store, finished, packed, unpacked
from forum.shelf import Shelf
from forum.web import members
from forum.web.held import MEMORY, Asker
from forum.web.members import FRAME, WHOSE, Frame, Members
from forum.web.sessions import ServerSessions
from forum.web.viewer import SITE_VERSION

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNTIL = "forum.until"  # where a view says, in the request's environment, when its page changes by the clock
GZIPPED = "forum.gzipped"  # where a view leaves its page gzipped, if it was joined from parts that were
SHARED = "forum.shared"  # set where the answer will be kept: the page must hold nothing of the viewer
_ARTICLE = re.compile(r"/articles/([^/]+)")
_BRANCH = re.compile(r"/comments/([0-9]{1,18})/branch")
_QUERY = frozenset({"from", "order"})  # what these pages read of a query; with anything else Flask is asked
_BY_SLUG = "SELECT s.version, a.id, a.version FROM site s JOIN articles a ON a.slug = ? WHERE s.set_up_at IS NOT NULL"
_BY_COMMENT = (
    "SELECT s.version, a.id, a.version FROM site s JOIN comments c ON c.id = ? JOIN articles a ON a.id = c.article_id"
    " WHERE s.set_up_at IS NOT NULL"
)

_OF_THE_BODY = frozenset({"content-length", "content-encoding"})

Asked = tuple[str, str | int, tuple[tuple[str, str], ...]]
Row = tuple[int, int, int]  # site version, article id, article version


class Front:
    """Stand before an app's WSGI callable."""

    def __init__(self, app: Flask, store: Store[Finished], shelf: Shelf | None = None) -> None:
        self._inner: WSGIApplication = app.wsgi_app
        self._store, self._shelf = store, shelf
        self._frames: Store[Frame] = Store()
        self._asker = Asker(app)
        sessions = app.session_interface
        self._cookie = sessions.cookie + "=" if isinstance(sessions, ServerSessions) else "session="
        self._members = Members(app, self._asker, self._cookie)
        self._hosts = frozenset(app.config.get("TRUSTED_HOSTS") or ())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = self._asked(environ)
        versions = self.versions(asked) if asked else None
        if asked is None or versions is None:
            return self._inner(environ, start_response)
        cookies = environ.get("HTTP_COOKIE", "")
        if self._cookie in cookies:
            return self._to_member(cookies, asked, versions, environ, start_response)
        environ[SITE_VERSION] = versions[0]
        key = (asked, versions)
        page = self._store.get(key)
        if page is None:
            with self._store.building(key):
                page = self._store.get(key) or self._from_shelf(key)
                if page is None:
                    return self._build(key, environ, start_response)
        return send(page, environ, start_response)

    def versions(self, asked: Asked) -> Row | None:
        """Return (site version, article id, article version), or None where there is no such article."""
        statement = _BY_SLUG if asked[0] == "article" else _BY_COMMENT
        return cast("Row | None", self._asker.row(asked[:2], statement, (asked[1],)))

    def _asked(self, environ: WSGIEnvironment) -> Asked | None:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        if self._hosts and environ.get("HTTP_HOST", "").split(":")[0] not in self._hosts:
            return None
        if "HTTP_X_FRAGMENT" in environ or ("wsgi.input_terminated" not in environ and environ.get("CONTENT_LENGTH")):
            return None
        return read_address(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))

    def _to_member(
        self, cookies: str, asked: Asked, versions: Row, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        key = self._members.key(cookies, asked, versions) if environ["REQUEST_METHOD"] == "GET" else None
        if key is None:
            return self._inner(environ, start_response)
        if (frame := self._frames.get(key)) is not None:
            return members.send(frame, environ, start_response)
        made: list[Frame] = []
        status, headers, body = self._ask_flask({**environ, FRAME: made, WHOSE: key[-1]})
        if made and _keepable(status, headers):
            kept = tuple((name, value) for name, value in headers if name.lower() not in _OF_THE_BODY)
            self._frames.put(key, replace(made[0], headers=kept))
        start_response(status, headers)
        return [body]

    def _build(self, key: Any, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let Flask make the page once, keep it if it may be kept, and send it."""
        asking = {**environ, SHARED: True, "REQUEST_METHOD": "GET"}
        status, headers, body = self._ask_flask(asking)
        if not _keepable(status, headers):
            start_response(status, headers)
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
        page = finished(headers, body, asking.get(UNTIL), asking.get(GZIPPED))
        self._store.put(key, page)
        if self._shelf is not None:
            self._shelf.put(_named(key), packed(page))
        return send(page, environ, start_response)

    def _from_shelf(self, key: Any) -> Finished | None:
        """Return a page that another process made, or this one before it was started anew."""
        raw = self._shelf.get(_named(key)) if self._shelf is not None else None
        page = unpacked(raw) if raw is not None else None
        if page is None or (page.until is not None and page.until <= now()):
            return None
        self._store.put(key, page)
        return page

    def _ask_flask(self, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
        answer: list[Any] = []

        def collect(status: str, headers: list[tuple[str, str]], info: Any = None) -> Callable[[bytes], object]:
            answer[:] = [status, headers]
            return lambda data: None

        chunks = self._inner(environ, collect)
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        return answer[0], answer[1], body


def _keepable(status: str, headers: list[tuple[str, str]]) -> bool:
    return status.startswith("200 ") and all(name.lower() != "set-cookie" for name, _ in headers)


def _named(key: Any) -> str:
    return f"page:{key!r}"


@lru_cache(maxsize=MEMORY)
def read_address(path: str, query: str) -> Asked | None:
    """Return what an address of a discussion asks for, None for any other."""
    wanted = tuple(sorted(parse_qsl(query, keep_blank_values=True)))
    if any(name not in _QUERY for name, _ in wanted):
        return None
    if found := _ARTICLE.fullmatch(path):
        return "article", found[1].encode("latin-1").decode("utf-8", "replace"), wanted
    if found := _BRANCH.fullmatch(path):
        return "branch", int(found[1]), wanted
    return None


def send(page: Finished, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Send a finished page as this browser wants it: gzipped or plain, or 304 where it has these bytes."""
    answer = page.gzipped if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") else page.plain
    if answer.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response("304 Not Modified", list(answer.short))
        return []
    start_response("200 OK", list(answer.headers))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]
