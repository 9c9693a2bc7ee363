"""Answer visitors' reading before Flask sees it: one look at the versions, then bytes that are ready.

Only GETs of discussions by browsers without a session come here; everything else, and whatever is not 200 or sets a
cookie, goes through Flask as if this were not there. Both ways give the same bytes and headers (a test compares them).
"""

from __future__ import annotations

import logging
import re
import threading
import weakref
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from flask import Flask
from sqlalchemy import Engine, event

from forum import db
from forum.pages import Finished, Store, finished
from forum.web.sessions import ServerSessions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("forum")
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

MEMORY = 4096  # addresses whose versions a process remembers until the next write

Asked = tuple[str, str | int, tuple[tuple[str, str], ...]]
Row = tuple[int, int, int]  # site version, article id, article version


class Front:
    """Stand before an app's WSGI callable."""

    def __init__(self, app: Flask, store: Store[Finished]) -> None:
        self._inner: WSGIApplication = app.wsgi_app
        self._store = store
        self._versions = Versions(app)
        sessions = app.session_interface
        self._cookie = sessions.cookie + "=" if isinstance(sessions, ServerSessions) else "session="
        self._hosts = frozenset(app.config.get("TRUSTED_HOSTS") or ())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = self._asked(environ)
        versions = self._versions.read(asked) if asked else None
        if asked is None or versions is None:
            return self._inner(environ, start_response)
        key = (asked, versions)
        page = self._store.get(key)
        if page is None:
            with self._store.building(key):
                page = self._store.get(key)
                if page is None:
                    return self._build(key, environ, start_response)
        return send(page, environ, start_response)

    def _asked(self, environ: WSGIEnvironment) -> Asked | None:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or self._cookie in environ.get("HTTP_COOKIE", ""):
            return None
        if self._hosts and environ.get("HTTP_HOST", "").split(":")[0] not in self._hosts:
            return None
        if "HTTP_X_FRAGMENT" in environ or ("wsgi.input_terminated" not in environ and environ.get("CONTENT_LENGTH")):
            return None
        return read_address(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))

    def _build(self, key: Any, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let Flask make the page once, keep it if it may be kept, and send it."""
        answer: list[Any] = []

        def collect(status: str, headers: list[tuple[str, str]], info: Any = None) -> Callable[[bytes], object]:
            answer[:] = [status, headers]
            return lambda data: None

        asking = {**environ, SHARED: True, "REQUEST_METHOD": "GET"}
        chunks = self._inner(asking, collect)
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = answer
        if status.split()[0] != "200" or any(name.lower() == "set-cookie" for name, _ in headers):
            start_response(status, headers)
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
        page = finished(headers, body, asking.get(UNTIL), asking.get(GZIPPED))
        self._store.put(key, page)
        return send(page, environ, start_response)


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


class Versions:
    """Read the versions a page depends on: from memory while nothing was written, else on a connection of the thread.

    An engine's pool would cost ten times what a held connection does. A connection that broke is replaced once.
    """

    def __init__(self, app: Flask) -> None:
        self._local = threading.local()
        self._held: weakref.WeakSet[Held] = weakref.WeakSet()
        self._known: dict[tuple[str, str | int], tuple[int, Row]] = {}
        with app.app_context():
            self._engine, self._seqlock = db.engine(), db.seqlock()
        self._question = self._engine.dialect.name == "sqlite"
        event.listen(self._engine, "engine_disposed", lambda _: self._close())

    def read(self, asked: Asked) -> Row | None:
        """Return (site version, article id, article version), or None where there is no such article."""
        stamp = self._seqlock.stamp() if self._seqlock else None
        if stamp is None:
            return self._ask(asked)
        known = self._known.get(asked[:2])
        if known is not None and known[0] == stamp:
            return known[1]
        row = self._ask(asked)
        if row is not None:
            if len(self._known) >= MEMORY:
                self._known.clear()
            # The stamp was taken before the row was read: a write in between makes the row newer, never older.
            self._known[asked[:2]] = stamp, row
        return row

    def _ask(self, asked: Asked) -> Row | None:
        statement = _BY_SLUG if asked[0] == "article" else _BY_COMMENT
        for attempt in (1, 2):
            try:
                cursor = self._connection().cursor()
                cursor.execute(statement if self._question else statement.replace("?", "%s"), (asked[1],))
                row = cursor.fetchone()
                cursor.close()
            except Exception:
                self._local.held = None
                if attempt == 2:
                    log.exception("versions cannot be read")
                    return None
            else:
                return tuple(row) if row else None
        return None

    def _connection(self) -> Any:
        held = getattr(self._local, "held", None)
        if held is None or not held.close.alive:
            held = self._local.held = Held(self._engine)
            self._held.add(held)
        return held.connection

    def _close(self) -> None:
        """Close what the threads hold, when the engine lets go of its own connections."""
        for held in list(self._held):
            held.close()


class Held:
    """Be one thread's connection, closed with its thread: the server ends idle threads and begins new ones."""

    def __init__(self, engine: Engine) -> None:
        self._pooled = engine.raw_connection()
        self._pooled.detach()
        self.connection = cast(Any, self._pooled.dbapi_connection)
        if engine.dialect.name != "sqlite":
            self.connection.autocommit = True
        self.close = weakref.finalize(self, self.connection.close)
