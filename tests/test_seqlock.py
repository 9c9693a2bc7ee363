"""A glance at the counters is never older than the database."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import update

from forum import create_app, db
from forum.accounts.models import Site
from forum.config import Settings
from forum.pages import Store
from forum.seqlock import Seqlock
from forum.web.front import Front

WRITES = 150


@pytest.fixture
def path(tmp_path) -> Path:
    """Be the place of a database."""
    made = tmp_path / "forum.sqlite3"
    made.touch()
    return made


def test_a_write_changes_the_stamp_for_everybody(path):
    writer, reader = Seqlock(path), Seqlock(path)
    before = reader.stamp()
    assert reader.stamp() == before is not None
    number = writer.begin()
    assert reader.stamp() is None
    writer.end(number)
    assert reader.stamp() == number > before


def test_whoever_ends_late_does_not_hide_the_next_write(path):
    first, second, reader = Seqlock(path), Seqlock(path), Seqlock(path)
    one = first.begin()
    two = second.begin()  # the first has committed and let go of the database, and has not said so yet
    first.end(one)
    assert reader.stamp() is None
    second.end(two)
    assert reader.stamp() == two


def test_a_writer_that_dies_sends_readers_to_the_database_until_the_next_write(path):
    script = f"""
        import os, signal
        from pathlib import Path
        from forum.seqlock import Seqlock
        Seqlock(Path({str(path)!r})).begin()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False).returncode == -9
    writer, reader = Seqlock(path), Seqlock(path)
    assert reader.stamp() is None
    writer.end(writer.begin())
    assert reader.stamp() is not None


def test_a_file_taken_away_is_noticed_and_no_number_comes_twice(path):
    reader, writer = Seqlock(path), Seqlock(path)
    before = reader.stamp()
    path.with_name("forum.sqlite3-seq").unlink()
    writer.end(writer.begin())
    reader._looked = 0  # a second later
    assert reader.stamp() == writer.stamp() > before


def test_where_the_file_cannot_be_made_readers_ask_the_database_and_nobody_writes(tmp_path):
    nowhere = Seqlock(tmp_path / "gone" / "forum.sqlite3")
    assert nowhere.stamp() is None
    with pytest.raises(OSError, match="cannot be opened"):
        nowhere.begin()


def test_whoever_may_write_the_database_may_count(path):
    path.chmod(0o660)
    Seqlock(path).stamp()
    assert path.with_name("forum.sqlite3-seq").stat().st_mode & 0o777 == 0o660


def _write(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        for _ in range(WRITES):
            db.lock()
            db.session.execute(update(Site).values(version=Site.version + 1))
            db.commit()
    os._exit(0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_versions_from_memory_are_never_older_than_the_database(cast, settings, database, tmp_path):
    """Two processes write while this one reads: what it remembers is at least what the database said before."""
    made = Settings(instance=tmp_path, database_url=database, secret_key="tests only", rate_limits=False)
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write, args=(made,)) for _ in range(2)]
    front = Front(cast.app, Store())
    asked = ("article", cast.article.slug, ())
    raw = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
    first = raw.execute("SELECT version FROM site").fetchone()[0]
    seen = set()
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        there = raw.execute("SELECT version FROM site").fetchone()[0]
        row = front.versions(asked)
        assert row is not None
        assert row[0] >= there
        seen.add(row[0])
    raw.close()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert front.versions(asked)[0] == first + 2 * WRITES
    assert len(seen) > 10
