"""What an import has read and checked, on disk and by type, until it can be written in one go.

Reading and rendering take minutes for a large file; with the result at hand, the database is locked for seconds.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from forum.text import render

Record = dict[str, Any]
AT_ONCE = 500  # records held in memory
_RENDERED = {"article": True, "document": True, "comment": False}  # type -> in the larger set of tags


class Spool:
    """Hold records in one temporary file a type, deleted when the block is left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[str]] = {}
        self.highest: dict[str, int] = {}  # type -> largest id

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def add(self, record: Record) -> None:
        """Keep a record, with its text made into clean HTML."""
        type = record["type"]
        if type in _RENDERED:
            source, kind = record["source"], record.get("format", "markdown")
            record = {**record, "html": render(source, kind, article=_RENDERED[type]) if source is not None else ""}
        if type not in self._files:
            # Named nowhere: gone with the process, however it ends.
            self._files[type] = tempfile.TemporaryFile("w+", encoding="utf-8", dir=self._folder)  # noqa: SIM115
        self._files[type].write(json.dumps(record) + "\n")
        self.highest[type] = max(self.highest.get(type, 0), record.get("id") or 0)

    def batches(self, type: str) -> Iterator[list[Record]]:
        """Yield the records of a type in the order they came, some hundreds at a time."""
        if type not in self._files:
            return
        file = self._files[type]
        file.seek(0)
        while lines := list(islice(file, AT_ONCE)):
            yield [json.loads(line) for line in lines]
