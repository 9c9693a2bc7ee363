"""How long it takes to take a discussion out in every format, and to bring it in as WXR; each in a process of its own.

Seconds and CPU seconds are those of 100,000 comments, without what the process takes to begin.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import create_engine, make_url, text

from bench.site import Planted, size
from forum.transfer.formats import FORMATS

PER = 100_000  # comments
# In a process between, for Linux counts as a child's memory also what its parent had when it began, and we have much.
_RUN = """
import json, resource, subprocess, sys, time
begun, nothing = time.perf_counter(), subprocess.DEVNULL
subprocess.run(sys.argv[1:], stdout=nothing, stderr=nothing)
seconds, used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000]))
"""
FORUM = str(Path(sys.executable).with_name("forum"))


class Spent(NamedTuple):
    """What a process took: seconds, CPU seconds of it and its children, and its largest memory in MB."""

    seconds: float
    cpu: float
    mb: float


def measure(site: Planted, folder: Path) -> dict[str, dict[str, float]]:
    """Return for each format, and for "wxr in", seconds, CPU seconds and MB above an idle process."""
    slug = max((slug for slug in site.trees if size(slug) <= PER), key=size)
    idle = _run(["export", "--article", "nowhere", "--format", "csv", "-o", "-"], site.environ)
    found = {}
    for name in FORMATS:
        file = str(folder / f"export.{name}")
        taken = _run(["export", "--article", slug, "--format", name, "-o", file], site.environ)
        found[name] = _figures(taken, idle, size(slug))
    there = folder / "brought-in"
    there.mkdir()
    environ = {**site.environ, "FORUM_INSTANCE": str(there), "FORUM_DATABASE_URL": _another(site, there)}
    _run(["db", "upgrade"], environ)
    brought = _run(["import", "wxr", str(folder / "export.wxr")], environ)
    found["wxr in"] = _figures(brought, idle, size(slug))
    return found


def _another(site: Planted, folder: Path) -> str:
    """Return the address of an empty database beside the site's."""
    url = make_url(site.settings.database_url)
    if url.drivername.startswith("sqlite"):
        return f"sqlite:///{folder / 'forum.sqlite3'}"
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("CREATE DATABASE brought_in"))
    return url.set(database="brought_in").render_as_string(hide_password=False)


def _figures(spent: Spent, idle: Spent, comments: int) -> dict[str, float]:
    share = PER / comments
    seconds, cpu = (spent.seconds - idle.seconds) * share, (spent.cpu - idle.cpu) * share
    return {"seconds": seconds, "cpu": cpu, "mb": spent.mb - idle.mb, "rate": PER / seconds}


def _run(arguments: list[str], environ: dict[str, str]) -> Spent:
    run = [sys.executable, "-c", _RUN, FORUM, *arguments]
    told = subprocess.run(run, env=environ, stdout=subprocess.PIPE, check=True).stdout
    return Spent(*json.loads(told))
