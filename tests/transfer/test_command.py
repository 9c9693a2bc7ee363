"""`forum export` and `forum import` as somebody types them: exit status, files, messages."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from forum import db
from forum.cli import forum as command
from forum.db import Hold
from tests.cast import Cast
from tests.transfer import scene
from tests.transfer.test_import_wxr import blog, comment, item


@pytest.fixture
def forum(app: Flask, database: str, tmp_path: Path) -> Forum:
    """Return the command, on the test's database."""
    return Forum(database, tmp_path)


class Forum:
    """Run `forum ...` in this process; `alone` in one of its own, for what only a process has: a file descriptor, a
    limit of the system's, an exit status.
    """

    def __init__(self, database: str, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
        self.environment = {**kept, "FORUM_INSTANCE": str(folder), "FORUM_DATABASE_URL": database}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        done = CliRunner().invoke(command, arguments, env=self.environment)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout_bytes, done.stderr_bytes)

    def alone(self, *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
        """Run it in a process of its own."""
        command = [sys.executable, "-c", "from forum.cli import main; main()", *arguments]
        return subprocess.run(
            command, stdout=stdout, stderr=subprocess.PIPE, env=self.environment, timeout=300, check=False
        )


def test_export_writes_a_file_or_standard_output(cast: Cast, forum: Forum) -> None:
    scene.furnish(cast)
    wanted, path = scene.taken_out(), forum.folder / "site.jsonl"
    assert forum("export", "--format", "jsonl", "-o", str(path)).returncode == 0
    assert path.read_bytes() == wanted
    assert forum.alone("export", "--format", "jsonl", "-o", "-").stdout == wanted


def test_export_of_one_article_for_reading(cast: Cast, forum: Forum) -> None:
    scene.furnish(cast)
    done = forum.alone("export", "--article", cast.article.slug, "--format", "html", "-o", "-")
    assert done.stdout == scene.taken_out(cast.article.slug, "html")


@pytest.mark.parametrize("typed", ["tom", "TOM", "Tom"])
def test_export_of_one_person_takes_either_name_as_it_is_typed(cast: Cast, forum: Forum, typed: str) -> None:
    scene.furnish(cast)
    wanted, path = scene.taken_out(None, "csv", person="tom"), forum.folder / "tom.csv"
    assert forum("export", "--person", typed, "--format", "csv", "-o", str(path)).returncode == 0
    assert path.read_bytes() == wanted


def test_a_failed_export_leaves_what_was_there(cast: Cast, forum: Forum) -> None:
    path = forum.folder / "kept.jsonl"
    path.write_text("what was there")
    done = forum("export", "--article", "nowhere", "--format", "jsonl", "-o", str(path))
    assert done.returncode == 1
    assert b"nowhere" in done.stderr
    assert path.read_text() == "what was there"
    assert not list(forum.folder.glob("*.part")) + list(forum.folder.glob(".*.part"))


def test_a_file_that_cannot_be_written_is_told(cast: Cast, forum: Forum) -> None:
    done = forum("export", "--format", "jsonl", "-o", str(forum.folder / "no-folder" / "x.jsonl"))
    assert done.returncode == 1
    assert b"cannot be written" in done.stderr


def test_a_pipe_is_written_into_and_stays_one(cast: Cast, forum: Forum) -> None:
    scene.furnish(cast)
    path = forum.folder / "pipe"
    os.mkfifo(path)
    with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as reading:
        assert forum("export", "--format", "jsonl", "-o", str(path)).returncode == 0
        assert reading.communicate(timeout=60)[0] == scene.taken_out()
    assert path.is_fifo()


def test_what_stands_in_a_file_that_a_shell_adds_to_stays(cast: Cast, forum: Forum) -> None:
    scene.furnish(cast)
    path = forum.folder / "all.jsonl"
    path.write_bytes(b"before ")
    with path.open("ab") as added:
        done = forum.alone("export", "--format", "jsonl", "-o", "/dev/stdout", stdout=added.fileno())
    assert done.returncode == 0
    assert path.read_bytes() == b"before " + scene.taken_out()


def test_a_link_goes_on_leading_where_it_led(cast: Cast, forum: Forum) -> None:
    scene.furnish(cast)
    path, link = forum.folder / "site.jsonl", forum.folder / "newest.jsonl"
    path.write_text("what was there")
    link.symlink_to(path)
    assert forum("export", "--format", "jsonl", "-o", str(link)).returncode == 0
    assert link.is_symlink()
    assert path.read_bytes() == scene.taken_out()


def test_import_says_what_came_in(cast: Cast, forum: Forum) -> None:
    path = forum.folder / "export.xml"
    path.write_bytes(blog(item(comment(1), content='<img src="/map.png">')))
    trial = forum("import", "wxr", str(path), "--dry-run")
    assert trial.returncode == 0
    assert b"nothing was written" in trial.stdout
    assert trial.stderr.startswith(b"The site: The Reading Room, in ")
    done = forum("import", "wxr", str(path), "--json")
    assert json.loads(done.stdout)["added"] == {"article": 1, "comment": 1, "person": 1}
    assert json.loads(done.stdout)["examples"] == {"pictures": ["The quay"], "relative-links": ["The quay"]}
    again = forum("import", "wxr", str(path))
    assert b"Nothing was added." in again.stdout


def test_a_file_that_is_wrong_ends_with_1_and_its_line(cast: Cast, forum: Forum) -> None:
    before = scene.everything()
    path = forum.folder / "export.xml"
    path.write_bytes(blog(item()).replace(b"</item>", b"</items>"))
    done = forum("import", "wxr", str(path))
    assert done.returncode == 1
    assert b"Line 4: this is not well-formed XML" in done.stderr
    assert scene.everything() == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # it is not asked
def test_wrong_usage_ends_with_2(forum: Forum) -> None:
    assert forum("import", "docx", "x").returncode == 2
    assert forum("export", "--format", "docx", "-o", "-").returncode == 2
    assert forum("export", "--format", "jsonl").returncode == 2


def could_not(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the one line with which a command said that it could not."""
    assert done.returncode == 1
    *others, line = done.stderr.decode().splitlines()
    assert not [other for other in others if not other.startswith("The site: ")]
    assert line.startswith("Error: ")
    return line


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """Let no file of this process and its children grow beyond `size` bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_export_to_a_full_disk_is_told(cast: Cast, forum: Forum) -> None:
    scene.furnish(cast)
    with open("/dev/full", "wb") as full:
        done = forum.alone("export", "--format", "jsonl", "-o", "-", stdout=full.fileno())
    assert "cannot be written" in could_not(done)


def test_export_into_a_file_on_a_full_disk_leaves_what_was_there(cast: Cast, forum: Forum) -> None:
    scene.many(cast.article, 200)
    path = forum.folder / "kept.jsonl"
    path.write_text("what was there")
    with file_limit(30_000):
        done = forum.alone("export", "--format", "jsonl", "-o", str(path))
    assert "cannot be written" in could_not(done)
    assert path.read_text() == "what was there"
    assert not list(forum.folder.glob(".*.part"))


@pytest.mark.parametrize(
    "number", [30, 3_000]
)  # the first fails in SQLite's file, the second before, in the staging area
def test_import_on_a_full_disk_is_told_and_writes_nothing(cast: Cast, forum: Forum, database: str, number: int) -> None:
    before = scene.everything()
    path = forum.folder / "export.xml"
    path.write_bytes(blog(item("".join(comment(id, content="word " * 50) for id in range(1, number)))))
    with file_limit(60_000):
        done = forum.alone("import", "wxr", str(path))
    if number > 30 or database.startswith("sqlite"):
        could_not(done)
        assert scene.everything() == before
    else:
        assert done.returncode == 0  # PostgreSQL's files are another process's


def test_import_into_a_locked_database_is_told(cast: Cast, forum: Forum) -> None:
    path = forum.folder / "export.xml"
    path.write_bytes(blog(item(comment(1))))
    forum.environment["FORUM_LOCK_SECONDS"] = "1"
    db.lock(site=Hold.EXCLUSIVE)
    done = forum("import", "wxr", str(path))
    db.rollback()
    assert "try again" in could_not(done)
    assert forum("import", "wxr", str(path)).returncode == 0


def test_export_of_a_locked_database_does_not_wait(cast: Cast, forum: Forum) -> None:
    wanted = scene.taken_out()
    db.lock(site=Hold.EXCLUSIVE)
    done = forum.alone("export", "--format", "jsonl", "-o", "-")
    db.rollback()
    assert done.stdout == wanted


@pytest.mark.parametrize("arguments", [("export", "--format", "jsonl", "-o", "-"), ("import", "jsonl", "-")])
def test_a_missing_database_is_told_and_not_made(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = Forum(f"sqlite:///{tmp_path / 'none.sqlite3'}", tmp_path).alone(*arguments)
    assert "forum init" in could_not(done)
    assert not (tmp_path / "none.sqlite3").exists()


@pytest.mark.parametrize("arguments", [("import", "jsonl", "-"), ("user", "list"), ("search", "rebuild")])
def test_a_mistyped_folder_is_left_as_it_was(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    folder = tmp_path / "mistyped"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
    done = CliRunner().invoke(command, arguments, env={**kept, "FORUM_INSTANCE": str(folder)})
    assert (done.exit_code, folder.exists()) == (1, False)
    assert "forum init" in done.stderr


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    nowhere = Forum(f"postgresql+psycopg://nobody@/none?host={tmp_path}", tmp_path)
    could_not(nowhere.alone("export", "--format", "jsonl", "-o", "-"))


@pytest.mark.parametrize("name", ["no-such-file", ".", "/proc/self/mem"])
def test_a_file_that_cannot_be_read_is_told(cast: Cast, forum: Forum, name: str) -> None:
    before = scene.everything()
    could_not(forum("import", "jsonl", str(forum.folder / name)))
    assert scene.everything() == before
