"""Checks for the values of an archive's lines, and how a moment is written there."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, String
from sqlalchemy.orm import InstrumentedAttribute

from forum.articles.naming import is_slug
from forum.clock import is_usable
from forum.db import Moment
from forum.errors import Invalid
from forum.notifications.mailing import BRINGS, KINDS, WHEN
from forum.people.names import check_display_name, check_username, has_mail_address
from forum.pictures.queries import WIDEST
from forum.site import choices
from forum.text.links import safe_link
from forum.text.pictures import named
from forum.text.words import is_seen, one_line

HIGHEST = 2**53  # ids above this are no ids: other readers of JSON lose digits, and sequences need room above
LONGEST_TEXT = 8_000_000  # characters: a shelf of books. If you change it, also change `lines.LONGEST_LINE`.
LONGEST_DETAIL, LONGEST_ACT, LONGEST_GUEST = 100_000, 40, 80  # characters
Check = Callable[[Any], bool]
_KEY = re.compile(r"(?:comment|article):[1-9][0-9]*")
_HASH = re.compile("[0-9a-f]{32}")
_ACT = re.compile(r"[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*")


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


def is_count(value: Any) -> bool:
    """Tell whether a value is a whole number that is not below nought."""
    return is_id(value) or (type(value) is int and value == 0)


def is_size(value: Any) -> bool:
    """Tell whether a value is a width or a height that a picture can have."""
    return is_id(value) and value <= WIDEST


def is_hash(value: Any) -> bool:
    """Tell whether a value is the hash of a picture."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def is_picture(value: Any) -> bool:
    """Tell whether a value is empty, or the name of a picture."""
    return isinstance(value, str) and (not value or (named(value) is not None and not value.startswith("/")))


def is_base64(value: Any) -> bool:
    """Tell whether a value is bytes in base64."""
    try:
        return isinstance(value, str) and len(b64decode(value, validate=True)) > 0
    except ValueError:
        return False


def is_yes_or_no(value: Any) -> bool:
    """Tell whether a value is true or false."""
    return isinstance(value, bool)


def is_object(value: Any) -> bool:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


def is_time(value: Any) -> bool:
    """Tell whether a value is a moment as `write_time` writes it, between 1970 and 2200."""
    try:
        moment = read_time(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return False
    return moment is not None and is_usable(moment)


def is_line(longest: int) -> Check:
    """Return a check for a name or title: one line, without invisible characters at its ends or overrides in it."""
    return lambda value: words(longest)(value) and one_line(value) == value


def is_address(longest: int) -> Check:
    """Return a check for the last part of an article's or a tag's address."""
    return lambda value: words(longest, 1)(value) and is_slug(value)


def is_username(value: Any) -> bool:
    """Tell whether a value is a sign-in name by the rules of the forms; staff may have any of them."""
    return isinstance(value, str) and _passes(lambda: check_username(value, staff=True), value)


def is_display_name(value: Any) -> bool:
    """Tell whether a value is a shown name by the rules of the forms."""
    return isinstance(value, str) and _passes(lambda: check_display_name(value, staff=True), value)


def is_guest_name(value: Any) -> bool:
    """Tell whether a value is a guest's name: one that is seen, and no mail address. Old ones may be of any kind."""
    return is_line(LONGEST_GUEST)(value) and is_seen(value) and not has_mail_address(value)


def is_details(value: Any) -> bool:
    """Tell whether a value is the details of a notice: words by name, and how many more there are."""
    return is_object(value) and all(
        isinstance(said, int if name == "more" else str) and len(str(said)) <= LONGEST_DETAIL
        for name, said in value.items()
    )


def is_notice_key(value: Any) -> bool:
    """Tell whether a value can be the key of a notice: it names a comment or an article."""
    return isinstance(value, str) and len(value) <= 40 and _KEY.fullmatch(value) is not None


def is_subject(value: Any) -> bool:
    """Tell whether a value names what somebody can follow: a kind, and a name or an id of it."""
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str) or value[0] not in BRINGS:
        return False
    kind, which = value
    if isinstance(which, str):
        return kind in ("article", "tag", "person") and words(120, 1)(which)
    return which == 0 if kind == "site" else is_id(which)


def is_language(value: Any) -> bool:
    """Tell whether a value is a language that the pages are translated into."""
    return isinstance(value, str) and value in choices.languages()


def is_mail_choice(value: Any) -> bool:
    """Tell whether a value says when somebody gets each kind of mail."""
    return is_object(value) and all(kind in KINDS and when in WHEN for kind, when in value.items())


def statuses(allowed: Iterable[str]) -> Check:
    """Return a check for the statuses of comments by their ids."""
    known = frozenset(allowed)
    return lambda value: (
        is_object(value)
        and all(id.isascii() and id.isdecimal() for id in value)
        and all(isinstance(was, str) and was in known for was in value.values())
    )


def is_act(value: Any) -> bool:
    """Tell whether a value can be the name of an act, as "comment.hide"."""
    return isinstance(value, str) and len(value) <= LONGEST_ACT and _ACT.fullmatch(value) is not None


def _passes(check: Callable[[], str], value: str) -> bool:
    try:
        return check() == value
    except Invalid:
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
