"""Counters of rate limits in a SQLite file, because the library's own memory store counts per process."""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from typing import Any

from limits.storage import Storage


class SqliteStorage(Storage):
    """Hits per key and fixed window, in a file that holds nothing worth keeping: no fsync, swept as it is used.

    Free connections wait on a stack. If you tie a connection to its thread, the thread's end closes it, else nothing
    does: that has crashed servers.
    """

    STORAGE_SCHEME = ["forum-sqlite"]  # noqa: RUF012 -- the library's metaclass reads this very attribute
    SWEEP = 60  # seconds between two hits that delete what has expired
    PATIENCE = 1  # seconds a hit waits for its turn; after that the limiter counts in memory

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: Any) -> None:
        super().__init__(uri, wrap_exceptions)
        self._path = (uri or "").split("://", 1)[-1]
        self._free: deque[sqlite3.Connection] = deque()
        self._swept = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what a broken store raises."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count a hit and return how many there are in this window."""
        moment = time.time()
        if moment - self._swept > self.SWEEP:
            self._swept = moment
            self._run("DELETE FROM hits WHERE ends <= ?", (moment,))
        row = self._run(
            "INSERT INTO hits (key, number, ends) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
            " number = CASE WHEN ends <= ? THEN excluded.number ELSE number + excluded.number END,"
            " ends = CASE WHEN ends <= ? THEN excluded.ends ELSE ends END RETURNING number",
            (key, amount, moment + expiry, moment, moment),
        )
        return int(row[0])

    def get(self, key: str) -> int:
        """Return how many hits there are in this window."""
        row = self._run("SELECT number FROM hits WHERE key = ? AND ends > ?", (key, time.time()))
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds of Unix time."""
        row = self._run("SELECT ends FROM hits WHERE key = ?", (key,))
        return float(row[0]) if row else time.time()

    def check(self) -> bool:
        """Tell whether the store answers."""
        try:
            return bool(self._run("SELECT 1", ()))
        except sqlite3.Error:
            return False

    def reset(self) -> int | None:
        """Forget everything."""
        self._run("DELETE FROM hits", ())
        return None

    def clear(self, key: str) -> None:
        """Forget one key."""
        self._run("DELETE FROM hits WHERE key = ?", (key,))

    def _run(self, statement: str, values: tuple[object, ...]) -> Any:
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._opened()
        try:
            row = connection.execute(statement, values).fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        self._free.append(connection)
        return row

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=self.PATIENCE, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("CREATE TABLE IF NOT EXISTS hits (key TEXT PRIMARY KEY, number INTEGER, ends REAL)")
        except sqlite3.Error:
            connection.close()
            raise
        return connection
