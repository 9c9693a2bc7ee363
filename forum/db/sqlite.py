"""SQLite: how connections are set up, and how its write lock is taken."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError

from forum.config import Settings
from forum.db.last_opened import LastOpened, identity
from forum.db.trouble import Unavailable

T = TypeVar("T", bound=sqlite3.Connection)

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
    file = DatabaseFile(str(engine.url.database), settings.sqlite_synchronous)
    event.listen(engine, "do_connect", lambda _, record, args, options: file.open(record.info, options))
    event.listen(engine, "checkout", _refuse_replaced)
    event.listen(engine, "checkin", _end_write)


class Pair(sqlite3.Connection):
    """Two connections as one: this one, which only reads, and one that writes, which the first write opens.

    One connection could be told to read only and to write again, but SQLite then compiles every statement anew, which
    takes as long as a post.
    """

    open_writer: Callable[[], sqlite3.Connection]
    on_close: Callable[[], None] = staticmethod(lambda: None)
    writer: sqlite3.Connection | None = None
    writes = False  # whether what is asked goes to the writer

    def begin_writing(self) -> sqlite3.Connection:
        """Send what is asked from here on to the writer, and return it."""
        if self.writer is None:
            self.writer = self.open_writer()
        self.writes = True
        return self.writer

    def close_writer(self) -> None:
        """Close the writer, whose transaction is undone."""
        writer, self.writer, self.writes = self.writer, None, False
        if writer:
            writer.close()

    def cursor(self, *arguments: Any) -> Any:
        """Return a cursor of the connection that is in use."""
        return self.writer.cursor(*arguments) if self.writer and self.writes else super().cursor(*arguments)

    @property
    def in_transaction(self) -> bool:
        """Tell whether a write, or reading at one moment, has begun."""
        return super().in_transaction or bool(self.writer and self.writer.in_transaction)

    def commit(self) -> None:
        """Commit what was written."""
        if self.writer:
            self.writer.commit()

    def rollback(self) -> None:
        """Undo what was written, and end what is read at one moment."""
        if self.writer:
            self.writer.rollback()
        super().rollback()

    def close(self) -> None:
        """Close both."""
        self.close_writer()
        super().close()
        self.on_close()


class DatabaseFile:
    """The file of a database, which may be replaced under the running program, as by a backup.

    If a connection is made in another way, also compare its file as `is_replaced()` does, else its writes go into a
    file that has no name any more.
    """

    def __init__(self, path: str, synchronous: str) -> None:
        self._path, self._synchronous = path, synchronous
        self._opening = threading.Lock()

    def open(self, info: dict[Any, Any], options: Mapping[str, Any]) -> sqlite3.Connection:
        """Open a connection to the file that is there now; never make one.

        `info` is the connection's and gets what `is_replaced()` compares. Raises sqlite3.OperationalError where there
        is no file.
        """
        # SQLite names the log after the file that a symbolic link leads to, and so does everything here.
        path = os.path.realpath(self._path)
        with self._opening, LastOpened(path) as last:
            last.put_log_of_another_aside()
            raw: Pair = self._connect(options, Pair)
            raw.open_writer = partial(self._connect, options, sqlite3.Connection)
            raw.on_close = partial(_forget_deleted_log, path)
            raw.execute("PRAGMA query_only=ON").close()  # the database itself refuses a write outside lock()
            info["file"] = [(name, identity(name)) for name in (self._path, f"{path}-wal")]
            last.remember()
        return raw

    def _connect(self, options: Mapping[str, Any], kind: type[T]) -> T:
        raw: T = sqlite3.connect(f"{Path(self._path).absolute().as_uri()}?mode=rw", uri=True, factory=kind, **options)
        try:
            _set_up(raw, self._synchronous)
        except sqlite3.Error:
            raw.close()
            raise
        return raw


def _forget_deleted_log(path: str) -> None:
    with LastOpened(path) as last:
        last.forget_deleted_log()


def is_replaced(info: Mapping[Any, Any]) -> bool:
    """Tell whether the file that a connection opened, or its log, is no longer the one at its path."""
    return any(identity(name) != opened for name, opened in info["file"])


def create(engine: Engine) -> None:
    """Make an empty file where there is none, which connections never do."""
    Path(str(engine.url.database)).touch()


def exists(engine: Engine) -> bool:
    """Tell whether there is a file."""
    return Path(str(engine.url.database)).exists()


def begin(raw: Pair, info: dict[Any, Any], seconds: float) -> bool:
    """Take the write lock and begin to write. Return False where others held it for so many seconds.

    `info` is the connection's: the pool gives the lock's turn back through it. Raises sqlite3.Error where the database
    cannot be written, and Unavailable where its file has been replaced.
    """
    until = time.monotonic() + seconds
    if not _turn.acquire(timeout=seconds):
        return False
    info["turn"] = True
    if not _take_lock(raw.begin_writing(), until):
        return False
    if is_replaced(info):
        raw.close_writer()  # it may have been opened on the other file
        raise Unavailable
    return True


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


def _refuse_replaced(raw: Any, record: Any, proxy: Any) -> None:
    if is_replaced(record.info):
        raise DisconnectionError


def _set_up(raw: sqlite3.Connection, synchronous: str) -> None:
    pragmas = ("journal_mode=WAL", "foreign_keys=ON", f"synchronous={synchronous}", f"cache_size=-{CACHE_KIB}")
    for pragma in (*pragmas, "secure_delete=ON"):  # what is deleted is overwritten
        raw.execute(f"PRAGMA {pragma}").close()


def _end_write(raw: Pair | None, record: Any) -> None:
    # At check-in, because only then has the commit reached the disk.
    record.info.pop("writing", None)
    if raw is not None:
        raw.writes = False
    if record.info.pop("turn", False):
        _turn.release()
