"""An answer of SQLite's is remembered until anybody commits, in whatever process and by whatever path."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forum import db
from forum.db import Reader
from forum.db.wal_index import WalIndex
from tests.cast import Cast
from tests.db.test_trouble import ON_SQLITE, file_of, read, write

TAGLINE = "SELECT tagline FROM site WHERE id = ?"
CHANGING = "SELECT random() WHERE ? = 1"  # another row each time the database is asked
# What the other process does on a line of its input; it answers when that is done.
OTHER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
for line in sys.stdin:
    act, _, value = line.rstrip().partition(" ")
    if act == "write":
        connection.execute("UPDATE site SET tagline = ?", (value,))
    elif act == "undo":
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE site SET tagline = 'never'")
        connection.execute("ROLLBACK")
    elif act == "checkpoint":
        connection.execute(f"PRAGMA wal_checkpoint({value})").fetchall()
    elif act == "reopen":
        connection.close()
        connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
    elif act == "count":
        for number in range(int(value)):
            connection.execute("UPDATE site SET tagline = ?", (str(number),))
            print(number, flush=True)
    print("done", flush=True)
"""


class Other:
    """Another process on a database, which speaks to SQLite itself."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-c", OTHER, str(path)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self, *acts: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{act}\n" for act in acts))
        self.process.stdin.flush()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip()

    def do(self, act: str) -> None:
        self.begin(act)
        assert self.line() == "done"


@contextlib.contextmanager
def other(path: Path) -> Iterator[Other]:
    made = Other(path)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.communicate()


@pytest.fixture
def reader(cast: Cast) -> Iterator[Reader]:
    made = Reader(db.engine())
    yield made
    made.close()


@ON_SQLITE
def test_an_answer_is_remembered_until_somebody_commits(cast: Cast, reader: Reader) -> None:
    asked = [reader.row(CHANGING, (1,)) for _ in range(1000)]
    assert len(set(asked)) < len(asked) / 10  # one more for each half second that this takes
    assert reader.row(CHANGING, (0,)) is None
    for n in range(10):
        before = reader.row(CHANGING, (1,))
        write(str(n))
        assert reader.row(CHANGING, (1,)) != before


@ON_SQLITE
def test_no_answer_is_remembered_for_long(cast: Cast, reader: Reader) -> None:
    """Whatever the header says: it says nothing where somebody has deleted the file."""
    before = reader.row(CHANGING, (1,))
    time.sleep(1)
    assert reader.row(CHANGING, (1,)) != before
    Path(f"{file_of(cast)}-shm").unlink()
    write("after")
    time.sleep(1)
    assert reader.row(TAGLINE, (1,)) == (read(),) == ("after",)


@ON_SQLITE
def test_few_answers_are_remembered(cast: Cast, reader: Reader) -> None:
    before = reader.row(CHANGING, (1,))
    for n in range(2, 1000):
        assert reader.row("SELECT ?", (n,)) == (n,)
    assert reader.row(CHANGING, (1,)) != before


@ON_SQLITE
@pytest.mark.parametrize("way", ["as it is", "through a link", "through a folder's link"])
def test_a_write_of_another_process_is_seen_at_once(cast: Cast, reader: Reader, tmp_path: Path, way: str) -> None:
    path = file_of(cast)
    if way == "through a link":
        (tmp_path / "link.sqlite3").symlink_to(path)
        path = tmp_path / "link.sqlite3"
    elif way == "through a folder's link":
        (tmp_path / "folder").symlink_to(path.parent)
        path = tmp_path / "folder" / path.name
    with other(path) as process:
        for n in range(20):
            process.do(f"write {n}")
            assert reader.row(TAGLINE, (1,)) == (str(n),)


@ON_SQLITE
def test_a_database_opened_through_a_link_has_the_header_of_the_file_it_leads_to(cast: Cast, tmp_path: Path) -> None:
    path, link = file_of(cast), tmp_path / "a link.sqlite3"
    link.symlink_to(path)
    with contextlib.closing(sqlite3.connect(link)) as connection:
        connection.execute("SELECT * FROM site").fetchall()
        index = WalIndex(link)
        before = index.header()
        assert before is not None
        write("after")
        assert index.header() not in (before, None)
        index.close()
        assert index.header() is None


ACTS = st.one_of(
    st.integers(0, 10**6).map("write {}".format),
    st.sampled_from([f"checkpoint {mode}" for mode in ("PASSIVE", "FULL", "RESTART", "TRUNCATE")]),
    st.sampled_from(["undo", "reopen", "here", "checkpoint here", "read"]),
)


@ON_SQLITE
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=1, max_size=12))
def test_whatever_happens_to_the_log_an_answer_is_that_of_the_database(cast: Cast, acts: list[str]) -> None:
    readers = Reader(db.engine()), Reader(db.engine())
    expected = read()
    with other(file_of(cast)) as process:
        for n, act in enumerate(acts):
            if act == "here":
                expected = f"here {n}"
                write(expected)
            elif act == "checkpoint here":
                db.checkpoint()
                db.session.remove()
            elif act != "read":
                process.do(act)
                expected = act.removeprefix("write ") if act.startswith("write ") else expected
            assert [reader.row(TAGLINE, (1,)) for reader in readers] == [(expected,)] * 2
    for reader in readers:
        reader.close()


@ON_SQLITE
def test_an_answer_is_never_older_than_a_commit_that_was_told(cast: Cast, reader: Reader) -> None:
    """The other process writes as fast as it can, and says each number as soon as it is committed."""
    write("-1")
    with other(file_of(cast)) as process:
        process.begin("count 2000")
        for told in iter(process.line, "done"):
            found = reader.row(TAGLINE, (1,))
            assert found is not None
            assert int(found[0]) >= int(told)


@ON_SQLITE
def test_sqlite_keeps_its_locks(cast: Cast, reader: Reader) -> None:
    """Without them another process would believe that nobody has the database open, and begin its files anew."""
    read()
    path = Path(f"{file_of(cast)}-shm")
    before = locks(path)
    assert before > 0
    for _ in range(3):
        index = WalIndex(file_of(cast))
        assert index.header() is not None
        index.close()
        assert locks(path) == before
    os.close(os.open(path, os.O_RDONLY))  # what must not happen, and that the test would see it
    assert locks(path) == 0


def locks(path: Path) -> int:
    """Return how many locks this process has on a file."""
    found, mine = 0, f"{os.getpid()} "
    for line in Path("/proc/locks").read_text("ascii").splitlines():
        _, _, owned = line.partition("POSIX  ADVISORY  ")
        kind, _, rest = owned.partition(" ")
        found += bool(kind) and rest.strip().startswith(mine) and f":{path.stat().st_ino} " in rest
    return found
