"""Ask the database one small question per request: from memory while nothing was written, else on a held connection.

An engine's pool would cost ten times what a connection does that each thread keeps.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from flask import Flask
from sqlalchemy import Engine, event

from forum import db

log = logging.getLogger("forum")
MEMORY = 4096  # answers a process remembers until the next write


class Asker:
    """Answer statements of one row; a connection that broke is replaced once."""

    def __init__(self, app: Flask) -> None:
        self._local = threading.local()
        self._held: weakref.WeakSet[Held] = weakref.WeakSet()
        self._known: dict[Hashable, tuple[Hashable, tuple[Any, ...]]] = {}
        with app.app_context():
            self._engine, self._seqlock = db.engine(), db.seqlock()
        self._sqlite = self._engine.dialect.name == "sqlite"
        event.listen(self._engine, "engine_disposed", lambda _: self._close())

    def row(self, key: Hashable, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return a statement's one row, None where there is none; `key` names statement and values.

        Parameters are written `?`.
        """
        stamp = self._seqlock.stamp() or self._seqlock.renewed(self._ask)
        if stamp is None:
            return self._ask(statement, values)
        known = self._known.get(key)
        if known is not None and known[0] == stamp:
            return known[1]
        row = self._ask(statement, values)
        if row is not None:
            if len(self._known) >= MEMORY:
                self._known.clear()
            # The stamp was taken before the row was read: a write in between makes the row newer, never older.
            self._known[key] = stamp, row
        return row

    def moment(self, value: datetime) -> object:
        """Return a moment as this database compares it in a plain statement."""
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if self._sqlite else value

    def _ask(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        for attempt in (1, 2):
            try:
                cursor = self._connection().cursor()
                cursor.execute(statement if self._sqlite else statement.replace("?", "%s"), values)
                row = cursor.fetchone()
                cursor.close()
            except Exception:
                self._local.held = None
                if attempt == 2:
                    log.exception("the database does not answer")
                    return None
            else:
                return tuple(row) if row else None
        return None

    def _connection(self) -> Any:
        held = getattr(self._local, "held", None)
        if held is None or not held.close.alive:
            held = self._local.held = Held(self._engine)
            self._held.add(held)
        return held.connection

    def _close(self) -> None:
        """Close what the threads hold, when the engine lets go of its own connections."""
        for held in list(self._held):
            held.close()


class Held:
    """Be one thread's connection, closed with its thread: the server ends idle threads and begins new ones."""

    def __init__(self, engine: Engine) -> None:
        self._pooled = engine.raw_connection()
        self._pooled.detach()
        self.connection = cast(Any, self._pooled.dbapi_connection)
        if engine.dialect.name != "sqlite":
            self.connection.autocommit = True
        self.close = weakref.finalize(self, self.connection.close)
