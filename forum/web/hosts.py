"""The site's own host, in whatever spelling a client sends it (RFC 9110, 4.2.3; RFC 3986, 6.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from forum.siteaddress import host_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class OwnHost:
    """A WSGI callable that writes the site's host as its address has it, before anybody compares them.

    The port counts for nothing, because a proxy may leave it out. Without an address every host is as good.
    """

    def __init__(self, inner: WSGIApplication, site_url: str) -> None:
        self._inner = inner
        self._netloc = urlsplit(site_url).netloc
        self._name = host_of(site_url)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        sent = environ.get("HTTP_HOST", "")
        if self._netloc and sent != self._netloc and host_of(f"//{sent}") == self._name:
            environ = {**environ, "HTTP_HOST": self._netloc}
        return self._inner(environ, start_response)
