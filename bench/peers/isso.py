"""Isso from PyPI in an environment of its own; a database for each tree."""

from __future__ import annotations

import http.client
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from bench import trees
from bench.peers.starting import answers, running
from bench.running import free_port
from bench.site import PEOPLE

PACKAGES = ["isso>=0.13,<1", "gunicorn>=23,<28"]
CONF = """[general]
dbpath = {database}
host = http://127.0.0.1:{port}/
[guard]
enabled = false
[server]
listen = http://127.0.0.1:{port}/
"""


class Isso:
    """Know where a tree is, and how to ask for it and to answer it."""

    def __init__(self, port: int, size: int) -> None:
        self._port, self._size = port, size
        self._uri = quote(f"/tree-{size}/", safe="")

    def address(self, query: str = "") -> str:
        """Return the address of all comments of the tree, or of fewer by `query`."""
        return f"http://127.0.0.1:{self._port}/?uri={self._uri}&sort=oldest{query}"

    def poster(self) -> Callable[[int], None]:
        """Return what posts an answer to the last comment of the tree."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=300)

        def post(number: int) -> None:
            said = {
                "text": f"A reply of no great weight, number {number}.",
                "author": "Reader 1",
                "parent": self._size,
            }
            head = {"Content-Type": "application/json"}
            connection.request("POST", f"/new?uri={self._uri}", json.dumps(said), head)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 201:
                raise SystemExit(f"Isso did not take a comment: {answer.status}")

        return post


def shown(body: bytes) -> int:
    """Count the comments of an answer."""
    threads = json.loads(body)["replies"]
    return len(threads) + sum(len(thread["replies"]) for thread in threads)


def install(folder: Path) -> dict[str, str]:
    """Make its environment, and return the versions."""
    subprocess.run([sys.executable, "-m", "venv", folder / "isso"], check=True)
    pip = str(folder / "isso/bin/pip")
    subprocess.run([pip, "install", "-qq", "--disable-pip-version-check", *PACKAGES], check=True)
    told = subprocess.run([pip, "list", "--format=json"], check=True, capture_output=True).stdout
    return {row["name"]: row["version"] for row in json.loads(told) if row["name"] in ("isso", "gunicorn")}


@contextmanager
def serving(folder: Path, size: int, *, gunicorn: bool) -> Iterator[Isso]:
    """Serve a tree of its own database, with the server it brings or with two gunicorn processes.

    A server works on at an answer nobody waits for any more; ending it ends that too.
    """
    port = free_port()
    database, conf = folder / f"isso-{size}.db", folder / f"isso-{size}.cfg"
    conf.write_text(CONF.format(database=database, port=port))
    bin = folder / "isso/bin"
    own: list[object] = [bin / "isso", "-c", conf, "run"]
    other: list[object] = [bin / "gunicorn", "-w2", f"-b127.0.0.1:{port}", "--timeout=600", "--graceful-timeout=1"]
    command = [*other, "isso.run"] if gunicorn else own
    new = not database.exists()
    with running(command, folder / "isso.out", answers(port, "/info"), ISSO_SETTINGS=str(conf)):
        if new:
            _plant(database, size)
        yield Isso(port, size)


def _plant(database: Path, size: int) -> None:
    """Write a tree into the tables the server has made; it keeps one level, so every reply hangs on its thread."""
    begun = time.time() - 1_000_000
    empty = bytes(256)  # nobody has voted
    threads: list[int] = []
    rows = []
    for place, parent in enumerate(trees.parents(size)):
        threads.append(place + 1 if parent is None else threads[parent])
        above = None if parent is None else threads[parent]
        text, author = trees.bodies()[place % trees.DIFFERENT], f"Reader {place % PEOPLE + 1}"
        rows.append((place + 1, above, begun + place, text, author, empty))
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO threads (id, uri, title) VALUES (1, ?, ?)", (f"/tree-{size}/", f"tree-{size}"))
        connection.executemany(
            "INSERT INTO comments (tid, id, parent, created, mode, remote_addr, text, author, voters)"
            " VALUES (1, ?, ?, ?, 1, '127.0.0.0', ?, ?, ?)",
            rows,
        )
    connection.close()
