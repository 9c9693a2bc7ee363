"""A finished page and how it is sent."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Headers = list[tuple[str, str]]
_OF_THE_BODY = frozenset({"content-length", "content-encoding", "etag"})
_GZIP = 31  # zlib's window bits for a gzip stream


@dataclass(frozen=True)
class Page:
    """A page for all visitors, gzipped. It is unpacked for the few browsers that do not take gzip.

    `headers` are those that both forms have. `etag` is strong for the plain form; the gzipped one has a suffix.
    """

    headers: tuple[tuple[str, str], ...]
    etag: str
    packed: bytes
    until: datetime | None

    @property
    def size(self) -> int:
        """Return the bytes it takes."""
        return len(self.packed) + sum(len(name) + len(value) for name, value in self.headers)

    def plain(self) -> bytes:
        """Return the page as it is read."""
        return zlib.decompress(self.packed, _GZIP)


def finished(headers: Headers, packed: bytes, until: datetime | None) -> Page:
    """Make a page of an answer whose body is gzipped."""
    kept = tuple((name, value) for name, value in headers if name.lower() not in _OF_THE_BODY)
    return Page(kept, hashlib.sha256(packed).hexdigest()[:24], packed, until)


def send(page: Page, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Send a page as this browser takes it, or 304 where it has these bytes (RFC 9110, 13.1.2)."""
    gzips = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    etag = f'"{page.etag}-gzip"' if gzips else f'"{page.etag}"'
    headers = [*page.headers, ("ETag", etag)]
    wanted = environ.get("HTTP_IF_NONE_MATCH", "")
    if wanted and _names(wanted, etag):
        # RFC 9110, 15.4.5: a 304 says nothing of the content that is not sent.
        start_response("304 Not Modified", [item for item in headers if item[0] != "Content-Type"])
        return []
    body = page.packed if gzips else page.plain()
    if gzips:
        headers.append(("Content-Encoding", "gzip"))
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _names(wanted: str, etag: str) -> bool:
    """Tell whether an If-None-Match header names this tag, which has no comma, or any."""
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in wanted.split(","))


def takes_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding header allows gzip: `gzip;q=0` does not (RFC 9110, 12.5.3)."""
    return _known(accepted) if len(accepted) < 100 else _parsed(accepted)


def _parsed(accepted: str) -> bool:
    return bool(parse_accept_header(accepted).quality("gzip"))


@lru_cache(maxsize=64)
def _known(accepted: str) -> bool:
    # Browsers send three or four spellings; parsing one takes as long as the look at the database.
    return _parsed(accepted)
