"""The process beside the server ends when it is told to, at whatever moment that comes."""

from __future__ import annotations

import subprocess
import sys

ENDS = """
import os, random, time
from forum.worker import process
process.work = lambda app, stop: stop.wait()
dice = random.Random(3)
for _ in range(60):
    beside = process.begin_beside(None)
    time.sleep(dice.uniform(0, 0.012))
    process.end(beside)
print("all ended")
"""


def test_it_ends_at_whatever_moment_it_is_told_to():
    """Also between the fork of its worker and the worker's first line, where a signal reached nobody."""
    said = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=150, check=False)
    assert said.stdout == "all ended\n", said.stderr
