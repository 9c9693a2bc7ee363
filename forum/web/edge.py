"""Put the edge together: sessions, sign-in, CSRF, limits, headers, languages, error pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import unquote_to_bytes, urlsplit

from babel import Locale
from flask import Flask, Request, Response, abort, current_app, g, request, session
from flask_babel import Babel
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from forum import db
from forum.config import Settings
from forum.front import Front, Store
from forum.front.address import LONGEST
from forum.web import errors, guards, sessions, show, viewer
from forum.web.hosts import OwnHost
from forum.web.origin import foreign
from forum.web.sessions import CSRF, ServerSession, ServerSessions

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_FORM = 4 * 1024 * 1024  # bytes: 200,000 signs of an article, of which a browser may send each as "%F0%9F%90%9F"
MAX_PARTS = 200  # fields of a form; ours have at most twenty
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_ABOVE_ASCII = re.compile(rb"[\x80-\xff]|%[89a-fA-F]")
csrf = CSRFProtect()
V = TypeVar("V", bound=Callable[..., Any])
_open_views: set[Callable[..., Any]] = set()


class Id(IntegerConverter):
    """Match ids the databases can hold, in ASCII digits; anything else is simply not found."""

    regex = "[0-9]+"  # Werkzeug's own takes the digits of other scripts: a second address for the same page

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **{"max": 2**63 - 1, **options})


class Reading(Request):
    """A request in which HEAD reads as GET: a view that asks "GET? else act" must not act on a HEAD, which no
    token guards.
    """

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        if self.method == "HEAD":
            self.method = "GET"  # the answer's body is left out by what the environment says


def init_app(app: Flask, settings: Settings) -> None:
    """Make a bare Flask app safe to put pages on."""
    app.request_class = Reading
    app.secret_key = settings.secret_key
    app.url_map.converters["int"] = Id
    app.extensions["forum"] = settings
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_FORM,
        MAX_FORM_MEMORY_SIZE=MAX_FORM,
        MAX_FORM_PARTS=MAX_PARTS,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a text written over an afternoon must still be posted
        WTF_CSRF_SSL_STRICT=False,  # it asks for a Referer, which some browsers never send; `origin.py` asks for more
    )
    app.session_interface = ServerSessions(settings)
    app.extensions["store"] = Store()
    Babel(app, locale_selector=_locale, timezone_selector=lambda: viewer.site().timezone)
    show.init_app(app)
    cookie = app.session_interface.cookie

    def has_session(environ: WSGIEnvironment) -> bool:
        return sessions.session_token(environ, cookie) is not None

    with app.app_context():
        reader = db.Reader(db.engine())
    front = Front(app.wsgi_app, app.extensions["store"], reader, has_session, settings.site_url)
    app.wsgi_app = OwnHost(front, settings.site_url)  # type: ignore[method-assign]  # Flask's own way
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n)  # type: ignore[method-assign]
    app.before_request(lambda: _refuse_other_hosts(settings.site_url))
    app.before_request(_refuse_long_addresses)
    app.before_request(_refuse_broken_text)
    app.after_request(lambda response: _headers(response, settings))
    errors.init_app(app)
    viewer.init_app(app)
    # Limits before the token: if you let the token be checked first, a flood without one is never counted.
    guards.init_app(app, settings)
    app.before_request(_refuse_other_origins)
    csrf.init_app(app)


def _locale() -> Locale:
    return _parsed(viewer.language())


@cache
def _parsed(language: str) -> Locale:
    return Locale.parse(language)  # on every request it would take as long as a statement


def _refuse_other_hosts(site_url: str) -> None:
    # First of all: asked under a name that is not ours, nothing behind this could make an address of a page.
    if site_url and request.environ.get("HTTP_HOST") != urlsplit(site_url).netloc:
        raise SecurityError()
    try:
        request.host.encode("idna")  # as Werkzeug does where it makes an address
    except UnicodeError:
        raise SecurityError from None


def from_anywhere(view: V) -> V:
    """Let a view take POSTs of any program, without a form's token. Its address has to be signed and known to few."""
    csrf.exempt(view)
    _open_views.add(view)
    return view


def _refuse_other_origins() -> None:
    # Whatever token it carries: a token can be found out, the browser's word about the page cannot be changed.
    if current_app.view_functions.get(request.endpoint or "") in _open_views:
        return
    if request.method != "GET" and foreign():
        raise CSRFError(foreign())


def _refuse_long_addresses() -> None:
    # Nothing here has a long address; what somebody sends anyway should fill no log and no cache.
    if len(request.environ["PATH_INFO"]) + len(request.query_string) > LONGEST:
        abort(414)


def _refuse_broken_text() -> None:
    # A NUL cannot be stored by PostgreSQL, and bytes that are no UTF-8 would become signs that nobody typed.
    raw = [request.query_string]
    if request.mimetype == "application/x-www-form-urlencoded":
        raw.append(request.get_data())
    if "\x00" in request.path or not all(_is_text(part) for part in raw):
        abort(400)
    for values in (request.args, request.form):
        for _, value in values.items(multi=True):
            if "\x00" in value:
                abort(400)


def _is_text(raw: bytes) -> bool:
    """Tell whether something is UTF-8 once its escapes are undone; without any above ASCII there is nothing to undo."""
    if not _ABOVE_ASCII.search(raw):
        return True
    try:
        unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return False
    return True


def _headers(response: Response, settings: Settings) -> Response:
    wanted = dict(HEADERS)
    if settings.secure:
        wanted["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static" or response.status_code >= 400:
        # A form's token, a one-time link's, a text given back, or anything that only this viewer may see.
        form = CSRF in g or request.method not in ("GET", "OPTIONS") or "token" in (request.view_args or {})
        private = form or cast(ServerSession, session).is_of_the_viewer()
        wanted["Cache-Control"] = "private, no-store" if private else "no-cache"
    there = {name.lower() for name, _ in response.headers}
    response.headers.extend([(name, value) for name, value in wanted.items() if name.lower() not in there])
    return response
