"""What a line of the archive holds: for every type its fields in their order, and what each may be.

A field marked `rare` is left out where it holds nothing. Nothing derived is here (no HTML, no place in the tree, no
counter), nothing secret (no password, session, address of mail or network), no time of export.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from forum.policy import ArticleStatus, CommentStatus, Role

VERSION = 1  # of the archive's format
HIGHEST = 2**53  # ids above this are no ids: other readers of JSON lose digits, and sequences need room above
LONGEST_TEXT = 4_000_000  # characters: a book; more is not a comment but an attack
Check = Callable[[Any], bool]


class Malformed(Exception):
    """Say what is wrong with a line or a record."""


@dataclass(frozen=True)
class Field:
    """Be one field of a line."""

    name: str
    check: Check
    rare: bool = False


def words(longest: int = LONGEST_TEXT, shortest: int = 0) -> Check:
    """Return a check for a text of so many characters."""
    return lambda value: isinstance(value, str) and shortest <= len(value) <= longest


def one_of(*allowed: str) -> Check:
    """Return a check for one of a few words."""
    return lambda value: isinstance(value, str) and value in allowed


def or_none(check: Check) -> Check:
    """Return a check that also lets nothing be."""
    return lambda value: value is None or check(value)


def list_of(check: Check) -> Check:
    """Return a check for a list of such things."""
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def number(value: Any) -> bool:
    """Tell whether this is an id."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < HIGHEST


def yes_or_no(value: Any) -> bool:
    """Tell whether this is true or false."""
    return isinstance(value, bool)


def an_object(value: Any) -> bool:
    """Tell whether this is a JSON object."""
    return isinstance(value, dict)


def a_time(value: Any) -> bool:
    """Tell whether this is a moment as `write_time` writes it."""
    try:
        return isinstance(value, str) and read_time(value) is not None
    except ValueError:
        return False


def write_time(value: datetime) -> str:
    """Write a moment: ISO 8601, UTC, with microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_time(value: str | None) -> datetime | None:
    """Read what `write_time` wrote. Raises ValueError for anything else."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if write_time(moment) != value:
        raise ValueError("not as write_time writes it")
    return moment


_NAME, _SLUG = words(60, 1), words(120, 1)
_PERSON, _TIME = or_none(_NAME), or_none(a_time)
_REFERENCE = or_none(lambda value: number(value) or _SLUG(value))  # by name, or the bare id of what is gone
_FORMAT = one_of("markdown", "html")
_ORIGIN = [Field("origin", words(32, 1), rare=True), Field("foreign_id", words(100, 1), rare=True)]


def _fields(**checks: Check) -> list[Field]:
    return [Field(name, check) for name, check in checks.items()]


