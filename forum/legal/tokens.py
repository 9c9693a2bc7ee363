"""The references of notices of law, and the signed addresses of their status pages."""

from __future__ import annotations

import secrets

from itsdangerous import BadData, URLSafeSerializer

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without signs that are taken for each other
LENGTH = 16  # signs: 79 bits


def new_reference() -> str:
    """Return a reference that nobody can guess, in groups of four signs."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(signs[start : start + 4] for start in range(0, LENGTH, 4))


def token(reference: str, secret_key: str) -> str:
    """Return what stands in the address of a status page."""
    return str(URLSafeSerializer(secret_key, salt="legal-notice").dumps(reference))


def reference_of(token: str, secret_key: str) -> str | None:
    """Return the reference of a status page's address; None where this site did not make it."""
    try:
        found = URLSafeSerializer(secret_key, salt="legal-notice").loads(token)
    except BadData:
        return None
    return found if isinstance(found, str) else None
