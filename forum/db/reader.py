"""Questions of one row before Flask and past SQLAlchemy, whose session would cost ten times what the answer does."""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from forum.db import sqlite
from forum.db.trouble import Unavailable, is_unavailable
from forum.db.wal_index import WalIndex

AGE_SECONDS = 0.5  # how long an answer of SQLite's is believed where nothing tells of a commit
MOST = 200  # answers that a connection remembers


class Line(Protocol):
    """A connection for questions of one row."""

    def row(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None: ...

    def close(self) -> None: ...


class Reader:
    """A stack of connections for questions of one row, closed with its engine.

    A thread takes a connection and puts it back. If you keep a connection in a thread's own storage, the server closes
    it when it ends the thread, and the process may crash in its finalizers. Nothing is opened before the first
    question, so that a process may be forked from one that has a Reader.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._free: deque[Line] = deque()
        event.listen(engine, "engine_disposed", lambda _: self.close())

    def row(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return the first row of a statement, None where there is none; parameters are written `?`.

        Values are numbers and texts. A connection that fails is closed and the question asked once more on a new one.
        Raises Unavailable where that fails too.
        """
        try:
            line = self._free.pop()
        except IndexError:
            return self._on_new_line(statement, values)
        try:
            found = line.row(statement, values)
        except Unavailable:  # it was silent for long, and most likely still is
            line.close()
            raise
        except Exception:
            # Those that were free beside it have most likely failed with it.
            line.close()
            self.close()
            return self._on_new_line(statement, values)
        self._free.append(line)
        return found

    def close(self) -> None:
        """Close the connections that nobody uses at this moment."""
        while self._free:
            self._free.pop().close()

    def _on_new_line(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        line = None
        try:
            line = self._open()
            found = line.row(statement, values)
        except Exception as error:
            if line is not None:
                line.close()
            if is_unavailable(error):
                raise Unavailable from error
            raise
        self._free.append(line)
        return found

    def _open(self) -> Line:
        pooled = self._engine.raw_connection()
        raw: Any = pooled.dbapi_connection
        info = dict(pooled.info)
        pooled.detach()
        if isinstance(raw, sqlite3.Connection):
            return _SqliteLine(raw, info)
        from forum.db import postgresql  # here, because a site on SQLite has no use for psycopg

        return postgresql.Line(raw)


class _SqliteLine(Line):
    """A connection that remembers its answers until anybody commits.

    If you ask for anything here that is not in the database (the time, say), also do not remember it, else it is old.
    """

    def __init__(self, connection: sqlite3.Connection, info: Mapping[Any, Any]) -> None:
        self._connection, self._info = connection, info
        connection.execute("PRAGMA schema_version").close()  # SQLite maps its WAL-index when it first reads
        self._index = WalIndex(Path(info["file"][0][0]))
        self._header: bytes | None = None
        self._until = 0.0
        self._answers: dict[Any, tuple[Any, ...] | None] = {}

    def row(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        self._forget_old()
        question = statement, *values
        if question not in self._answers:
            cursor = self._connection.execute(statement, values)
            self._answers[question] = cursor.fetchone()
            cursor.close()  # or the statement goes on, and with it a moment that no checkpoint may pass
        return self._answers[question]

    def close(self) -> None:
        self._index.close()
        self._connection.close()

    def _forget_old(self) -> None:
        # The header is read before the question: what is committed between the two makes it another one.
        header, moment = self._index.header(), time.monotonic()
        if header is None or header != self._header or moment >= self._until or len(self._answers) >= MOST:
            if sqlite.is_replaced(self._info):
                raise DisconnectionError
            self._header, self._until, self._answers = header, moment + AGE_SECONDS, {}
