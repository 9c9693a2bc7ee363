"""How entries hang together: each carries a hash of its facts and of the hash before it.

The next hash is worked out by the database, in the statement that raises the head, so that nobody waits for a program
while the head is locked; `chain_digest()` works out the same for whoever reads the log.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Engine, String, cast, event, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

FIELDS = ("number", "act", "at", "actor_id", "person_id", "article_id", "comment_id", "closure_id", "rule")


def details_digest(salt: str, details: Mapping[str, Any]) -> str:
    """Return the salted SHA-256 of an act's details, in hex."""
    text = json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(salt + text)


def chain_digest(before: str, entry: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, that ties an entry to the hash before it."""
    return sha256(f'["{before}",{entry["number"]},{tail(entry)}')


def chained(before: ColumnElement[str], number: ColumnElement[int], tail: ColumnElement[str]) -> ColumnElement[str]:
    """Return the same as SQL, of columns."""
    return _Sha256(literal('["') + before + literal('",') + cast(number, String) + literal(",") + tail)


def tail(entry: Mapping[str, Any]) -> str:
    """Return what is hashed of an entry behind its number, which only the head knows: JSON without its beginning."""
    facts = [entry[field].isoformat() if field == "at" else entry[field] for field in FIELDS[1:]]
    return json.dumps([*facts, entry["details_hash"]], separators=(",", ":"), ensure_ascii=False)[1:]


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


class _Sha256(FunctionElement[str]):
    """Be `sha256()` of a text, as SQL."""

    type = String()
    inherit_cache = True


@compiles(_Sha256, "postgresql")
def _in_postgresql(element: _Sha256, compiler: Any, **options: Any) -> str:
    return f"encode(sha256(convert_to({compiler.process(element.clauses, **options)}, 'UTF8')), 'hex')"


@compiles(_Sha256, "sqlite")
def _in_sqlite(element: _Sha256, compiler: Any, **options: Any) -> str:
    return f"sha256({compiler.process(element.clauses, **options)})"


@event.listens_for(Engine, "connect")
def _teach(raw: Any, record: Any) -> None:
    if isinstance(raw, sqlite3.Connection):  # which has no such function of its own
        raw.create_function("sha256", 1, sha256, deterministic=True)
