"""Which SQLite file was last opened at a path, with which log: written beside it, for all processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Self

Identity = tuple[int, int]  # device and inode


def identity(path: str) -> Identity | None:
    """Return what tells a file from another of the same name, None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 -- once for each request
    except OSError:
        return None
    return found.st_dev, found.st_ino


class LastOpened:
    """The note beside a database of which file and log were last opened there; nobody else opens it meanwhile.

    SQLite puts the write-ahead log that it finds beside a file into that file. If somebody moves another file to the
    path (a backup), also the log of the one that was there before has to go, else the backup is overwritten with it.
    A log that came together with the file stays. Windows lets nobody replace an open file, and has no such note.
    """

    def __init__(self, path: str) -> None:
        """Take the path of the database itself, not of a link to it."""
        self._path, self._note = path, -1

    def __enter__(self) -> Self:
        if sys.platform != "win32" and Path(self._path).exists():
            import fcntl

            self._note = os.open(f"{self._path}-opened", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._note, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        if self._note >= 0:
            os.close(self._note)

    def put_log_of_another_aside(self) -> None:
        """Put a log aside that was opened with a file that is no longer here.

        It is not deleted, for numbers of inodes are given again: it might be one that was brought with its file.
        """
        file, log = self._now()
        was_file, _, was_log = self._read().partition(" ")
        if "None" not in (file, log, was_file) and was_log == log and was_file not in ("", file):
            os.replace(f"{self._path}-wal", f"{self._path}-wal-old")  # noqa: PTH105 -- texts, as all here
            Path(f"{self._path}-shm").unlink(missing_ok=True)

    def remember(self) -> None:
        """Note the file and the log that are here now; written only where they are others than before."""
        said = " ".join(self._now())
        if said != self._read():
            self._write(said)

    def forget_deleted_log(self) -> None:
        """Note that there is no log any more, as after the last connection has closed.

        If you leave this out, also a log that came with another file is put aside where the system gives it the number
        that the deleted one had.
        """
        file, _, log = self._read().partition(" ")
        if log not in ("", "None") and self._now()[1] == "None":
            self._write(f"{file} None")

    def _now(self) -> tuple[str, str]:
        return _spelled(identity(self._path)), _spelled(identity(f"{self._path}-wal"))

    def _write(self, said: str) -> None:
        if self._note >= 0:
            os.ftruncate(self._note, 0)
            os.pwrite(self._note, said.encode(), 0)

    def _read(self) -> str:
        return os.pread(self._note, 200, 0).decode("ascii", "replace") if self._note >= 0 else ""


def _spelled(found: Identity | None) -> str:
    return f"{found[0]}:{found[1]}" if found else "None"
