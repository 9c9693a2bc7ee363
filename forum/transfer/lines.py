"""The lines of an archive: JSON objects in UTF-8, each with a line end."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from forum.transfer.checks import Malformed, write_time

Record = dict[str, Any]
LONGEST_LINE = 64 * 1024 * 1024  # bytes: the longest text, all of it escaped
DEEPEST = 20  # values within each other; our own have five. If you raise it, what walks details may run out of stack.


def _moment(value: Any) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"a line cannot hold {value!r}")
    return write_time(value)


_ENCODER = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=_moment)


def encode(record: Mapping[str, Any]) -> bytes:
    """Return a record as one line, its moments as text. Raises ValueError for a number that JSON cannot write."""
    return _ENCODER.encode(record).encode() + b"\n"


def decode(line: bytes) -> Record:
    """Return the record of a whole line.

    Raises Malformed where it is no JSON object, nested too deeply, or holds what no text can (NUL, half a character) or
    a number too large to write again.
    """
    if len(line) > LONGEST_LINE:
        raise Malformed(_("it is too long"))
    if not line.endswith(b"\n"):
        raise Malformed(_("it is cut off"))
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
        if _is_deeper(record, DEEPEST):
            raise Malformed(_("it is nested too deeply, more than %(n)s values within each other", n=DEEPEST))
        if b"\\u" in line:
            json.dumps(record, ensure_ascii=False).encode()
            if _holds_nul(record):
                raise Malformed(_("a text holds a NUL"))
    except UnicodeError as error:
        raise Malformed(_("it is not UTF-8")) from error
    except RecursionError as error:
        raise Malformed(_("it is nested too deeply, more than %(n)s values within each other", n=DEEPEST)) from error
    except ValueError as error:
        raise Malformed(_("it is not JSON")) from error
    if not isinstance(record, dict):
        raise Malformed(_("it is not a JSON object"))
    return record


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Malformed(_("the number %(number)s is too large", number=digits[:20]))
    return number


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(part, levels - 1) for part in parts)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(_holds_nul(part) for part in value)
    return isinstance(value, str) and "\x00" in value
