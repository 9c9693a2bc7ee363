"""Take in what is sent before anything else happens, and let slow senders hold at most half of a process's threads.

The server hands a request to a thread before its body is there, and a client that sends a byte a second keeps that
thread. So reading goes on however many do: the others wait a moment for one of the places and are then asked to try
again. A deadline for a body the server does not have; nginx in front has one (docs/operating.md).
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from forum.web.edge import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WAIT = 0.3  # seconds; a body that is there already is read in a ten thousandth of that
WHOLE = 4 * 1024 * 1024  # bytes up to which a body is taken in at once; longer ones are files, read as they come
BUSY = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Please try again</title>
<p>The site is busy receiving what others send. Nothing was stored. Please go back, where your text still is, and send
it again in a moment.</p></html>"""


class Bodies:
    """Stand before a WSGI callable."""

    def __init__(self, inner: WSGIApplication, places: int) -> None:
        self._inner = inner
        self._places = threading.BoundedSemaphore(places)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return self._inner(environ, start_response)
        if not self._places.acquire(timeout=WAIT):
            said = {"Content-Type": "text/html; charset=utf-8", "Retry-After": "2", "Cache-Control": "no-store"}
            start_response("503 Service Unavailable", [*HEADERS.items(), *said.items()])
            return [BUSY]
        try:
            length = environ.get("CONTENT_LENGTH") or ""
            if not length.isdecimal() or int(length) > WHOLE:
                return self._inner(environ, start_response)
            body = environ["wsgi.input"].read(int(length))
        finally:
            self._places.release()
        return self._inner({**environ, "wsgi.input": io.BytesIO(body)}, start_response)
