"""Sessions in a table of our own: the cookie holds a random token, a row its hash, the person and the data.

A token without a row is enough for a form: the CSRF value is derived from the token and stored nowhere. So reading
writes nothing. A row begins with the first POST that has something to keep.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.http import parse_cookie

from forum import db
from forum.clock import now
from forum.config import Settings
from forum.people import sessions as rows
from forum.people.queries import SessionRow, session_row
from forum.people.tokens import new_token, token_hash

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

CSRF = "csrf_token"  # the key under which Flask-WTF looks for the value that a form's token must match
# Seconds. A page that showed a message takes it away: else the next page shows it again. The worker writes just then,
# for what the message tells of has changed something, but not for as long.
BRIEFLY = 0.25
# Endpoints that ask for no session: no matter who asks, they answer the same.
WITHOUT = (
    *("static", "site.robots", "feeds.all_articles", "feeds.tag", "feeds.person", "feeds.discussion", "feeds.branch"),
    *("feeds.sitemap", "feeds.sitemap_page", "comments.new_since"),
)
_MEMBER = "member"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # what `new_token()` makes; anything else is nobody's


def session_token(environ: WSGIEnvironment, cookie: str) -> str | None:
    """Return the token that a request's session cookie holds; no other place parses cookies."""
    try:
        token = parse_cookie(environ).get(cookie, "")
    except UnicodeDecodeError:  # no browser sends this, and Werkzeug does not expect it
        return None
    return token if _TOKEN.fullmatch(token) else None


class ServerSession(SessionMixin):
    """One request's session: the token, and the data of the row under the token's hash, if there is a row.

    The key `csrf_token` is there as soon as there is a token. It is not part of the data. Flask-WTF sets the key where
    it finds none: that makes a token, and the answer sets the cookie.

    The row is read when something of it is asked for: a file of ours asks for nothing, and needs no database.
    """

    def __init__(self, secret: str, token: str | None, find: Callable[[str], SessionRow | None]) -> None:
        self.sent = self.token = token
        self._find = find
        self._outage: Exception | None = None
        self.modified = False
        self.renewed = self.saved = self.seen = False
        self.is_left_out = False  # True where the answer is everybody's and kept by others: no cookie may be in it
        self.must_last = False  # True where an answer without the data would be wrong: a sign-in
        self._secret = secret

    @cached_property
    def row(self) -> SessionRow | None:
        """The row of the token that was sent."""
        try:
            return self._find(self.sent) if self.sent is not None else None
        except Exception as error:
            if not db.is_unavailable(error):
                raise
            self._outage = error  # noted, for not everybody who asks could answer
            return None

    @property
    def outage(self) -> Exception | None:
        """Why the row could not be read."""
        return self._outage if self.row is None else None

    @cached_property
    def _data(self) -> dict[str, Any]:
        return dict(self.row.data) if self.row else {}

    def _was_read(self) -> bool:
        return "row" in vars(self)

    def renew(self) -> None:
        """Go on under a new token; the old one, and the row under it, end with this request."""
        self.token, self.renewed, self.must_last = new_token(), True, True

    def save(self, *, reading: bool) -> None:
        """Write what changed, once. A request that reads begins no row, and waits for writers only `BRIEFLY`.

        Raises what the database raises.
        """
        if self.saved or self.is_left_out or not (self._was_read() or self.modified or self.renewed) or self.outage:
            return
        self.saved = True
        moment, wait = now(), BRIEFLY if reading else True
        if self.renewed:
            self._replace(moment)
        elif self.modified and self.row:
            rows.save(self.row.id, self._data, moment, wait=wait)
            self.seen = True
        elif self.modified and self._data and not reading:
            self.token = self.token or new_token()
            rows.begin(self.token, self._data, None, moment)
        elif self.row and moment - self.row.seen_at > rows.TOUCH:
            rows.touch(self.row.id, moment)
            self.seen = True

    def is_of_the_viewer(self) -> bool:
        """Tell whether a page made with this session could show anything of the viewer."""
        return (self._was_read() and self.row is not None) or self.modified or self.token != self.sent

    def __getitem__(self, key: str) -> Any:
        if key == CSRF and self.token is not None:
            return csrf_value(self._secret, self.token, member="_user_id" in self._data)
        return self._data[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if key == CSRF:
            self.token = self.token or new_token()
            return
        self._data[key] = value
        self.modified = True

    def __delitem__(self, key: str) -> None:
        del self._data[key]
        self.modified = True

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def _replace(self, moment: datetime) -> None:
        old = self.row.id if self.row else None
        if self._data and self.token:
            person = self._data.get("_user_id")
            rows.begin(self.token, self._data, int(person) if person else None, moment, instead_of=old)
            return
        self.token = None
        if old is not None:
            rows.end(old)


class ServerSessions(SessionInterface):
    """Read the session when a request begins, and write what changed when it ends."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cookie = "__Host-session" if settings.secure else "session"

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Return the session of a request, of which nothing is read yet."""

        def find(token: str) -> SessionRow | None:
            return session_row(token_hash(token), **rows.living(now()))

        return ServerSession(self.settings.secret_key, session_token(request.environ, self.cookie), find)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie where the token changed, or a member was here again.

        The row is written before, by `ServerSession.save()`.
        """
        session = cast(ServerSession, session)
        if session.is_left_out:
            return
        if request.endpoint not in WITHOUT:
            response.vary.add("Cookie")
        if session.token == session.sent and not session.seen:
            return
        member = "_user_id" in session
        if session.token == session.sent and not member:
            return
        options: dict[str, Any] = {"secure": self.settings.secure, "httponly": True, "samesite": "Lax", "path": "/"}
        if session.token is None:
            response.delete_cookie(self.cookie, **options)
        else:
            # A visitor's ends with the browser: it is for the form that is open.
            lasts = rows.IDLE if member else None  # sent again with each visit that the row takes note of
            response.set_cookie(self.cookie, session.token, max_age=lasts, **options)


def csrf_value(secret: str, token: str, *, member: bool) -> str:
    """Return what the forms of one session must prove to know; of the token it tells whether it is a member's."""
    who = _MEMBER if member else "visitor"
    return f"{who}-" + hmac.digest(secret.encode(), b"csrf " + token.encode(), "sha256").hex()


def is_members(value: str) -> bool:
    """Tell whether a form with this value was drawn for somebody who was signed in."""
    return value.startswith(f"{_MEMBER}-")
