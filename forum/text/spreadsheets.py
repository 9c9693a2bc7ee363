"""Tables for spreadsheets: CSV (RFC 4180) in UTF-8. A text that one would take for a formula gets a sign before it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

BOM = b"\xef\xbb\xbf"  # before the first line, else Excel takes the file for the encoding of its country
# With which a cell begins that a spreadsheet would run, in some countries also as full-width signs. Programs may drop
# quotation marks before them.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Return rows of cells as lines."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" \"'").startswith(_FORMULAS) else cell
