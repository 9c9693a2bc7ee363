"""Tell cheaply whether anything was written to a SQLite database since one last looked, in any process.

Two counters lie in a small file beside the database, mapped into every process: the number of the last write that
began and of the last that ended. A writer sets the first when it holds SQLite's write lock and before it writes, the
second when its commit has reached the disk. While both are the same and as one remembers them, nothing has changed;
whenever they differ (somebody is writing, or died of it) the database itself has to be asked. So an answer is never
older than the database's own, and it costs a microsecond where a statement costs twenty in a server with threads.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import tempfile
import threading
import time
from pathlib import Path

SIZE = 16  # bytes: two counters of eight
LOOK_SECONDS = 1.0  # how soon a file that somebody took away is noticed


class Seqlock:
    """Be the counters of one database; who cannot open their file asks the database, and cannot write."""

    def __init__(self, database: Path) -> None:
        self._database, self._path = database, database.with_name(database.name + "-seq")
        self._opening = threading.Lock()
        self._inode = 0
        self._looked = 0.0
        self._counters: memoryview | None = None

    def stamp(self) -> int | None:
        """Return the number of the last write, or None while one is going on."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._look()
        counters = self._counters
        if counters is None:
            return None
        begun = counters[0]
        return begun if begun == counters[1] else None

    def begin(self) -> int:
        """Count a write that begins and return its number; call it under SQLite's write lock, before writing.

        Raises OSError where the file cannot be opened: an uncounted write would leave others with old pages.
        """
        self._look()
        counters = self._counters
        if counters is None:
            raise OSError(f"{self._path} cannot be opened for writing, and every write is counted there")
        number = max(counters[0], counters[1]) + 1
        counters[0] = number
        return number

    def end(self, number: int) -> None:
        """Count a write as ended, when its commit is on the disk or it was rolled back."""
        counters = self._counters
        if counters is not None and counters[1] < number:
            counters[1] = number

    def _look(self) -> None:
        """Map the file, anew where it is no longer the one that was mapped."""
        with self._opening:
            self._looked = time.monotonic()
            with contextlib.suppress(OSError):
                if self._counters is not None and self._path.stat().st_ino == self._inode:
                    return
            self._counters = None
            with contextlib.suppress(OSError):
                self._make()
                with self._path.open("r+b") as file:
                    self._counters = memoryview(mmap.mmap(file.fileno(), SIZE)).cast("Q")
                    self._inode = os.fstat(file.fileno()).st_ino

    def _make(self) -> None:
        if self._path.exists():
            return
        # Numbers begin with the time, so that none of an earlier file comes again; linked when whole, so that of two
        # processes which start at once one makes the file and both map it.
        with tempfile.NamedTemporaryFile(dir=self._path.parent) as draft:
            draft.write(struct.pack("=QQ", *[time.time_ns()] * 2))
            draft.flush()
            Path(draft.name).chmod(self._database.stat().st_mode & 0o666)  # whoever may write there must count
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, self._path)
