"""Read an archive of ours (`out/jsonl.py`) into the staging area."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import IO

from flask_babel import gettext as _

from forum.errors import Invalid
from forum.transfer import manifest as manifests
from forum.transfer.checks import Malformed
from forum.transfer.into.staging import Contents, Staging
from forum.transfer.lines import LONGEST_LINE, Record, decode
from forum.transfer.manifest import Manifest
from forum.transfer.record_types import RECORD_TYPES, check

_NATURAL_KEYS = {
    "person": "username",
    "picture": "hash",
    "article": "slug",
    "tag": "slug",
}  # other types are named by id


def read(file: IO[bytes], staging: Staging) -> Contents:
    """Read an archive and return what its manifest says. Raises Invalid with the number of the line that is wrong."""
    lines = _Lines(file)
    for record in lines.records():
        staging.add(_keyed(record))
    manifest = lines.manifest
    return Contents(manifest.origin, True, manifest.settings, manifest.ledger)


class _Lines:
    """The lines of an archive on their way through the checks."""

    manifest: Manifest

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.number = 0
        self.digest = hashlib.sha256()
        self.seen = dict.fromkeys(RECORD_TYPES, 0)

    def records(self) -> Iterator[Record]:
        """Yield the records between the two manifests.

        That the archive is whole is known only at the end: nothing may be written before the last record was taken.
        """
        ended = False
        while line := self.file.readline(LONGEST_LINE + 1):
            self.number += 1
            try:
                if ended:
                    raise Malformed(_("it stands behind the end"))
                record = decode(line)
                if self.number == 1:
                    self.manifest = manifests.read(record)
                elif record.get("type") == "manifest":
                    manifests.check_end(record, self.manifest, self.seen, self.digest.hexdigest())
                    ended = True
                else:
                    check(record)
                    self.seen[record["type"]] += 1
                    yield record
            except Malformed as error:
                raise _wrong(_("Line %(n)s of the archive: %(what)s.", n=self.number, what=error)) from error
            self.digest.update(line)
        if not ended:
            raise _wrong(_("The archive ends after line %(n)s, before its last line. It was cut off.", n=self.number))


def _keyed(record: Record) -> Record:
    """Give a record the key by which other lines name it, and its parent's in the same form."""
    record["key"] = str(record[_NATURAL_KEYS.get(record["type"], "id")])
    if record["type"] == "comment":
        record["parent"] = str(record["parent"]) if record["parent"] else None
    return record


def _wrong(message: str) -> Invalid:
    return Invalid({"file": message})