TYPES: dict[str, list[Field]] = {
    "person": [
        *_fields(id=number, username=_NAME, display_name=words(80, 1), role=one_of(*Role), about=words(500)),
        *_fields(hides_comments=yes_or_no, created_at=a_time, renamed_at=_TIME, former_names=list_of(words(80))),
        *_fields(approved_at=_TIME, suspended_until=_TIME, suspension_reason=words(300), deactivated_at=_TIME),
        *_fields(notices_seen_at=_TIME),
        *_ORIGIN,
    ],
    "document": _fields(
        id=number, slug=words(20, 1), source=words(), is_starter=yes_or_no, person=_PERSON, created_at=a_time
    ),
    "tag": _fields(id=number, slug=words(60, 1), name=words(60)),
    "article": [
        *_fields(id=number, slug=_SLUG, title=words(200), author=_NAME, status=one_of(*ArticleStatus)),
        *_fields(created_at=a_time, published_at=_TIME, updated_at=_TIME, format=_FORMAT, source=words()),
        *_fields(source_name=words(120), source_url=words(500), tags=list_of(_NAME)),
        *_ORIGIN,
    ],
    "comment": [
        *_fields(id=number, article=_SLUG, parent=or_none(number)),
        Field("author", _PERSON, rare=True),
        Field("guest", or_none(words(80)), rare=True),
        *_fields(status=one_of(*CommentStatus), created_at=a_time, edited_at=_TIME),
        *_fields(format=_FORMAT, source=or_none(words())),
        Field("withdrawn_at", a_time, rare=True),
        Field("held_reason", words(40), rare=True),
        Field("rule", words(300), rare=True),
        *_ORIGIN,
        Field("foreign_parent_id", words(100, 1), rare=True),
    ],
    "revision": _fields(
        id=number, comment=number, editor=_PERSON, format=_FORMAT, source=words(), replaced_at=a_time, erased_at=_TIME
    ),
    "closure": [
        *_fields(id=number, article=_SLUG, branch=or_none(number), at=or_none(number), people=list_of(_NAME)),
        *_fields(words=words(), note=words(), closed_by=_PERSON, took_part=yes_or_no, staff_may=yes_or_no),
        *_fields(once=_PERSON, once_used_at=_TIME, created_at=a_time, until=_TIME, lapsed_at=_TIME),
        *_fields(reopened_at=_TIME, reopened_by=_PERSON, reopen_reason=words(300)),
        *_ORIGIN,
    ],
    "decision": _fields(
        id=number, comment=number, moderator=_PERSON, decision=words(12, 1), rule=words(300), note=words(1000),
        before=an_object, created_at=a_time, undone_at=_TIME, undone_by=_PERSON,
    ),
    "flag": _fields(
        id=number, comment=number, person=_NAME, reason=words(12, 1), note=words(1000), format=_FORMAT, source=words(),
        created_at=a_time, decision=or_none(number),
    ),
    "notice": _fields(
        id=number, person=_NAME, kind=words(20, 1), article=_REFERENCE, comment=or_none(number), details=an_object,
        created_at=a_time, seen_at=_TIME,
    ),
    "act": _fields(
        id=number, act=words(40, 1), at=a_time, actor=_REFERENCE, person=_REFERENCE, article=_REFERENCE,
        comment=or_none(number), closure=or_none(number), rule=or_none(words(300)), salt=or_none(words(32)),
        details=or_none(an_object), details_hash=words(64, 64), hash=words(64, 64),
    ),
}  # fmt: skip
_NAMES = {type: [field.name for field in fields] for type, fields in TYPES.items()}


def arrange(type: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as its line has it: fields in their order, moments written out, empty rare ones left out."""
    record: dict[str, Any] = {"type": type}
    for field in TYPES[type]:
        value = values[field.name]
        # A comment that nobody's name stands by any more says so: its author is null.
        if field.rare and value is None and not (field.name == "author" and values["guest"] is None):
            continue
        record[field.name] = write_time(value) if isinstance(value, datetime) else value
    return record


def check(record: Mapping[str, Any]) -> None:
    """Raise Malformed where a record is not what its type says."""
    type = record.get("type")
    if type not in TYPES:
        raise Malformed(f"there is no type {type!r}")
    for field in TYPES[type]:
        if field.name not in record:
            if not field.rare:
                raise Malformed(f"{field.name!r} is missing")
        elif not field.check(record[field.name]):
            raise Malformed(f"{field.name!r} cannot be {str(record[field.name])[:40]!r}")
    if unknown := [name for name in record if name != "type" and name not in _NAMES[type]]:
        raise Malformed(f"there is no field {unknown[0]!r}")


def encode(record: Mapping[str, Any]) -> bytes:
    """Write a record as one line."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Read one line. Raises Malformed where it is no JSON object, or holds what no text can (NUL, half a character)."""
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=_refuse)
        if b"\\u" in line:
            json.dumps(record, ensure_ascii=False).encode()
            if _holds_nul(record):
                raise Malformed("a text holds a NUL")
    except UnicodeError as error:
        raise Malformed("it is not UTF-8") from error
    except RecursionError as error:
        raise Malformed("it is nested too deeply") from error
    except ValueError as error:
        raise Malformed("it is not JSON") from error
    if not isinstance(record, dict):
        raise Malformed("it is not a JSON object")
    return record


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(_holds_nul(part) for part in value)
    return isinstance(value, str) and "\x00" in value
