"""What happens when a database is gone, replaced, silent or full: told as unavailable, and over when the cause is."""

from __future__ import annotations

import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import click
import psutil
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text, update

from forum import config, create_app, db
from forum.cli import forum
from forum.db import Reader
from forum.site.models import Site
from tests.cast import Cast
from tests.postgres import OPTIONS, Cluster
from tests.test_serve import FORUM, environment, free_port

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NOTICED = 1  # seconds until a reader has noticed that the file is another one
TAGLINE = "SELECT tagline FROM site WHERE id = ?"


def file_of(cast: Cast) -> Path:
    """Return the path of the test's database."""
    return Path(str(db.engine().url.database))


def write(line: str) -> None:
    """Write a line as a request would."""
    db.lock()
    db.session.execute(update(Site).values(tagline=line))
    db.commit()


def read() -> str:
    """Read that line as a request would, which ends with its session."""
    try:
        return str(db.session.execute(select(Site.tagline)).scalar_one())
    finally:
        db.session.remove()


@contextmanager
def unavailable() -> Iterator[None]:
    """Expect what the edge answers with 503."""
    with pytest.raises(Exception) as caught:
        yield
    assert db.is_unavailable(caught.value), caught.value
    db.session.remove()


def copied(path: Path, to: Path) -> None:
    """Back a database up as an operator does."""
    with sqlite3.connect(path) as source, sqlite3.connect(to) as target:
        source.backup(target)
    source.close()
    target.close()


@ON_SQLITE
def test_a_file_that_is_gone_is_noticed_and_not_made_anew(cast: Cast) -> None:
    path, reader = file_of(cast), Reader(db.engine())
    write("before")
    assert reader.row(TAGLINE, (1,)) == ("before",)
    away = path.with_suffix(".away")
    path.rename(away)
    with unavailable():
        write("lost")
    with unavailable():
        read()
    time.sleep(NOTICED)
    with unavailable():
        reader.row(TAGLINE, (1,))
    assert not path.exists()
    away.rename(path)
    assert read() == "before"
    assert reader.row(TAGLINE, (1,)) == ("before",)
    write("after")
    assert reader.row(TAGLINE, (1,)) == ("after",)


@ON_SQLITE
@pytest.mark.parametrize("tidy", [True, False], ids=["with its log", "alone"])
def test_a_file_that_was_replaced_is_opened(cast: Cast, tmp_path: Path, tidy: bool) -> None:
    """By a careful operator with its log taken away, by another one without: the old log must not get into the new."""
    path, reader, backup = file_of(cast), Reader(db.engine()), tmp_path / "backup.sqlite3"
    write("as it was saved")
    copied(path, backup)
    for n in range(50):
        write(f"later {n}")
    assert reader.row(TAGLINE, (1,)) == ("later 49",)
    backup.replace(path)
    if tidy:
        for end in ("-wal", "-shm"):
            Path(f"{path}{end}").unlink()
    time.sleep(NOTICED)
    assert reader.row(TAGLINE, (1,)) == ("as it was saved",)
    assert read() == "as it was saved"
    write("after")
    assert reader.row(TAGLINE, (1,)) == ("after",)
    db.engine().dispose()
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT tagline FROM site").fetchone() == ("after",)
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    other.close()


