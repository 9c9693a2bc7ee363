"""Count the writes of one machine where many go on at once, and may be killed: what `seqlock` is for one at a time.

A small file in the instance folder, mapped into every process of the machine, holds how many writes began, how many
ended, how often they were evened out, and a random number. While as many have ended as began, none is going on, and
while that number stands still, none has been.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import socket
import struct
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from forum.seqlock import Mapped

NAME = "postgresql-writes"
BEGUN, ENDED, EVENED = range(3)  # counters of eight bytes; sixteen random ones behind them
_COUNTERS = 24
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Tally:
    """Be such a file as it is mapped. Who counts in the same one has the same `machine`, and nobody else.

    That is a mark of the file's random number, its place on the disk and this start of this computer: a copied folder,
    a cloned image or a folder shared over a network, where memory is not shared, is another machine.
    """

    def __init__(self, file: BinaryIO, view: memoryview) -> None:
        self._file, self._one = os.dup(file.fileno()), threading.Lock()
        weakref.finalize(self, os.close, self._file)
        self.counters = view[:_COUNTERS].cast("Q")
        self.machine = _mark(file, bytes(view[_COUNTERS:]))

    def begin(self) -> int:
        """Count a write that begins, and return what `end()` takes; call it inside the transaction, before writing."""
        with self._alone():
            self.counters[BEGUN] += 1
            return self.counters[EVENED]

    def end(self, evened: int) -> None:
        """Count a write as ended, unless it was evened out before: its transaction was known to be over."""
        with self._alone():
            if self.counters[EVENED] == evened:
                self.counters[ENDED] += 1

    def even_out(self, begun: int) -> bool:
        """Count all writes as ended, where none has begun since there were so many; tell whether that was so.

        Call it when all that had begun are over, however they ended.
        """
        with self._alone():
            if self.counters[BEGUN] != begun or self.counters[ENDED] == begun:
                return False
            self.counters[EVENED] += 1
            self.counters[BEGUN] = begun + 1  # a number that nobody has remembered anything under
            self.counters[ENDED] = begun + 1
            return True

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        # Threads of this process by the one, other processes by the other; the system frees it where one is killed.
        with self._one:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


def in_folder(folder: Path) -> Mapped[Tally]:
    """Return the tally of the machine that has this instance folder."""
    return Mapped(folder / NAME, folder, _fresh, Tally)


def _fresh() -> bytes:
    return struct.pack("=QQQ", *[time.time_ns()] * 2, 0) + secrets.token_bytes(16)


def _mark(file: BinaryIO, number: bytes) -> str:
    found = os.fstat(file.fileno())
    computer = _BOOT.read_text("ascii") if _BOOT.exists() else socket.gethostname()
    parts = f"{number.hex()} {computer} {found.st_dev} {found.st_ino}"
    return hashlib.sha256(parts.encode()).hexdigest()[:32]
