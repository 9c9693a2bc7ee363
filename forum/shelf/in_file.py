"""The shelf in a SQLite file: nothing in it is worth an fsync, a wait or an error."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
import time
import weakref
from pathlib import Path
from typing import Any

log = logging.getLogger("forum")
DAY = 24 * 3600  # seconds a value stays at most: a bound for what nobody thought of naming in a key
WAIT = 0.1  # seconds for another process that is writing; a page is built faster than that
QUIET = 60.0  # seconds between two words in the log about one trouble, and between two fresh beginnings
SWEEPS = 16  # so many times a budget is written through, it is looked what has to go
_TABLE = (
    "CREATE TABLE IF NOT EXISTS pages (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,"
    " kept_at REAL NOT NULL, value BLOB NOT NULL)"
)
_PUT = "INSERT OR REPLACE INTO pages (key, size, kept_at, value) VALUES (?, ?, ?, ?)"
_OLD = "DELETE FROM pages WHERE kept_at < ? OR kept_at > ?"  # a moment in the future: the clock was put back
_BEYOND = (
    "DELETE FROM pages WHERE id <= (SELECT max(id) FROM"
    " (SELECT id, sum(size) OVER (ORDER BY id DESC) AS held FROM pages) WHERE held > ?)"
)
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM}


class SqliteShelf:
    """Keep values up to a budget of bytes, the oldest going first; shared by the processes of one machine.

    A file that is damaged, missing or far too large is thrown away and begun anew. Full disk, locked file: a miss.
    """

    def __init__(self, path: Path, budget: int) -> None:
        self._path, self._budget = path, budget
        self._local = threading.local()
        self._held: weakref.WeakSet[_Held] = weakref.WeakSet()
        self._written = 0  # bytes since the last sweep
        self._quiet = self._fresh = 0.0  # until these moments of the monotonic clock

    def get(self, key: str) -> bytes | None:
        """Return what is kept under a key, or None."""
        rows = self._run("SELECT value FROM pages WHERE key = ? AND kept_at > ?", (key, time.time() - DAY))
        return rows[0][0] if rows else None

    def put(self, key: str, value: bytes) -> None:
        """Keep a value, and now and then let go of the oldest; what is larger than the budget is not kept."""
        if len(value) > self._budget:
            return
        self._run(_PUT, (key, len(value), time.time(), value))
        self._written += len(value)
        if self._written > self._budget // SWEEPS:
            self._written = 0
            self.sweep()

    def sweep(self) -> None:
        """Let go of what is a day old, and of the oldest beyond the budget; the file keeps the room for what comes."""
        moment = time.time()
        self._run(_OLD, (moment - DAY, moment + DAY))
        self._run(_BEYOND, (self._budget,))

    def close(self) -> None:
        """Close what the threads hold."""
        for held in list(self._held):
            held.close()

    def _run(self, statement: str, values: tuple[object, ...]) -> list[Any]:
        try:
            return self._connection().execute(statement, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            self._note(error)
            return []

    def _connection(self) -> sqlite3.Connection:
        held: _Held | None = getattr(self._local, "held", None)
        if held is None or not held.close.alive or held.file != _file_number(self._path):
            self._let_go()
            held = self._local.held = _Held(self._path, self._budget)
            self._held.add(held)
        return held.connection

    def _note(self, error: Exception) -> None:
        moment = time.monotonic()
        if moment >= self._quiet:
            self._quiet = moment + QUIET
            log.warning("the shelf of pages in %s: %s", self._path, error)
        code = getattr(error, "sqlite_errorcode", None)
        if code is None or code & 0xFF in _PASSING or moment < self._fresh:
            return
        self._fresh = moment + QUIET
        held: _Held | None = getattr(self._local, "held", None)
        # Where somebody has begun a new file already, that one is not to blame.
        if held is None or held.file == _file_number(self._path):
            _throw_away(self._path)
        self._let_go()  # the other threads see by the file's number that theirs is gone

    def _let_go(self) -> None:
        held: _Held | None = getattr(self._local, "held", None)
        self._local.held = None
        if held is not None:
            held.close()


class _Held:
    """Be one thread's connection, closed with its thread: the server ends idle threads and begins new ones."""

    def __init__(self, path: Path, budget: int) -> None:
        if path.exists() and path.stat().st_size > 2 * budget:
            _throw_away(path)  # the budget was lowered: a SQLite file never shrinks by itself
        # Made before SQLite makes it: what is for moderators only is in there too.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
        self.file = _file_number(path)
        connection = sqlite3.connect(path, isolation_level=None, timeout=WAIT, check_same_thread=False)
        self.close = weakref.finalize(self, connection.close)
        self.connection = connection
        for setting in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-256"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute(_TABLE)


def _file_number(path: Path) -> int:
    """Return what tells a file from another of the same name, 0 where there is none."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _throw_away(path: Path) -> None:
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        with contextlib.suppress(OSError):
            name.unlink()
