"""The request from which a shared page is built: one without identity."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from forum.front.address import Address

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SHARED = "forum.shared"  # the key of a SharedRequest in the environment of such a request
_SERVER = ("SCRIPT_NAME", "wsgi.version", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once")


@dataclass
class SharedRequest:
    """What the view and the front tell each other about a shared page.

    `site_version` was just read from the database. The view sets `until` where the clock will change the page.
    """

    site_version: int
    until: datetime | None = None


def shared_environ(
    environ: WSGIEnvironment, path: str, address: Address, host: str, shared: SharedRequest
) -> WSGIEnvironment:
    """Return the environment of a request that asks for a page on behalf of everybody.

    It is made anew, so it has no cookie, no authorization, no network address, and none of the headers that the visitor
    sent who happens to be the first to ask. Only the server's own facts are taken over. If you take over anything
    that a visitor can choose, also put it into the key of the page, else visitors get what another one chose.
    """
    made: WSGIEnvironment = {name: environ[name] for name in _SERVER if name in environ}
    return made | {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": address.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "HTTP_ACCEPT_ENCODING": "gzip",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        SHARED: shared,
    }
