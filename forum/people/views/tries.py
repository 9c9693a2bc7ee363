"""Count tries to sign in: by the account found, for strangers with their network, and for a device that was here.

A person who tries passwords for somebody's account is slowed down, from all networks together. Its owner is not: the
browser in which somebody signed in before has a cookie that says so, and is counted by itself. There it never waits for
longer than a minute.
"""

from __future__ import annotations

import hmac
import logging

from flask import after_this_request, g, request
from werkzeug.wrappers import Response

from forum import web
from forum.people import queries
from forum.people.lookalikes import look
from forum.web.guards import client

LASTS = 365 * 24 * 60 * 60  # seconds
log = logging.getLogger("forum")


def account() -> str:
    """Return the key of a limit: the account that is tried, however its name is spelled; a name of nobody as it looks.

    It is found once a request.
    """
    if "tried" not in g:
        typed = request.form.get("username", "")
        id = queries.sign_in_id(typed)
        g.tried = f"account:{id}" if id is not None else f"name:{look(typed[: queries.LONGEST_TYPED])}"
    return str(g.tried)


def account_and_network() -> str:
    """Return the key of a limit: the account that is tried, from this network."""
    return f"{account()} net:{client()}"


def is_known() -> bool:
    """Tell whether somebody signed in to the account that is tried in this browser before."""
    key, _, mark = request.cookies.get(_cookie(), "").rpartition(".")
    return key == account() and hmac.compare_digest(mark.encode(), _mark(key).encode())


def is_strange() -> bool:
    """Tell whether this browser is not known for the account that is tried."""
    return not is_known()


def remember(person_id: int) -> None:
    """Let this browser be known for an account from now on, signed out too."""
    key = f"account:{person_id}"
    log.info("sign-in: %s", key)
    name, secure = _cookie(), web.settings().secure

    @after_this_request
    def send(response: Response) -> Response:
        value = f"{key}.{_mark(key)}"
        response.set_cookie(name, value, max_age=LASTS, secure=secure, httponly=True, samesite="Lax", path="/")
        return response


def note_refusal() -> None:
    """Log that a password was wrong. The name is not logged: people type passwords there."""
    log.info("sign-in refused: %s", account() if account().startswith("account:") else "nobody of this name")


def _cookie() -> str:
    return "__Host-device" if web.settings().secure else "device"


def _mark(key: str) -> str:
    return hmac.digest(web.settings().secret_key.encode(), b"device " + key.encode(), "sha256").hex()
