"""The staging area: what an import has read and checked, on disk and by type, until it is written in one transaction.

Reading and rendering take minutes for a large file. Writing from the staging area locks the database for seconds.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from forum.errors import Invalid
from forum.text.rendering import render
from forum.transfer.checks import LONGEST_TEXT
from forum.transfer.lines import Record
from forum.transfer.report import Findings

AT_ONCE = 500  # records held in memory
_AROUND = {"foreword", "afterword"}  # an author's words around a quoted piece, always in Markdown
_RENDERED = {"article": True, "document": True, "comment": False}  # type -> in the larger set of tags


@dataclass(frozen=True)
class Contents:
    """What a file says about itself.

    `keeps_ids`: it is an archive of ours, whole and in itself sound. `ledger`: number and hash of the newest entry of
    the log it was made from. `found`: what was changed, left out or mended.
    """

    origin: str
    keeps_ids: bool
    settings: dict[str, Any] | None = None
    ledger: dict[str, Any] | None = None
    found: Findings = field(default_factory=Findings)


class Staging:
    """One temporary file of records for each type, deleted when the block is left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[str]] = {}
        self.highest: dict[str, int] = {}  # type -> largest id

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def add(self, record: Record) -> None:
        """Keep a record, with its text made into clean HTML. Raises Invalid, naming it, where its text is too long."""
        type = record["type"]
        if len(record.get("source") or "") > LONGEST_TEXT:
            name = record.get("title") or _name(record)
            raise Invalid(
                {
                    "file": _(
                        "%(name)s: a text of more than %(n)s characters.", name=name, n=format_decimal(LONGEST_TEXT)
                    )
                }
            )
        if type in _RENDERED:
            source, kind = record["source"], record.get("format", "markdown")
            record = {**record, "html": render(source, kind, article=_RENDERED[type]) if source is not None else ""}
        for name in _AROUND.intersection(record):
            record = {**record, f"{name}_html": render(record[name], article=True)}
        if type not in self._files:
            # Without a name in the folder: gone with the process, however it ends.
            self._files[type] = tempfile.TemporaryFile("w+", encoding="utf-8", dir=self._folder)  # noqa: SIM115
        self._files[type].write(json.dumps(record) + "\n")
        self.highest[type] = max(self.highest.get(type, 0), record.get("id") or 0)

    def batches(self, type: str, at_once: int = AT_ONCE) -> Iterator[list[Record]]:
        """Yield the records of a type in the order they came, so many at a time."""
        if type not in self._files:
            return
        file = self._files[type]
        file.seek(0)
        while lines := list(islice(file, at_once)):
            yield [json.loads(line) for line in lines]


def _name(record: Record) -> str:
    """Return what leads to a record in the file: its number, of a document its name; beside it the name of a guest."""
    number = record["id"] or record.get("foreign_id") if record["type"] != "document" else None
    number = str(number or record["key"])
    return f"{record['guest']}, {number}" if record.get("guest") else number
