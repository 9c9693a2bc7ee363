"""Measure everything and write docs/performance.md anew: `make bench`; needs Debian's nginx, wrk and postgresql.

SIZES, POSTGRES_SIZES    comments of the trees, separated by commas; POSTGRES_SIZES= leaves PostgreSQL out
ROUNDS, SECONDS          how often and how long each line is loaded
QUICK=1                  small trees, one round of a second: tells whether it works, not how fast
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import flame, measure, report
from bench.about import about
from bench.load import QUICK
from bench.measure import Measured

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "instance" / "bench.json"  # to write the report again without measuring: python -m bench.report
SIZES = os.environ.get("SIZES", "100,1000,10000" if QUICK else "100,1000,10000,100000,1000000")
POSTGRES_SIZES = os.environ.get("POSTGRES_SIZES", "100,1000,10000" if QUICK else "100,1000,10000,100000")


def main() -> None:
    """Measure, keep the figures, write the report and its pictures."""
    found = {"about": about(), "alone": _in(measure.small)}
    found["sqlite"] = _in(lambda folder: measure.sqlite(folder, _numbers(SIZES)))
    if POSTGRES_SIZES:
        found["postgresql"] = _in(lambda folder: measure.postgresql(folder, _numbers(POSTGRES_SIZES)))
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    report.write(found)
    flame.write()


def _numbers(text: str) -> Sequence[int]:
    return [int(number) for number in text.split(",")]


def _in(act: Callable[[Path], Measured]) -> Measured:
    with tempfile.TemporaryDirectory(prefix="forum-bench-") as folder:
        return act(Path(folder))


if __name__ == "__main__":
    main()
