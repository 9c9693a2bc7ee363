"""Numbers and keys in addresses, read in one place. What is malformed or too large counts as not given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import request

MAX_ID = 2**63 - 1  # what the databases can compare an id with
_MOMENT = "%Y%m%dT%H%M%S%f"

Key = tuple[datetime, int]


def number(name: str, given: Mapping[str, str] | None = None) -> int | None:
    """Return the id, version or other whole number above nought in a parameter, None where it is not one.

    It is read from the address, or from what is `given`.
    """
    return _whole((request.args if given is None else given).get(name, ""))


def key(name: str) -> Key | None:
    """Return the moment and the id with which a page of a list begins, None where the parameter holds no such key."""
    moment, _dash, id = request.args.get(name, "").partition("-")
    try:
        at = datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
    found = _whole(id)
    return None if found is None else (at, found)


def key_text(key: Key | None) -> str:
    """Write a key into an address, as `key()` reads it; nothing for None."""
    return f"{key[0].astimezone(UTC).strftime(_MOMENT)}-{key[1]}" if key else ""


def _whole(typed: str) -> int | None:
    if not (typed.isascii() and typed.isdecimal()) or len(typed) > len(str(MAX_ID)):
        return None
    found = int(typed)
    return found if 0 < found <= MAX_ID else None
