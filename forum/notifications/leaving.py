"""The signed address with which the reader of a mail ends that kind of mail, without signing in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

from forum.notifications.mailing import Follower
from forum.process import settings


@dataclass(frozen=True)
class Leave:
    """What a token is about: a kind of mail to a person, and what they had chosen `before`, if it takes that back.

    To an address without an account it is `address_id`, and `person_id` is None.
    """

    person_id: int | None
    what: str
    before: dict[str, str]
    address_id: int | None = None


def token(follower: Follower, what: str, before: Mapping[str, str] | None = None) -> str:
    """Return the token with which somebody ends a kind of mail, or takes that back."""
    if follower.person_id is None:
        return str(_signer().dumps([None, what, {}, follower.address_id]))
    return str(_signer().dumps([follower.person_id, what, dict(before or {})]))


def read(token: str) -> Leave | None:
    """Return what a token is about; None where this site did not make it."""
    try:
        return Leave(*_signer().loads(token))
    except (BadData, ValueError, TypeError):
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="mail-unsubscribe")
