"""The signed address with which the reader of a mail ends that kind of mail, without signing in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

from forum.process import settings


@dataclass(frozen=True)
class Leave:
    """What a token is about: a kind of mail to a person, and what they had chosen `before`, if it takes that back."""

    person_id: int
    what: str
    before: dict[str, str]


def token(person_id: int, what: str, before: Mapping[str, str] | None = None) -> str:
    """Return the token with which a person ends a kind of mail, or takes that back."""
    return str(_signer().dumps([person_id, what, dict(before or {})]))


def read(token: str) -> Leave | None:
    """Return what a token is about; None where this site did not make it."""
    try:
        return Leave(*_signer().loads(token))
    except (BadData, ValueError, TypeError):
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="mail-unsubscribe")
