"""Measure one site on one database: everything, in an order in which nothing spoils what comes after."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench import costs, followed, load, memory, pages, posting, running, site, transfers
from bench.site import CHAIN, Planted
from tests.postgres import Cluster

Figures = dict[str, dict[str, float]]
Measured = dict[str, Figures]
# What a small machine's server would be given; the rest, syncing included, is PostgreSQL's default.
POSTGRES = "-c listen_addresses='' -c jit=off -c max_connections=120 -c shared_buffers=256MB"
ALONE = 100  # comments of a site that has no others


def sqlite(folder: Path, sizes: Sequence[int]) -> Measured:
    """Measure on SQLite, as `forum serve` uses it: synchronous FULL."""
    return _measure(folder, f"sqlite:///{folder}/site/forum.sqlite3", sizes)


def postgresql(folder: Path, sizes: Sequence[int]) -> Measured:
    """Measure on a PostgreSQL server of this run's own."""
    with Cluster(POSTGRES) as cluster:
        cluster.create("forum")
        return _measure(folder, cluster.url("forum"), sizes)


def small(folder: Path) -> Measured:
    """Measure a page of, and posting to, a site on SQLite that has one small discussion and nothing else."""
    planted = _planted(folder, f"sqlite:///{folder}/site/forum.sqlite3", [ALONE], chain=0)
    with running.forum(planted) as forum:
        found = {"costs": costs.by_size(planted)}
        found["posts"] = _posts(planted, forum, folder)
    return found


def _measure(folder: Path, database_url: str, sizes: Sequence[int]) -> Measured:
    planted = _planted(folder, database_url, sizes)
    found: Measured = {"start": {"forum serve": {"seconds": pages.start_up(planted)}}}
    with running.forum(planted) as forum:
        tell("pages")
        found["pages"] = pages.measure(planted, folder, forum)
        found["memory"] = {"after reading": _memory(forum, planted)}
        tell("costs")
        found["costs"] = costs.by_size(planted)
        found["elsewhere"] = costs.elsewhere(planted)
        found["writes"] = costs.around_a_write(planted, f"tree-{pages.WHOLE}")
        tell("posting")
        found["posts"] = _posts(planted, forum, folder)
        found["memory"]["after reading and posting"] = _memory(forum, planted)
    tell("the rest")
    with running.bare() as bare:
        load.once(load.Asked(bare.url("/")), seconds=1)
        found["memory"]["an empty application"] = _memory(bare, planted)
    found["followed"] = followed.measure(planted, planted.trees[0])
    found["transfers"] = transfers.measure(planted, folder)
    found["permission"] = costs.permission(planted)
    return found


def _planted(folder: Path, database_url: str, sizes: Sequence[int], *, chain: int = CHAIN) -> Planted:
    (folder / "site").mkdir()
    begun = time.perf_counter()
    planted = site.plant(folder / "site", database_url, sizes, chain=chain)
    tell(f"planted {sum(sizes) + chain:,} comments in {time.perf_counter() - begun:.0f} s")
    gc.collect()
    gc.freeze()  # as `forum serve` does, or a page in fifty would wait for the collector
    return planted


def _posts(planted: Planted, forum: running.Running, folder: Path) -> Figures:
    found = posting.rounds(
        planted, forum, list(planted.articles), folder, rounds=load.ROUNDS, seconds=min(load.SECONDS, 3)
    )
    return {
        slug: {
            "rate": posted.load.rate,
            "p50": posted.load.p50,
            "p99": posted.load.p99,
            "made": posted.made,
            "refused": max(posted.refused, posted.load.failed),
            "lost": posted.lost,
        }
        for slug, posted in found.items()
    }


def _memory(server: running.Running, planted: Planted) -> dict[str, float]:
    held = memory.held(server.pid, planted.settings.instance)
    return {"mb": held, "processes": memory.count(server.pid)}


def tell(words: str) -> None:
    """Say how far the run is."""
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr)
