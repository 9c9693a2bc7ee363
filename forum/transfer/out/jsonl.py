"""The lossless archive: JSON Lines, the manifest first, all rows in the order of ids, the manifest again at the end.

The last line carries the SHA-256 of all lines before it, so that a cut or altered file cannot pass for a whole one.
An import into an empty site keeps ids, origin and log, so that its own export is the same file to the byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from forum.transfer.lines import Record, encode
from forum.transfer.manifest import Manifest
from forum.transfer.out.rows import Row, count, rows
from forum.transfer.out.scope import Scope
from forum.transfer.record_types import RECORD_TYPES

_SETTINGS_ACTS = {"site.settings", "site.undo"}
_ADDRESSES = {"url", "contact"}


def chunks(connection: Connection, scope: Scope) -> Generator[bytes, None, None]:
    """Yield the archive line by line."""
    manifest = _manifest(connection, scope)
    digest = hashlib.sha256()
    for record in _records(connection, scope, manifest):
        line = encode(record)
        digest.update(line)
        yield line
    yield encode({"type": "manifest", "id": "end", **manifest, "sha256": digest.hexdigest()})


def _manifest(connection: Connection, scope: Scope) -> dict[str, Any]:
    ledger = asdict(scope.head) if scope.article_id is None else None
    counts = {type: count(connection, type, scope) for type in RECORD_TYPES}
    return Manifest(scope.origin, scope.slug, scope.settings, ledger, counts).values()


def _records(connection: Connection, scope: Scope, manifest: dict[str, Any]) -> Iterator[Record]:
    yield {"type": "manifest", "id": "begin", **manifest}
    for type, record_type in RECORD_TYPES.items():
        for row in rows(connection, type, scope):
            yield record_type.line(type, _without_addresses(row) if type == "act" else row)


def _without_addresses(act: Row) -> Row:
    # Where an act's details hold an address they are left out with their salt, as if erased: the chain stays whole.
    details = act["details"] or {}
    settings = {**(details.get("before") or {}), **(details.get("after") or {})} if act["act"] in _SETTINGS_ACTS else {}
    if _ADDRESSES & settings.keys() or ("@" in str(details.get("note", "")) and act["act"].startswith("person.")):
        return {**act, "details": None, "salt": None}
    return act
