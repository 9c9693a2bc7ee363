"""Checks for the values of an archive's lines, and how a moment is written there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, String
from sqlalchemy.orm import InstrumentedAttribute

from forum.db import Moment
from forum.text.links import safe_link

HIGHEST = 2**53  # ids above this are no ids: other readers of JSON lose digits, and sequences need room above
LONGEST_TEXT = 4_000_000  # characters: a book; more is not a comment but an attack
Check = Callable[[Any], bool]


class Malformed(Exception):
    """What is wrong with a line or a record, in words."""


def check_of(column: InstrumentedAttribute[Any], shortest: int = 0) -> Check:
    """Return the check that follows from a column's type: its kind, and for a text its length in characters."""
    type = column.type
    if isinstance(type, Moment):
        return is_time
    if isinstance(type, Boolean):
        return is_yes_or_no
    if isinstance(type, JSON):
        return is_object
    if isinstance(type, String):
        return words(type.length or LONGEST_TEXT, shortest)
    return is_id


def words(longest: int = LONGEST_TEXT, shortest: int = 0) -> Check:
    """Return a check for a text of so many characters."""
    return lambda value: isinstance(value, str) and shortest <= len(value) <= longest


def one_of(*allowed: str) -> Check:
    """Return a check for one of a few words."""
    return lambda value: isinstance(value, str) and value in allowed


def or_none(check: Check) -> Check:
    """Return a check that also lets None pass."""
    return lambda value: value is None or check(value)


def list_of(check: Check) -> Check:
    """Return a check for a list whose items pass another check."""
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def is_id(value: Any) -> bool:
    """Tell whether a value is an id."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < HIGHEST


def is_yes_or_no(value: Any) -> bool:
    """Tell whether a value is true or false."""
    return isinstance(value, bool)


def is_object(value: Any) -> bool:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


def is_time(value: Any) -> bool:
    """Tell whether a value is a moment as `write_time` writes it."""
    try:
        return isinstance(value, str) and read_time(value) is not None
    except ValueError:
        return False


def is_web_address(value: Any) -> bool:
    """Tell whether a value is empty or an address that a page may link to."""
    return isinstance(value, str) and (not value or (safe_link(value) or "").startswith(("http://", "https://")))


def write_time(value: datetime) -> str:
    """Return a moment as text: ISO 8601, UTC, with microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_time(value: str | None) -> datetime | None:
    """Return the moment that `write_time` wrote, None for None. Raises ValueError for any other text."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if write_time(moment) != value:
        raise ValueError("not as write_time writes it")
    return moment
