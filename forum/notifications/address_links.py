"""The signed addresses of pages for those who follow by a mail address alone.

The link that confirms holds all that is to be confirmed, so that nothing is kept of an address before its owner says
yes. It goes to that address only, and for LASTS.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from forum.process import settings

LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Wish:
    """What an address is to follow, once its owner confirmed it."""

    email: str
    kind: str
    subject_id: int


def confirming(wish: Wish) -> str:
    """Return the token of the page on which an address is confirmed."""
    return str(_confirming().dumps([wish.email, wish.kind, wish.subject_id]))


def confirmed(token: str) -> Wish | None:
    """Return what a token is to confirm; None where this site did not make it, or too long ago."""
    try:
        return Wish(*_confirming().loads(token, max_age=int(LASTS.total_seconds())))
    except (BadData, ValueError, TypeError):
        return None


def own(address_id: int) -> str:
    """Return the token of the page that lists what an address follows."""
    return str(_own().dumps(address_id))


def owner(token: str) -> int | None:
    """Return whose page it is; None where this site did not make the token."""
    try:
        return int(_own().loads(token))
    except (BadData, ValueError, TypeError):
        return None


def _confirming() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="mail-follow")


def _own() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="mail-follows")
