"""Processes of one and of two machines write and read at once, some are killed, and nobody reads less than anybody.

Each reader notes what it was last told in memory that all readers share. Whoever asks looks there first: the answer
must be at least the greatest of it. Leases and waits are short here, so that the keeper changes often.
"""

from __future__ import annotations

import mmap
import multiprocessing
import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import update

from forum import create_app, db, keeper
from forum.accounts.models import Site
from forum.config import Settings
from forum.pages import Store
from forum.web.front import Front
from tests.cast import Cast
from tests.scale.conftest import Fresh

SECONDS = 10
SLOTS = 64
THREADS = 2
SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Scene:
    """Be what every process is told: the site, its article, and the folder of what they share."""

    settings: Settings
    slug: str
    folder: Path

    def on(self, machine: int) -> Settings:
        """Return the settings on one of the machines."""
        return replace(self.settings, instance=self.folder / f"machine-{machine}")

    def seen(self) -> memoryview:
        """Map what readers were told: a number for each of their threads."""
        with (self.folder / "seen").open("r+b") as file:
            return memoryview(mmap.mmap(file.fileno(), 8 * SLOTS)).cast("Q")

    @property
    def over(self) -> bool:
        """Tell whether the time is up."""
        return (self.folder / "over").exists()


def _shorten() -> None:
    keeper.LEASE_SECONDS, keeper.LEAVE_SECONDS = 0.2, 0.24
    keeper.LOOK_SECONDS, keeper.CLAIM_SECONDS = 0.02, 0.3


def _write(scene: Scene, machine: int) -> None:
    """Write in bursts, and read, with pauses long enough for the other machine to become the keeper."""
    _shorten()
    app = create_app(scene.on(machine))
    front = Front(app, Store())
    (scene.folder / f"writes-{os.getpid()}").touch()
    with app.app_context():
        while not scene.over:
            for _ in range(random.randrange(1, 15)):
                db.lock()
                db.session.execute(update(Site).values(version=Site.version + 1))
                db.commit()
                front.versions(("article", scene.slug, ()))
                time.sleep(random.random() / 50)
            time.sleep(1.5 * random.random())
    os._exit(0)


def _read(scene: Scene, machine: int, number: int) -> None:
    """Read as visitors and now and then the database itself; leave a file with what was wrong."""
    _shorten()
    app = create_app(scene.on(machine))
    front, seen, told = Front(app, Store()), scene.seen(), scene.folder / f"reader-{number}"
    memory = [0] * THREADS

    def read(slot: int, count: list[int]) -> None:
        with psycopg.connect(scene.settings.database_url, autocommit=True) as raw:
            while not scene.over:
                for turn in range(200):
                    before = max(seen)
                    if turn % 20:
                        memory[slot % THREADS] += front._asker._seqlock.stamp() is not None
                        row: Any = front.versions(("article", scene.slug, ()))
                    else:
                        row = raw.execute("SELECT version FROM site").fetchone()
                    if row[0] < before:
                        with told.open("a") as file:
                            file.write(f"{row[0]} after {before}\n")
                    seen[slot] = max(seen[slot], row[0])

    slots = range(number * THREADS, (number + 1) * THREADS)
    threads = [threading.Thread(target=read, args=(slot, memory)) for slot in slots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (scene.folder / f"memory-{number}").write_text(str(sum(memory)))
    os._exit(0)


@pytest.fixture
def scene(fresh: Fresh, settings: Settings, tmp_path: Path) -> Iterator[Scene]:
    """Be a site on PostgreSQL, with the cast."""
    asked = replace(settings, database_url=fresh(), instance=tmp_path / "planting")
    app = create_app(asked)
    with app.app_context():
        slug = Cast(app).article.slug
        db.session.remove()
        db.engine().dispose()
    (tmp_path / "seen").write_bytes(bytes(8 * SLOTS))
    yield Scene(asked, slug, tmp_path)
    (tmp_path / "over").touch()


@pytest.mark.parametrize(
    ("writers", "readers"), [((0, 0), (0, 0)), ((0, 1), (0, 1))], ids=["one machine", "two machines"]
)
def test_nobody_reads_less_than_anybody_has(scene: Scene, writers: tuple[int, ...], readers: tuple[int, ...]) -> None:
    running = [SPAWN.Process(target=_read, args=(scene, machine, i)) for i, machine in enumerate(readers)]
    writing: list[BaseProcess] = [SPAWN.Process(target=_write, args=(scene, machine)) for machine in writers]
    for process in (*running, *writing):
        process.start()
    while len(list(scene.folder.glob("writes-*"))) < len(writing):
        time.sleep(0.05)
    states = set()
    with psycopg.connect(scene.settings.database_url, autocommit=True) as raw:
        first = raw.execute("SELECT version FROM site").fetchone()
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            states.add(raw.execute("SELECT machine, state, since FROM keeper").fetchone())
            time.sleep(0.05)
            if random.random() < 0.015:
                number = random.randrange(len(writing))
                writing[number].kill()
                writing[number].join()
                writing[number] = SPAWN.Process(target=_write, args=(scene, writers[number]))
                writing[number].start()
        (scene.folder / "over").touch()
        for process in (*running, *writing):
            process.join(30)
        last = raw.execute("SELECT version FROM site").fetchone()
    assert [process.exitcode for process in (*running, *writing)] == [0] * (len(running) + len(writing))
    assert [path.read_text() for path in scene.folder.glob("reader-*")] == []
    assert last[0] - first[0] > 20  # type: ignore[index]
    kept = {(machine, since) for machine, state, since in states if state == "kept"}  # type: ignore[misc]
    assert len({machine for machine, _ in kept}) == len(set(writers))
    assert sum(int(path.read_text()) for path in scene.folder.glob("memory-*")) > 100
