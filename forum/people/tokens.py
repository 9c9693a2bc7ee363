"""Random tokens: the holder has the token, the database has its hash."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """Return 256 random bits for a cookie or a link."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return the hash of a token, as it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
