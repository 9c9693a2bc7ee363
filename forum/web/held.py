"""Ask the database one small question per request, before Flask."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from forum import db

MEMORY = 4096  # addresses a process remembers


class Asker:
    """Answers to statements of one row, asked anew each time."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            self._reader, self._sqlite = db.Reader(db.engine()), db.engine().dialect.name == "sqlite"

    def row(self, key: Hashable, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return a statement's one row, None where there is none or the database does not answer.

        Parameters are written `?`.
        """
        try:
            return self._reader.row(statement, values)
        except db.Unavailable:
            return None

    def moment(self, value: datetime) -> object:
        """Return a moment as this database compares it in a plain statement."""
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if self._sqlite else value.isoformat()
