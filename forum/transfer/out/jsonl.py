"""The lossless archive: JSON Lines, the manifest first, all rows in the order of ids, the manifest again at the end.

The last line carries the SHA-256 of all lines before it, so that a cut or altered file cannot pass for a whole one.
An import into an empty site keeps ids, origin and log, so that its own export is the same file to the byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from dataclasses import asdict
from typing import Any

from forum.transfer.lines import encode
from forum.transfer.manifest import Manifest
from forum.transfer.out.rows import Row, count, rows
from forum.transfer.out.scope import Export
from forum.transfer.record_types import RECORD_TYPES
from forum.transfer.wanted import Wanted

_SETTINGS_ACTS = {"site.settings", "site.undo"}
_ADDRESSES = {"url", "contact"}


def chunks(export: Export) -> Generator[bytes, None, None]:
    """Yield the archive, many lines at once."""
    manifest = _manifest(export)
    digest = hashlib.sha256()
    for lines in _lines(export, manifest):
        digest.update(lines)
        yield lines
    yield encode({"type": "manifest", "id": "end", **manifest, "sha256": digest.hexdigest()})


def _manifest(export: Export) -> dict[str, Any]:
    scope, wanted = export.scope, export.scope.wanted
    whole = wanted.is_everything
    counts = {type: count(export, type) for type in RECORD_TYPES}
    part = {} if wanted == Wanted(article=wanted.article) else wanted.values()
    slug = wanted.article or None
    return Manifest(scope.origin, slug, scope.settings, asdict(scope.head) if whole else None, counts, part).values()


def _lines(export: Export, manifest: dict[str, Any]) -> Iterator[bytes]:
    yield encode({"type": "manifest", "id": "begin", **manifest})
    for type, record_type in RECORD_TYPES.items():
        for batch in rows(export, type) if manifest["counts"][type] else ():
            found = map(_without_addresses, batch) if type == "act" else batch
            yield b"".join(encode(record_type.line(type, row)) for row in found)
            export.done += len(batch) if type == "comment" else 0


def _without_addresses(act: Row) -> Row:
    # Where an act's details hold an address they are left out with their salt, as if erased: the chain stays whole.
    details = act["details"] or {}
    settings = {**(details.get("before") or {}), **(details.get("after") or {})} if act["act"] in _SETTINGS_ACTS else {}
    if _ADDRESSES & settings.keys() or ("@" in str(details.get("note", "")) and act["act"].startswith("person.")):
        return {**act, "details": None, "salt": None}
    return act
