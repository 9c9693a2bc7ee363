"""Load a server with wrk, eight connections from the same machine, and read what it tells."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

QUICK = bool(os.environ.get("QUICK"))
ROUNDS = int(os.environ.get("ROUNDS", "1" if QUICK else "5"))
SECONDS = int(os.environ.get("SECONDS", "1" if QUICK else "3"))
CLIENTS = 8
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Asked:
    """A request that is sent over and over."""

    url: str
    headers: tuple[str, ...] = ()
    script: tuple[str, ...] = ()  # a script for wrk, and what it is given


@dataclass(frozen=True)
class Load:
    """What a server did under load: requests a second, the 50th and 99th percentile in ms, and wrk's own words."""

    rate: float
    p50: float
    p99: float
    failed: int  # answers that were neither 2xx nor 3xx, and connections that broke
    told: str


def rounds(lines: Mapping[str, Asked], *, rounds: int = ROUNDS, seconds: int = SECONDS) -> dict[str, Load]:
    """Load each line for some seconds, all lines one after the other, then again; the median of each counts.

    Taking turns means that what slows the machine for a while slows every line alike. Raises where a line fails.
    """
    for asked in lines.values():
        once(asked, seconds=1, threads=2)  # warm
    taken: dict[str, list[Load]] = {label: [] for label in lines}
    for _ in range(rounds):
        for label, asked in lines.items():
            found = once(asked, seconds=seconds)
            if found.failed:
                raise SystemExit(f"{label}: {asked.url} was not answered\n{found.told}")
            taken[label].append(found)
    return {label: median(loads) for label, loads in taken.items()}


def once(asked: Asked, *, seconds: int = SECONDS, threads: int = 2, clients: int = CLIENTS) -> Load:
    """Run wrk once."""
    headers = [part for header in asked.headers for part in ("-H", header)]
    command = ["wrk", "--latency", f"-t{threads}", f"-c{clients}", f"-d{seconds}s", *headers]
    if asked.script:
        command += ["-s", asked.script[0], asked.url, "--", *asked.script[1:]]
    else:
        command.append(asked.url)
    return read(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def median(loads: Sequence[Load]) -> Load:
    """Return the median of each figure; failures are added up."""
    return Load(
        rate=statistics.median(load.rate for load in loads),
        p50=statistics.median(load.p50 for load in loads),
        p99=statistics.median(load.p99 for load in loads),
        failed=sum(load.failed for load in loads),
        told=loads[-1].told,
    )


def read(told: str) -> Load:
    """Read wrk's report."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    failed = int(refused[1]) if refused else 0
    failed += sum(map(int, broken.groups())) if broken else 0
    return Load(float(rate[1]) if rate else 0.0, _latency(told, 50), _latency(told, 99), failed, told)


def _latency(told: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)$", told, re.MULTILINE)
    return float(found[1]) * _UNITS[found[2]] if found else 0.0
