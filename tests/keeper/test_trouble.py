"""Writers that are killed or cut off, rows that somebody forged, folders that cannot be written."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from forum import db, keeper
from forum.errors import Busy
from forum.keeper import BEGUN, ENDED, clock
from forum.tally import NAME
from tests.cast import Cast
from tests.keeper.machines import Machine, Make, Row, raise_version, until_it_remembers

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.mark.parametrize("commit", [False, True])
def test_a_killed_writer_leaves_nothing_behind(here: Machine, commit: bool) -> None:
    """Killed in the middle, or after the database has committed and before it was counted."""
    before, settings = here.version(), here.app.extensions["forum"]
    script = f"""
        import os, signal
        from pathlib import Path
        from forum import create_app, db
        from forum.config import Settings
        from tests.keeper.machines import raise_version
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
    until_it_remembers(here)
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
    until_it_remembers(here)
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
    here: Machine, machine: Make, row: Row, monkeypatch: pytest.MonkeyPatch
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
    here: Machine, machine: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken" / NAME).mkdir(parents=True)  # a folder, where the file should be
    other, before = machine("taken"), here.version()
    other.write()
    for _ in range(2):
        other.look()
    assert not other.remembers()
    assert (here.version(), other.version()) == (before + 1, before + 1)
    assert caplog.text.count("cannot be opened for writing") == 1


def test_a_copied_folder_does_not_inherit_the_right(here: Machine, machine: Make, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / NAME).write_bytes((tmp_path / NAME).read_bytes())
    copy, before = machine("copy"), here.version()
    copy.version()
    assert not copy.remembers()
    copy.write()
    assert here.version() == before + 1


def test_a_server_that_begins_with_another_isolation_changes_nothing(
    here: Machine, machine: Make, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one snapshot for a whole transaction, a writer would not see who became the keeper while it waited."""
    name = row.connection.info.dbname
    row.connection.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    made = machine("another")
    with made.app.app_context():
        db.lock()
        assert db.session.connection().exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
        db.rollback()
