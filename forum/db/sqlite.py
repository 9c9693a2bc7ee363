"""SQLite: how connections are set up, and how its write lock is taken."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import Any

from sqlalchemy import Connection, Engine, event

from forum.config import Settings

LOOK_AGAIN = 0.0003  # seconds between two tries for the write lock: a fraction of how long a write holds it
READ_SECONDS = 5  # how long a reader waits in the rare moments in which SQLite lets nobody read
CACHE_KIB = 2048  # of every connection; what one does not find is in the system's own cache
_WAIT = f"PRAGMA busy_timeout={READ_SECONDS * 1000}"
_turn = threading.BoundedSemaphore(1)  # one writer per process at SQLite's door: the others queue here, fairly


def options(settings: Settings) -> dict[str, Any]:
    """Return the engine's options."""
    return {"connect_args": {"isolation_level": None, "timeout": READ_SECONDS, "check_same_thread": False}}


def listen(engine: Engine, settings: Settings) -> None:
    """Set every connection of an engine up, and end every write when its connection goes back to the pool."""
    event.listen(engine, "connect", lambda raw, _: _set_up(raw, settings.sqlite_synchronous))
    event.listen(engine, "checkin", _end_write)


def begin(raw: sqlite3.Connection, info: dict[Any, Any], seconds: float) -> bool:
    """Take the write lock and begin to write. Return False where others held it for so many seconds.

    `info` is the connection's: the pool gives the lock's turn back through it. Raises sqlite3.Error where the database
    cannot be written.
    """
    until = time.monotonic() + seconds
    if not _turn.acquire(timeout=seconds):
        return False
    info["turn"] = True
    raw.execute("PRAGMA query_only=OFF")
    return _take_lock(raw, until)


def checkpoint(connection: Connection) -> bool:
    """Move the write-ahead log into the database and empty it. Return False where readers or a writer are in the way.

    It waits for nobody: a writer that comes meanwhile would have to wait as long.
    """
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    finally:
        connection.exec_driver_sql(_WAIT)


def _take_lock(raw: sqlite3.Connection, until: float) -> bool:
    """Take SQLite's write lock as soon as another process lets it go; return False where that was too late.

    SQLite's own way of waiting looks again after 1, 2, 5 ... 100 ms: who waits is passed by all who come later, and a
    second process stands idle most of the time.
    """
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() >= until:
                    return False
                time.sleep(LOOK_AGAIN)
            else:
                return True
    finally:
        raw.execute(_WAIT)


def _set_up(raw: sqlite3.Connection, synchronous: str) -> None:
    # secure_delete: what is deleted is overwritten. query_only: the database itself refuses a write outside lock().
    pragmas = ("journal_mode=WAL", "foreign_keys=ON", f"synchronous={synchronous}", f"cache_size=-{CACHE_KIB}")
    for pragma in (*pragmas, "secure_delete=ON", "query_only=ON"):
        raw.execute(f"PRAGMA {pragma}").close()


def _end_write(raw: sqlite3.Connection | None, record: Any) -> None:
    # At check-in, because only then has the commit reached the disk.
    wrote, turn = record.info.pop("writing", False), record.info.pop("turn", False)
    if (wrote or turn) and raw is not None:
        raw.execute("PRAGMA query_only=ON")
    if turn:
        _turn.release()
