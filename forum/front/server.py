"""The WSGI callable before Flask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from forum.clock import now
from forum.db import Reader, Unavailable
from forum.front.address import FEED_ARTICLES, LONGEST, Address, read_address
from forum.front.page import Headers, Page, finished, send
from forum.front.shared import SharedRequest, shared_environ
from forum.front.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_OF_ARTICLE = (
    "SELECT s.version, v.version, a.id FROM articles a JOIN article_versions v ON v.article_id = a.id"
    " JOIN site s ON s.set_up_at IS NOT NULL WHERE a.slug = ?"
)
_OF_COMMENT = (
    "SELECT s.version, v.version, c.article_id FROM comments c JOIN article_versions v ON v.article_id = c.article_id"
    " JOIN site s ON s.set_up_at IS NOT NULL WHERE c.id = ?"
)
# A feed of articles is as new as the newest articles that are out, whichever those are at this moment: so the sum of
# their versions stands for them (divided, so that it fits into 64 bits), and the site's version for names and settings.
# Where an article has no version, or there is none, there is no row, and nothing is kept.
_OF_ARTICLES = (
    "SELECT s.version, CAST(sum(n.version / 64) AS bigint), count(*) FROM site s, ("
    "SELECT v.version FROM articles a LEFT JOIN article_versions v ON v.article_id = a.id"
    " WHERE a.status = 'published' AND a.published_at <= ?{of} ORDER BY a.published_at DESC, a.id DESC LIMIT {most}"
    ") n WHERE s.set_up_at IS NOT NULL GROUP BY s.version HAVING count(*) = count(n.version)"
)
_OF = {
    "articles": "",
    "tags": " AND a.id IN (SELECT t.article_id FROM article_tags t JOIN tags g ON g.id = t.tag_id WHERE g.slug = ?)",
    "people": " AND a.author_id = (SELECT p.id FROM people p WHERE p.username = ? AND p.approved_at IS NOT NULL)",
}
_OF_FEED = {kind: _OF_ARTICLES.format(of=of, most=FEED_ARTICLES) for kind, of in _OF.items()}
Versions = tuple[int, int, int]  # of the site, of the article, and the article's id; of a feed's articles, how many


@dataclass(frozen=True)
class _Answer:
    """What Flask answered."""

    status: str
    headers: Headers
    body: bytes

    @property
    def may_be_kept(self) -> bool:
        """Tell whether this is a page for everybody: found, gzipped, without a cookie, and not called private."""
        named = {name.lower(): value.lower() for name, value in self.headers}
        private = any(word in named.get("cache-control", "") for word in ("private", "no-store"))
        return (
            self.status.startswith("200 ")
            and named.get("content-encoding") == "gzip"
            and "set-cookie" not in named
            and not private
        )


def _question(address: Address) -> tuple[str, tuple[str | int, ...]]:
    """Return the statement that asks for the versions of a page, and its values."""
    if address.feed in _OF_FEED:
        moment = now().strftime("%Y-%m-%d %H:%M:%S.%f+00")  # SQLite compares it as text, PostgreSQL reads it as UTC
        return _OF_FEED[address.feed], (moment, address.slug) if address.slug else (moment,)
    if address.slug is not None:
        return _OF_ARTICLE, (address.slug,)
    return _OF_COMMENT, (address.comment_id or 0,)


class Front:
    """The cache of visitors' pages: it asks for the versions of site and article, then sends the page kept for them.

    `has_session` tells whether a request carries a session's cookie; such a request goes to Flask. Nothing depends on
    its being right: what it lets through gets the page that was built without any cookie.
    """

    def __init__(
        self,
        inner: WSGIApplication,
        store: Store,
        reader: Reader,
        has_session: Callable[[WSGIEnvironment], bool],
        site_url: str,
    ) -> None:
        self._inner, self._store, self._reader, self._has_session = inner, store, reader, has_session
        self._host = urlsplit(site_url).netloc

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        address = self._asked(environ)
        versions = self._versions(address) if address is not None else None
        if address is None or versions is None:
            return self._inner(environ, start_response)
        page = self._store.get_or_build(
            address, versions, lambda: self._build(address, versions, environ), lambda: self._versions(address)
        )
        if page is None:
            # What Flask answers is not a page for everybody (a redirect, say): the visitor's own request decides.
            return self._inner(environ, start_response)
        return send(page, environ, start_response)

    def _asked(self, environ: WSGIEnvironment) -> Address | None:
        """Return the page that a visitor asks for by GET or HEAD, None for every other request."""
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("CONTENT_LENGTH", "0") not in ("", "0"):
            return None
        if "HTTP_X_FRAGMENT" in environ or (self._host and environ.get("HTTP_HOST") != self._host):
            return None
        if len(path) + len(query) > LONGEST:
            return None
        if "HTTP_COOKIE" in environ and self._has_session(environ):
            return None
        return read_address(path, query)

    def _versions(self, address: Address) -> Versions | None:
        """Return the versions in force; None where there is no such page, or where the database does not answer."""
        try:
            row = self._reader.row(*_question(address))
        except Unavailable:
            return None  # Flask finds the same and says so in words
        return None if row is None else (row[0], row[1], row[2])

    def _build(self, address: Address, versions: Versions, environ: WSGIEnvironment) -> Page | None:
        """Let Flask build the page from a request without identity; None where it is not a page for everybody."""
        shared = SharedRequest(versions[0])
        host = self._host or "localhost"
        answer = self._ask_flask(shared_environ(environ, environ["PATH_INFO"], address, host, shared))
        return finished(answer.headers, answer.body, shared.until) if answer.may_be_kept else None

    def _ask_flask(self, environ: WSGIEnvironment) -> _Answer:
        answer: list[Any] = []

        def collect(status: str, headers: Headers, info: Any = None) -> Callable[[bytes], object]:
            answer[:] = [status, headers]
            return lambda data: None

        chunks = self._inner(environ, collect)
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        return _Answer(answer[0], answer[1], body)
