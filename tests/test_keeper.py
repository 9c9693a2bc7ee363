"""PostgreSQL from memory: one machine at a time, never less than anybody has read, whoever writes and whoever dies."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError, OperationalError

from forum import create_app, db, keeper
from forum.accounts.models import Site
from forum.errors import Busy
from forum.keeper import BEGUN, ENDED, Keeper, clock
from forum.pages import Store
from forum.tally import NAME, Tally
from forum.web.front import Front
from tests.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
VERSION = "SELECT version FROM site"


class Machine:
    """Be one process of a machine: an app with an instance folder, what stands in front of it, and its keeper."""

    def __init__(self, app: Flask, slug: str) -> None:
        self.app, self.front, self._asked = app, Front(app, Store()), ("article", slug, ())
        self.keeper: Keeper = app.extensions["seqlock"]

    def version(self) -> int:
        """Return the site's version as a page would be made or kept under."""
        row = self.front.versions(self._asked)
        assert row is not None
        return row[0]

    def remembers(self) -> bool:
        """Tell whether it may answer from memory now."""
        return self.keeper.stamp() is not None

    def write(self) -> None:
        """Raise the version."""
        with self.app.app_context():
            db.lock()
            raise_version()
            db.commit()

    def look(self) -> None:
        """Let its next reader look who is the keeper, as the first one after a while would."""
        self.keeper._lease, self.keeper._next = None, 0.0
        self.version()

    @property
    def tally(self) -> Tally:
        """Return what it counts in."""
        found = self.keeper._mapped.look()
        assert found is not None
        return found


class Row:
    """Be the row of the table, read and written by hand."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    @property
    def state(self) -> tuple[str | None, str]:
        """Return whose machine stands there, and how."""
        found = self.connection.execute("SELECT machine, state FROM keeper").fetchone()
        assert found is not None
        return found[0], found[1]

    def put(self, **values: str | None) -> None:
        """Write columns."""
        for name, value in values.items():
            self.connection.execute(f"UPDATE keeper SET {name} = %s", (value,))

    def age(self, minutes: int) -> None:
        """Make as if it had stood so for that long."""
        self.connection.execute("UPDATE keeper SET since = since - make_interval(mins => %s)", (minutes,))

    def version(self) -> int:
        """Return the version in the database."""
        found = self.connection.execute(VERSION).fetchone()
        assert found is not None
        return int(found[0])


def raise_version() -> None:
    """Write what every reader looks at."""
    db.session.execute(update(Site).values(version=Site.version + 1))


@pytest.fixture
def row(database: str) -> Iterator[Row]:
    """Be the row of the table."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield Row(connection)


