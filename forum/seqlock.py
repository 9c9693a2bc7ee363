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
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

LOOK_SECONDS = 1.0  # how soon a file that somebody took away is noticed

T = TypeVar("T")


class Mapped(Generic[T]):
    """Be a small file of counters that many processes map. `fresh` gives the bytes of a new one, `made` what is used.

    `like` is the file or folder whose readers and writers may read and write it too.
    """

    def __init__(
        self, path: Path, like: Path, fresh: Callable[[], bytes], made: Callable[[BinaryIO, memoryview], T]
    ) -> None:
        self.path, self._like, self._fresh, self._made = path, like, fresh, made
        self._opening = threading.Lock()
        self._opened: tuple[int, int] | None = None  # inode and process: after a fork, file locks would be shared
        self.now: T | None = None

    def look(self) -> T | None:
        """Return what is mapped, anew where the file is no longer the one it was; None where it cannot be opened."""
        with self._opening:
            with contextlib.suppress(OSError):
                if self.now is not None and self._opened == (self.path.stat().st_ino, os.getpid()):
                    return self.now
            self.now = None
            with contextlib.suppress(OSError, ValueError):  # ValueError: somebody emptied it
                self._make()
                with self.path.open("r+b") as file:
                    view = memoryview(mmap.mmap(file.fileno(), len(self._fresh())))
                    self.now, self._opened = self._made(file, view), (os.fstat(file.fileno()).st_ino, os.getpid())
            return self.now

    def _make(self) -> None:
        if self.path.exists():
            return
        # Linked when whole, so that of two processes which start at once one makes the file and both map it.
        with tempfile.NamedTemporaryFile(dir=self.path.parent) as draft:
            draft.write(self._fresh())
            draft.flush()
            Path(draft.name).chmod(self._like.stat().st_mode & 0o666)  # whoever may write there must count
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, self.path)


class Seqlock:
    """Be the counters of one database; who cannot open their file asks the database, and cannot write."""

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + "-seq")
        self._mapped = Mapped(path, database, _fresh, lambda _, view: view.cast("Q"))
        self._looked = 0.0

    def stamp(self) -> int | None:
        """Return the number of the last write, or None while one is going on."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._look()
        counters = self._mapped.now
        if counters is None:
            return None
        ended = counters[1]  # first, so that all had ended at the moment the other is read
        begun = counters[0]
        return begun if begun == ended else None

    def renewed(self, ask: object) -> None:
        """Return None: on one machine there is nothing to ask for (`keeper.Keeper` has)."""

    def begin(self) -> int:
        """Count a write that begins and return its number; call it under SQLite's write lock, before writing.

        Raises OSError where the file cannot be opened: an uncounted write would leave others with old pages.
        """
        self._look()
        counters = self._mapped.now
        if counters is None:
            raise OSError(f"{self._mapped.path} cannot be opened for writing, and every write is counted there")
        number = max(counters[0], counters[1]) + 1
        counters[0] = number
        return number

    def end(self, number: int) -> None:
        """Count a write as ended, when its commit is on the disk or it was rolled back."""
        counters = self._mapped.now
        if counters is not None and counters[1] < number:
            counters[1] = number

    def _look(self) -> None:
        self._looked = time.monotonic()
        self._mapped.look()


def _fresh() -> bytes:
    # Numbers begin with the time, so that none of an earlier file comes again.
    return struct.pack("=QQ", *[time.time_ns()] * 2)
