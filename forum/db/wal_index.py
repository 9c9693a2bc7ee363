"""The header of SQLite's WAL-index, which tells without a question whether anybody has committed.

The file that ends in `-shm` begins with two copies of a header (https://sqlite.org/walformat.html, 2.1): a counter of
commits, how far the log is valid, a check sum. Every connection that commits, in whatever process, changes them
first and is told "committed" afterwards.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from pathlib import Path

HEADER = 96  # bytes: both copies
_MAYMOVE = 1  # mremap(2): MREMAP_MAYMOVE
_FAILED = ctypes.c_void_p(-1).value


class WalIndex:
    """A second mapping of the page that SQLite has mapped for a connection, which has read and stays open.

    If you open the file instead, also never close it, else this process loses SQLite's own locks on it, and the
    database may be damaged: POSIX drops all locks that a process has on a file when it closes any descriptor of it. If
    you read the header when the connection is closed, also expect anything: others may then begin the file anew.
    """

    def __init__(self, database: Path) -> None:
        """Map the page; where the system cannot do that, the header is always None."""
        self._address = _mapped_again(f"{database.resolve()}-shm") if sys.platform == "linux" else None
        self._page = (ctypes.c_char * HEADER).from_address(self._address) if self._address else None

    def header(self) -> bytes | None:
        """Return what is another value after each commit, None where it cannot be told."""
        return None if self._page is None else self._page.raw

    def close(self) -> None:
        """Undo the mapping. No other thread may be reading the header."""
        address, self._address, self._page = self._address, None, None
        if address is not None:
            ctypes.CDLL(None).munmap(ctypes.c_void_p(address), ctypes.c_size_t(mmap.PAGESIZE))


def _mapped_again(path: str) -> int | None:
    """Return the address of a new mapping of the first page of a file that this process has mapped already."""
    remap = ctypes.CDLL(None).mremap
    remap.argtypes, remap.restype = [ctypes.c_void_p, *[ctypes.c_size_t] * 2, ctypes.c_int], ctypes.c_void_p
    for line in Path("/proc/self/maps").read_text("utf-8", "surrogateescape").splitlines():
        addresses, _, offset, _, _, *name = line.split(maxsplit=5)
        if name == [path] and int(offset, 16) == 0:
            # An old size of 0 leaves the old mapping as it is and makes another one of the same pages (mremap(2)).
            made: int = remap(int(addresses.partition("-")[0], 16), 0, mmap.PAGESIZE, _MAYMOVE)
            return None if made == _FAILED else made
    return None
