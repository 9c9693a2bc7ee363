"""`forum export` and `forum import` as somebody types them: exit status, files, messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from tests.cast import Cast
from tests.transfer import scene
from tests.transfer.test_import_wxr import blog, comment, item


@pytest.fixture
def forum(app: Flask, database: str, tmp_path: Path) -> Forum:
    """Be the command, on the test's database."""
    return Forum(database, tmp_path)


class Forum:
    """Run `forum ...` in a process of its own."""

    def __init__(self, database: str, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
        self.environment = {**kept, "FORUM_INSTANCE": str(folder), "FORUM_DATABASE_URL": database}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-c", "from forum.cli import main; main()", *arguments]
        return subprocess.run(command, capture_output=True, env=self.environment, timeout=120, check=False)


def test_export_writes_a_file_or_standard_output(cast: Cast, forum: Forum) -> None:
    scene.furnish(cast)
    wanted, path = scene.taken_out(), forum.folder / "site.jsonl"
    assert forum("export", "--format", "jsonl", "-o", str(path)).returncode == 0
    assert path.read_bytes() == wanted
    assert forum("export", "--format", "jsonl", "-o", "-").stdout == wanted


def test_export_of_one_article_for_reading(cast: Cast, forum: Forum) -> None:
    scene.furnish(cast)
    done = forum("export", "--article", cast.article.slug, "--format", "html", "-o", "-")
    assert done.stdout == scene.taken_out(cast.article.slug, "html")


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


def test_import_says_what_came_in(cast: Cast, forum: Forum) -> None:
    path = forum.folder / "export.xml"
    path.write_bytes(blog(item(comment(1))))
    trial = forum("import", "wxr", str(path), "--dry-run")
    assert trial.returncode == 0
    assert b"nothing was written" in trial.stdout
    done = forum("import", "wxr", str(path), "--json")
    assert json.loads(done.stdout)["added"] == {"article": 1, "comment": 1, "person": 1}
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


def test_wrong_usage_ends_with_2(forum: Forum) -> None:
    assert forum("import", "docx", "x").returncode == 2
    assert forum("export", "--format", "docx", "-o", "-").returncode == 2
    assert forum("export", "--format", "jsonl").returncode == 2