@ON_SQLITE
@pytest.mark.parametrize("way", ["through a link", "another process is first"])
def test_the_log_of_the_file_before_never_gets_into_a_new_one(
    cast: Cast, settings: config.Settings, tmp_path: Path, way: str
) -> None:
    path, backup = file_of(cast), tmp_path / "backup.sqlite3"
    link = path
    if way == "through a link":
        link = tmp_path / "elsewhere" / "link.sqlite3"
        link.parent.mkdir()
        link.symlink_to(path)
    app = create_app(replace(settings, instance=tmp_path, database_url=f"sqlite:///{link}"))
    with app.app_context():
        write("as it was saved")
        copied(path, backup)
        with sqlite3.connect(backup) as other:
            other.execute("VACUUM")
        other.close()
        for n in range(50):
            write(f"later {n}")
        backup.replace(path)
        if way == "another process is first":
            found = subprocess.run(
                [FORUM, "doctor"],
                env={**environment(tmp_path), "FORUM_DATABASE_URL": f"sqlite:///{link}"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert found.returncode == 0, found.stdout + found.stderr
        assert read() == "as it was saved"
        write("after")
        db.engine().dispose()
    with sqlite3.connect(path) as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert other.execute("SELECT tagline FROM site").fetchone() == ("after",)
    other.close()


@ON_SQLITE
def test_a_log_that_came_with_its_file_is_kept(cast: Cast, settings: config.Settings, tmp_path: Path) -> None:
    path, saved = file_of(cast), tmp_path / "saved.sqlite3"
    write("before")
    db.engine().dispose()
    note = Path(f"{path}-opened").read_text("ascii")
    assert note.endswith(
        " None"
    )  # else the log below is put aside if it gets the number of the one that is deleted now
    shutil.copy(path, saved)
    with closing(sqlite3.connect(saved, isolation_level=None)) as other:
        other.execute("UPDATE site SET tagline = 'in the log'")
        brought = {end: Path(f"{saved}{end}").read_bytes() for end in ("", "-wal")}
    for end, data in brought.items():
        beside = tmp_path / f"brought{end}"
        beside.write_bytes(data)
        beside.replace(f"{path}{end}")
    assert read() == "in the log"


@ON_SQLITE
def test_a_log_that_somebody_deleted_is_made_anew(cast: Cast) -> None:
    path, reader = file_of(cast), Reader(db.engine())
    write("before")
    assert reader.row(TAGLINE, (1,)) == ("before",)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for end in ("-wal", "-shm"):
        Path(f"{path}{end}").unlink()
    db.session.remove()
    time.sleep(NOTICED)
    write("after")
    assert read() == "after"
    assert reader.row(TAGLINE, (1,)) == ("after",)


@ON_SQLITE
def test_a_write_that_began_before_the_file_was_replaced_is_refused(cast: Cast, tmp_path: Path) -> None:
    path = file_of(cast)
    copied(path, tmp_path / "backup.sqlite3")
    db.session.execute(select(Site.tagline))
    (tmp_path / "backup.sqlite3").replace(path)
    with unavailable():
        write("into a file without a name")
    write("after")
    assert read() == "after"


def test_a_symbolic_link_is_followed(sqlite_template: Path, settings: config.Settings, tmp_path: Path) -> None:
    real, link = tmp_path / "real.sqlite3", tmp_path / "link.sqlite3"
    shutil.copy(sqlite_template, real)
    link.symlink_to(real)
    other = tmp_path / "other.sqlite3"
    shutil.copy(sqlite_template, other)
    app = create_app(replace(settings, instance=tmp_path, database_url=f"sqlite:///{link}"))
    with app.app_context():
        write("one")
        link.unlink()
        link.symlink_to(other)
        assert read() != "one"
        db.session.remove()
        db.engine().dispose()


@pytest.fixture(params=["socket", "tcp"])
def own(
    request: pytest.FixtureRequest, settings: config.Settings, tmp_path: Path
) -> Iterator[tuple[Cluster, Flask, str]]:
    """Yield a PostgreSQL server of its own, asked through a socket or over TCP, and an app with little patience."""
    options = OPTIONS
    if request.param == "tcp":
        port = free_port()
        options = OPTIONS.replace("listen_addresses=''", f"listen_addresses=127.0.0.1 -c port={port}")
    with Cluster(options) as cluster:
        url = cluster.url("postgres")
        if request.param == "tcp":
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        app = create_app(replace(settings, instance=tmp_path, database_url=url, database_seconds=1))
        with app.app_context():
            yield cluster, app, url
            db.session.remove()
            db.engine().dispose()


def processes(cluster: Cluster) -> list[psutil.Process]:
    """Return the server's processes."""
    pid = int((cluster.folder / "data" / "postmaster.pid").read_text("ascii").split()[0])
    main = psutil.Process(pid)
    return [main, *main.children(recursive=True)]


def test_a_silent_server_is_not_waited_for(own: tuple[Cluster, Flask, str]) -> None:
    cluster, _, _ = own
    reader, one = Reader(db.engine()), text("SELECT 1")
    assert reader.row("SELECT CAST(? AS integer)", (1,)) == (1,)
    assert db.session.execute(one).scalar() == 1
    db.session.remove()
    silent = processes(cluster)
    for process in silent:
        process.send_signal(signal.SIGSTOP)
    try:
        with unavailable():
            db.session.execute(one)
        with unavailable():
            reader.row("SELECT CAST(? AS integer)", (1,))
        with unavailable():
            db.lock()
    finally:
        for process in silent:
            process.send_signal(signal.SIGCONT)
    assert db.session.execute(one).scalar() == 1
    assert reader.row("SELECT CAST(? AS integer)", (1,)) == (1,)


def test_a_server_that_was_restarted_is_found_again(own: tuple[Cluster, Flask, str]) -> None:
    cluster, _, _ = own
    reader, one = Reader(db.engine()), text("SELECT 1")
    assert reader.row("SELECT CAST(? AS integer)", (1,)) == (1,)
    assert db.session.execute(one).scalar() == 1
    cluster.stop()
    with unavailable():
        db.session.execute(one)
    with unavailable():
        db.lock()
    with unavailable():
        reader.row("SELECT CAST(? AS integer)", (1,))
    cluster.start()
    assert db.session.execute(one).scalar() == 1
    db.lock()
    db.rollback()
    assert reader.row("SELECT CAST(? AS integer)", (1,)) == (1,)


def test_a_slow_statement_of_a_command_is_waited_for(own: tuple[Cluster, Flask, str], tmp_path: Path) -> None:
    app = create_app(replace(own[1].extensions["forum"], database_seconds=0))
    with app.app_context():
        assert db.session.execute(text("SELECT 1 FROM pg_sleep(1.2)")).scalar() == 1
        db.session.remove()
        db.engine().dispose()


@ON_SQLITE
def test_a_full_disk_is_told_and_passes(cast: Cast) -> None:
    write("before")
    size = file_of(cast).stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with unavailable():
            write("x" * 200_000)
        assert read() == "before"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    write("after")
    assert read() == "after"
    assert file_of(cast).stat().st_size >= size


def run(instance: Path, *arguments: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command, in a process that may write files of so many bytes only."""

    def full() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [FORUM, *arguments],
        env=environment(instance),
        input="a password of some length\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=full,
    )


def test_a_command_tells_trouble_in_one_line(sqlite_template: Path, tmp_path: Path) -> None:
    add = ("user", "add", "Pia", "--email", "pia@example.org", "--role", "admin", "--password-stdin")
    (tmp_path / "secret-key").write_text("a key of the tests", "utf-8")
    missing = run(tmp_path, *add)
    shutil.copy(sqlite_template, tmp_path / "forum.sqlite3")
    full = run(tmp_path, *add, limit=1000)
    for found in (missing, full):
        assert found.returncode == 1
        assert found.stderr.startswith("Error: ")
        assert found.stderr.count("\n") == 1
    assert run(tmp_path, *add).returncode == 0


def commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every command of the program, as it is typed."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*before, name))
        else:
            yield *before, name


NEEDED = {
    ("user", "add"): ("Pia", "--email", "pia@example.org", "--role", "admin", "--password-stdin"),
    ("user", "reset"): ("pia",),
    ("user", "role"): ("pia", "author"),
    ("mail", "test"): ("pia@example.org",),
    ("import",): ("jsonl", __file__),
    ("export",): ("--format", "jsonl", "-o", "archive.jsonl"),
}


COMMANDS = [*commands(forum)]
MAKES = {("init",), ("serve",), ("db", "upgrade"), ("demo",)}  # the tables of an empty database


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_tells_in_one_line_that_there_is_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """What PostgreSQL says of it has two lines."""
    monkeypatch.chdir(tmp_path)
    refused(command, tmp_path, "postgresql://nobody@127.0.0.1:1/none")


@pytest.mark.parametrize("command", [one for one in COMMANDS if one not in MAKES], ids=" ".join)
def test_a_folder_without_a_site_is_named_and_stays_as_it_is(tmp_path: Path, command: tuple[str, ...]) -> None:
    """It may be mistyped."""
    typed = tmp_path / "mistyped"
    found = CliRunner().invoke(
        forum, [*command, *NEEDED.get(command, ())], input="\n", env={"FORUM_INSTANCE": str(typed)}
    )
    assert found.exit_code == 1
    assert f"There is no database yet in {typed}" in found.stderr
    assert not typed.exists()


@pytest.mark.parametrize("command", [("user", "list"), ("worker",), ("db", "upgrade")], ids=" ".join)
def test_a_database_of_a_newer_program_is_told_as_one(
    tmp_path: Path, sqlite_template: Path, command: tuple[str, ...]
) -> None:
    """`forum db upgrade` would not help, so nothing advises it."""
    file = tmp_path / "forum.sqlite3"
    shutil.copy(sqlite_template, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = CliRunner().invoke(forum, [*command], env={"FORUM_INSTANCE": str(tmp_path)})
    assert found.exit_code == 1
    assert "was made by another version of this program" in found.stderr


def test_what_may_not_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    """As where the folder is another user's: before there is an app."""
    for name in ("forum.toml", "secret-key"):
        folder = tmp_path / f"with-{name}"
        (folder / name).mkdir(parents=True)
        for command in (("user", "list"), ("serve",), ("doctor",)):
            found = run(folder, *command)
            assert found.returncode == 1
            assert found.stderr.startswith("Error: ")
            assert found.stderr.count("\n") == 1
            assert name in found.stderr


@pytest.mark.parametrize("command", [one for one in COMMANDS if one not in {*MAKES, ("doctor",)}], ids=" ".join)
def test_every_command_tells_in_one_line_that_there_are_no_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """As in a database of a server that was just made. `forum doctor` says so in its report."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "forum.sqlite3").touch()
    refused(command, tmp_path, f"sqlite:///{tmp_path / 'forum.sqlite3'}")


def refused(command: tuple[str, ...], instance: Path, database: str) -> None:
    """Run a command, and see that it says in one line why it does nothing."""
    away = {
        "FORUM_INSTANCE": str(instance),
        "FORUM_DATABASE_URL": database,
        "FORUM_SMTP_URL": "smtp://127.0.0.1:1?starttls=off",
    }
    typed = "a password of some length\n"
    found = CliRunner().invoke(forum, [*command, *NEEDED.get(command, ())], input=typed, env=away)
    assert found.exit_code == 1
    assert found.stderr.startswith("Error: ")
    assert found.stderr.count("\n") == 1
