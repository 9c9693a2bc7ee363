"""How much memory a server holds: the proportional set size of all its processes, without mapped database pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

import psutil

_MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)")


def held(pid: int, database: Path) -> float:
    """Return what a process and its children hold, in MB (10^6 bytes); what they share is counted once.

    `database` is the folder of the database's files, which other processes and the page cache hold as well.
    """
    process = psutil.Process(pid)
    files = {str(path) for path in database.rglob("*")}
    return sum(_pss(child.pid, files) for child in [process, *process.children(recursive=True)]) / 1e6


def count(pid: int) -> int:
    """Return how many processes that are."""
    return 1 + len(psutil.Process(pid).children(recursive=True))


def _pss(pid: int, left_out: Collection[str]) -> int:
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as mappings:
        return pss(mappings, left_out)


def pss(mappings: Iterable[str], left_out: Collection[str]) -> int:
    """Return the bytes of a listing as /proc/PID/smaps gives it, mappings of some files left out."""
    total, counted = 0, True
    for line in mappings:
        if begin := _MAPPING.match(line):
            counted = begin[1].strip() not in left_out
        elif counted and line.startswith("Pss:"):
            total += int(line.split()[1]) * 1024
    return total