@pytest.fixture
def machine(cast: Cast, tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Be what makes a process of the machine that has this instance folder."""
    made: list[Machine] = []

    def make(instance: str = "", **changes: Any) -> Machine:
        settings = replace(cast.app.extensions["forum"], instance=tmp_path / instance, **changes)
        made.append(Machine(create_app(settings), cast.article.slug))
        return made[-1]

    yield make
    for each in made:
        with each.app.app_context():
            db.session.remove()
            db.engine().dispose()


@pytest.fixture
def here(machine: Callable[..., Machine]) -> Machine:
    """Be a process of the machine that is the keeper, as the first that reads of a new site is."""
    made = machine()
    made.version()
    assert made.remembers()
    return made


def test_a_new_site_has_its_keeper_with_the_first_page(machine: Callable[..., Machine], row: Row) -> None:
    assert row.state == (None, "shared")
    first = machine()
    first.version()
    assert first.remembers()
    assert row.state == (first.tally.machine, "kept")
    second = machine()
    second.version()
    assert second.remembers()
    stranger = machine("another")
    stranger.version()
    assert not stranger.remembers()


def test_what_is_remembered_is_not_asked_again(here: Machine, row: Row) -> None:
    """Shown by a write that only hands can make: it is not counted, and seen when the lease is over."""
    before = here.version()
    lease = here.keeper._lease
    row.connection.execute("UPDATE site SET version = version + 1")
    remembered = here.version()
    assert lease is not None
    if clock() < lease.until:
        assert remembered == before
    while clock() < lease.until:
        time.sleep(0.01)
    assert here.version() == before + 1
    assert here.remembers()


def test_a_write_of_the_same_machine_is_seen_at_once(here: Machine, machine: Callable[..., Machine]) -> None:
    other = machine()
    for writer in (here, other, here):
        before = here.version()
        writer.write()
        assert (here.version(), other.version()) == (before + 1, before + 1)
        assert here.remembers()


def test_nothing_is_remembered_while_a_write_goes_on(here: Machine) -> None:
    before = here.version()
    with here.app.app_context():
        db.lock()
        assert not here.remembers()
        raise_version()
        assert here.version() == before
        db.commit()
    assert here.version() == before + 1
    assert here.remembers()


def test_a_writer_that_only_waits_for_its_turn_does_not_count(here: Machine, cast: Cast) -> None:
    """Until it has all its locks it cannot have written, and readers go on from memory."""
    article, begun = cast.article.id, here.tally.counters[BEGUN]
    with psycopg.connect(here.app.extensions["forum"].database_url) as other:
        other.execute("SELECT id FROM articles WHERE id = %s FOR UPDATE", (article,))

        def wait() -> None:
            with here.app.app_context():
                db.lock(article)
                db.rollback()

        waiting = threading.Thread(target=wait)
        waiting.start()
        until = clock() + 10
        while not _waits(other) and clock() < until:
            time.sleep(0.01)
        assert _waits(other)
        assert here.tally.counters[BEGUN] == begun
        other.rollback()
        waiting.join()
    assert here.tally.counters[BEGUN] == begun + 1 == here.tally.counters[ENDED]


def test_a_write_of_another_machine_waits_until_the_keeper_has_stopped(
    here: Machine, machine: Callable[..., Machine], row: Row
) -> None:
    other, before = machine("another"), here.version()
    seen: list[tuple[int, int]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            there = row.version()
            seen.append((there, here.version()))

    reader = threading.Thread(target=read)
    reader.start()
    with other.app.app_context():
        db.lock()
        lease = here.keeper._lease
        assert lease is None or clock() > lease.until
        assert row.state == (here.tally.machine, "shared")
        raise_version()
        db.commit()
    assert here.version() == before + 1
    done.set()
    reader.join()
    assert [pair for pair in seen if pair[1] < pair[0]] == []
    assert {pair[1] for pair in seen} >= {before}
    assert not here.remembers()
    for writer in (other, here, other):
        writer.write()
    assert (here.version(), other.version()) == (before + 4, before + 4)
    assert row.state[1] == "shared"  # nobody waited again


def test_the_only_one_that_wrote_for_ten_minutes_becomes_the_keeper(
    machine: Callable[..., Machine], row: Row, here: Machine
) -> None:
    other = machine("another")
    other.write()
    other.look()
    assert row.state == (other.tally.machine, "shared")
    other.look()
    assert not other.remembers()
    row.age(minutes=11)
    here.look()
    assert not here.remembers()
    other.look()
    assert other.remembers()
    assert row.state == (other.tally.machine, "kept")


def test_two_that_write_in_turn_have_no_keeper(here: Machine, machine: Callable[..., Machine], row: Row) -> None:
    other = machine("another")
    other.write()
    for _ in range(3):
        for each in (other, here):
            row.age(minutes=9)
            each.write()
            each.look()
            assert not each.remembers()
            assert row.state == (each.tally.machine, "shared")


def test_nobody_becomes_the_keeper_while_another_machine_writes(machine: Callable[..., Machine], row: Row) -> None:
    writer, reader = machine("another"), machine()
    with writer.app.app_context():
        db.lock()
        raise_version()
        reader.look()
        assert not reader.remembers()
        db.commit()
    reader.look()
    assert reader.remembers()
    assert reader.version() == row.version()


@pytest.mark.parametrize("commit", [False, True])
def test_a_killed_writer_leaves_nothing_behind(here: Machine, commit: bool) -> None:
    """Killed in the middle, or after the database has committed and before it was counted."""
    before, settings = here.version(), here.app.extensions["forum"]
    script = f"""
        import os, signal
        from pathlib import Path
        from forum import create_app, db
        from forum.config import Settings
        from tests.test_keeper import raise_version
        app = create_app(Settings(instance=Path({str(settings.instance)!r}), database_url={settings.database_url!r},
            secret_key="tests only"))
        with app.app_context():
            db.lock()
            raise_version()
            {"db.session.connection().connection.dbapi_connection.commit()" if commit else ""}
            os.kill(os.getpid(), signal.SIGKILL)
    """
    died = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert not here.remembers()
    assert here.version() == before + commit
    _until_it_remembers(here)
    assert here.version() == before + commit


def test_a_writer_whose_connection_broke_is_not_taken_for_done(here: Machine, row: Row) -> None:
    """The server may still be at its commit; so who broke is counted as ended only when the server is known to be."""
    before = here.version()
    with here.app.app_context():
        db.lock()
        raise_version()
        process = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
        row.connection.execute("SELECT pg_terminate_backend(%s)", (process,))
        with pytest.raises(OperationalError):
            db.commit()
        db.rollback()
    assert here.tally.counters[BEGUN] > here.tally.counters[ENDED]
    _until_it_remembers(here)
    assert here.version() == before


def test_a_living_writer_is_not_evened_out(here: Machine) -> None:
    with here.app.app_context():
        db.lock()
        for _ in range(3):
            threads = [threading.Thread(target=here.look)]
            threads[0].start()
            threads[0].join()
            assert not here.remembers()
        db.commit()
    assert here.tally.counters[BEGUN] == here.tally.counters[ENDED]


def test_a_keeper_asked_to_stop_by_somebody_who_died_is_let_go(
    here: Machine, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    row.put(state="leaving")
    for _ in range(2):
        here.look()
    assert not here.remembers()
    assert row.state[1] == "leaving"  # its own processes may believe for a second that it is not
    seen = here.keeper._leaving
    assert seen is not None
    while clock() < seen[1] + keeper.LEAVE_SECONDS:
        time.sleep(0.05)
    here.look()
    assert row.state == (here.tally.machine, "shared")


def test_the_keeper_itself_writes_while_it_leaves(here: Machine, row: Row) -> None:
    before = here.version()
    row.put(state="leaving")
    here.write()
    assert here.version() == before + 1
    assert row.state[1] == "leaving"


FORGED: dict[str, dict[str, str | None]] = {
    "a machine that is gone": {"machine": "f" * 32, "state": "kept"},
    "nobody's machine": {"machine": None, "state": "kept"},
    "one that left long ago": {"machine": "f" * 32, "state": "leaving"},
    "from the future": {"machine": "f" * 32, "state": "kept", "since": "2999-01-01 00:00:00+00"},
}


@pytest.mark.parametrize("forged", FORGED)
def test_whatever_stands_in_the_row_one_can_write(here: Machine, row: Row, forged: str) -> None:
    before = here.version()
    row.put(**FORGED[forged])
    here.write()
    assert here.version() == before + 1
    assert row.state[1] == "shared"


def test_without_the_row_one_can_write_and_nobody_remembers(here: Machine, row: Row) -> None:
    before = here.version()
    row.connection.execute("DELETE FROM keeper")
    here.write()
    here.look()
    assert not here.remembers()
    assert here.version() == before + 1


def test_there_is_one_row_in_one_of_three_states(row: Row, cast: Cast) -> None:
    for statement in (
        "INSERT INTO keeper (id, state, since) VALUES (2, 'kept', now())",
        "UPDATE keeper SET state = 'lent'",
    ):
        db.lock()
        with pytest.raises(IntegrityError):
            db.session.connection().exec_driver_sql(statement)
        db.rollback()


def test_who_finds_a_keeper_again_and_again_is_told_to_try_later(
    here: Machine, machine: Callable[..., Machine], row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if somebody made himself the keeper whenever another lets go."""
    monkeypatch.setattr(keeper, "LEAVE_SECONDS", 0.01)
    row.connection.execute(
        "CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.state = 'kept'; RETURN NEW; END $$;"
        "CREATE TRIGGER stays BEFORE UPDATE ON keeper FOR EACH ROW EXECUTE FUNCTION stays()"
    )
    other = machine("another")
    with other.app.app_context():
        with pytest.raises(Busy):
            db.lock()
        row.connection.execute("DROP TRIGGER stays ON keeper")
        db.lock()
        db.rollback()


def test_without_a_folder_to_count_in_one_writes_and_never_remembers(
    here: Machine, machine: Callable[..., Machine], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken" / NAME).mkdir(parents=True)  # a folder, where the file should be
    other, before = machine("taken"), here.version()
    other.write()
    for _ in range(2):
        other.look()
    assert not other.remembers()
    assert (here.version(), other.version()) == (before + 1, before + 1)
    assert caplog.text.count("cannot be opened for writing") == 1


def test_a_copied_folder_does_not_inherit_the_right(
    here: Machine, machine: Callable[..., Machine], tmp_path: Path
) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / NAME).write_bytes((tmp_path / NAME).read_bytes())
    copy, before = machine("copy"), here.version()
    copy.version()
    assert not copy.remembers()
    copy.write()
    assert here.version() == before + 1


def test_a_server_that_begins_with_another_isolation_changes_nothing(
    here: Machine, machine: Callable[..., Machine], row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one snapshot for a whole transaction, a writer would not see who became the keeper while it waited."""
    name = row.connection.info.dbname
    row.connection.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    made = machine("another")
    with made.app.app_context():
        assert db.session.connection().exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
        db.rollback()


def _waits(connection: psycopg.Connection[Any]) -> bool:
    found = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    return found is not None and found[0] > 0


def _until_it_remembers(machine: Machine) -> None:
    """Read until a lease is over and the next has begun."""
    until = clock() + 10
    while not machine.remembers() and clock() < until:
        machine.version()
        time.sleep(0.02)
    assert machine.remembers()
    assert machine.tally.counters[BEGUN] == machine.tally.counters[ENDED]
