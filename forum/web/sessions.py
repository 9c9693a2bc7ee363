"""Sessions in our own table: the cookie holds a random token, the row its hash, the person and the data."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict
from werkzeug.http import parse_cookie

from forum.clock import now
from forum.config import Settings
from forum.people import sessions as rows
from forum.people.queries import SessionRow, session_row
from forum.people.tokens import token_hash

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

IDLE = timedelta(days=30)  # a reader who comes once a month stays signed in
ABSOLUTE = timedelta(days=365)  # a stolen cookie dies some day
TOUCH = timedelta(hours=6)  # how stale `seen_at` may be, so that reading is not writing


def session_token(environ: WSGIEnvironment, cookie: str) -> str | None:
    """Return the token that a request's session cookie holds; no other place parses cookies."""
    try:
        return parse_cookie(environ).get(cookie) or None
    except UnicodeDecodeError:  # no browser sends this, and Werkzeug does not expect it
        return None


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """Be one request's view of a session row; `row` is None for a visitor who has none."""

    def __init__(self, row: SessionRow | None) -> None:
        def changed(_: object) -> None:
            self.modified = True

        super().__init__(dict(row.data) if row else {}, changed)
        self.row = row
        self.modified = False
        self.accessed = True
        self.renew = False  # set at sign-in and sign-out: the next answer carries a new token


class ServerSessions(SessionInterface):
    """Read the session at the start of a request and write it at the end, if it changed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cookie = "__Host-session" if settings.secure else "session"

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Return the session the cookie names, or an empty one."""
        token = session_token(request.environ, self.cookie)
        if not token or request.endpoint == "static":
            return ServerSession(None)
        moment = now()
        return ServerSession(session_row(token_hash(token), moment - IDLE, moment - ABSOLUTE))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed; a page that put nothing into the session starts none."""
        session = cast(ServerSession, session)
        row, moment = session.row, now()
        if session.renew:
            self._renew(session, response)
        elif session.modified and row:
            rows.save(row.id, dict(session), moment)
        elif session.modified and session:
            self._set_cookie(response, rows.start(dict(session), None, moment))
        elif row and moment - row.seen_at > TOUCH:
            rows.touch(row.id, moment)
        response.vary.add("Cookie")

    def _renew(self, session: ServerSession, response: Response) -> None:
        if session.row:
            rows.end(session.row.id)
        user = session.get("_user_id")
        if not session:
            response.delete_cookie(self.cookie, secure=self.settings.secure, httponly=True, samesite="Lax")
            return
        self._set_cookie(response, rows.start(dict(session), int(user) if user else None, now()))

    def _set_cookie(self, response: Response, token: str) -> None:
        response.set_cookie(
            self.cookie,
            token,
            max_age=int(IDLE.total_seconds()),
            secure=self.settings.secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )
