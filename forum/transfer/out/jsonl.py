"""The lossless archive: JSON Lines, a manifest first, everything in the order of ids, the manifest again at the end.

The last line carries the SHA-256 of all lines before it, so that a cut or altered file cannot pass for a whole one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping
from typing import IO, Any

from sqlalchemy import Connection

from forum.errors import Invalid
from forum.transfer import queries, shape
from forum.transfer.shape import Malformed
from forum.transfer.statements import Scope

Record = dict[str, Any]
LONGEST_LINE = 32 * 1024 * 1024  # bytes: the longest text, all of it escaped


def chunks(connection: Connection, scope: Scope) -> Generator[bytes, None, None]:
    """Yield the archive line by line."""
    manifest: Record = {"version": shape.VERSION, "origin": scope.origin, "article": scope.slug}
    if scope.settings is not None:
        manifest["site"] = scope.settings
    manifest["counts"] = {type: queries.count(connection, type, scope) for type in shape.TYPES}
    digest = hashlib.sha256()
    for record in _records(connection, scope, manifest):
        line = shape.encode(record)
        digest.update(line)
        yield line
    end = {"type": "manifest", "id": "end", **manifest, "sha256": digest.hexdigest()}
    yield shape.encode(end)


def read(file: IO[bytes]) -> Iterator[tuple[int, Record]]:
    """Yield (line number, record), the manifest first, and raise Invalid, naming the line, where something is wrong.

    That the archive is whole is known only at the end: nothing may be kept before the last record was taken.
    """
    number, seen, digest = 0, dict.fromkeys(shape.TYPES, 0), hashlib.sha256()
    begin: Record = {}
    ended = False
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        try:
            if ended:
                raise Malformed("it stands behind the end")
            record = _decoded(line)
            if not begin:
                begin = _manifest(record)
            elif record.get("type") == "manifest":
                _check_end(record, begin, seen, digest.hexdigest())
                ended = True
                continue
            else:
                shape.check(record)
                seen[record["type"]] += 1
        except Malformed as error:
            raise _wrong(f"Line {number} of the archive: {error}.") from error
        digest.update(line)
        yield number, record
    if not ended:
        raise _wrong(f"The archive ends after line {number}, before its last line. It was cut off.")


def _records(connection: Connection, scope: Scope, manifest: Mapping[str, Any]) -> Iterator[Record]:
    yield {"type": "manifest", "id": "begin", **manifest}
    for type in shape.TYPES:
        finish = _FINISH.get(type, dict)
        for row in queries.rows(connection, type, scope):
            yield shape.arrange(type, finish(row))


def _closure(row: Mapping[str, Any]) -> Record:
    return {**row, "people": [row[name] for name in ("person_a", "person_b") if row[name]]}


def _named(row: Mapping[str, Any]) -> Record:
    names = {name: row[name] or row[f"{name}_id"] for name in ("actor", "person", "article") if f"{name}_id" in row}
    return {**row, **names}


def _act(row: Mapping[str, Any]) -> Record:
    # Where an act's details hold an address they are left out with their salt, as if erased: the chain stays whole.
    details = row["details"] or {}
    settings = {**(details.get("before") or {}), **(details.get("after") or {})} if row["act"] in _SETTINGS else {}
    if _ADDRESSES & settings.keys() or ("@" in str(details.get("note", "")) and row["act"].startswith("person.")):
        row = {**row, "details": None, "salt": None}
    return _named(row)


_SETTINGS = {"site.settings", "site.undo"}
_ADDRESSES = {"url", "contact"}
_FINISH = {"closure": _closure, "notice": _named, "act": _act}


def _decoded(line: bytes) -> Record:
    if len(line) > LONGEST_LINE:
        raise Malformed("it is too long")
    if not line.endswith(b"\n"):
        raise Malformed("it is cut off")
    return shape.decode(line)


def _manifest(record: Record) -> Record:
    counts = record.get("counts")
    if record.get("type") != "manifest" or not isinstance(counts, dict) or not isinstance(record.get("origin"), str):
        raise Malformed("it is not the manifest an archive begins with")
    if record.get("version") != shape.VERSION:
        raise Malformed(f"this site reads version {shape.VERSION} of the format, not {record.get('version')!r}")
    if not 0 < len(record["origin"]) <= 32:
        raise Malformed("its origin cannot be read")
    return record


def _check_end(end: Record, begin: Record, seen: Mapping[str, int], digest: str) -> None:
    if end.get("sha256") != digest:
        raise Malformed("its checksum does not fit the lines before it; the archive was altered or damaged")
    for type, expected in {**dict.fromkeys(seen, 0), **begin["counts"]}.items():
        if seen.get(type) != expected:
            raise Malformed(f"the manifest counts {expected} of type {type}, but there are {seen.get(type, 0)}")


def _wrong(message: str) -> Invalid:
    return Invalid({"file": message})
