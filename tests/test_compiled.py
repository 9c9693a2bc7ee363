"""Compiled templates: kept from one start to the next, and never in the way of a page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import bc_magic

from forum import config, create_app
from forum.cli.compiled import FOLDER, keep

TEMPLATE = "_fields.html"


def started(instance: Path) -> Flask:
    app = create_app(config.Settings(instance=instance, database_url="sqlite:///:memory:"))
    keep(app, instance)
    return app


def draws(app: Flask) -> bool:
    return bool(app.jinja_env.get_template(TEMPLATE).root_render_func)


def test_what_one_start_compiled_the_next_one_runs(tmp_path: Path) -> None:
    assert draws(started(tmp_path))
    (file,) = (tmp_path / FOLDER).iterdir()
    before = file.stat().st_ino, file.read_bytes()
    assert draws(started(tmp_path))
    # What is compiled anew is written to a new file.
    (file,) = (tmp_path / FOLDER).iterdir()
    assert (file.stat().st_ino, file.read_bytes()) == before


def test_only_its_owner_can_write_what_is_run(tmp_path: Path) -> None:
    started(tmp_path)
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", [b"", b"other", bc_magic, bc_magic + b"\x80\x02", bc_magic + b"cos\nnothing\n."])
def test_a_damaged_file_counts_as_none(tmp_path: Path, damage: bytes) -> None:
    assert draws(started(tmp_path))
    (file,) = (tmp_path / FOLDER).iterdir()
    whole = file.read_bytes()
    for left in (damage, whole[:-40]):
        file.write_bytes(left)
        assert draws(started(tmp_path))
        assert len(file.read_bytes()) == len(whole)


def test_a_template_that_changed_is_compiled_anew(tmp_path: Path) -> None:
    app = started(tmp_path)
    folder = tmp_path / "other"
    folder.mkdir()
    loader: Any = type(app.jinja_loader)
    for words in ("before", "afterwards"):
        (folder / TEMPLATE).write_text(words)
        made = app.jinja_env.overlay(loader=loader(str(folder)), cache_size=0)
        assert made.get_template(TEMPLATE).render() == words


def test_where_none_can_be_kept_pages_are_drawn_all_the_same(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_bytes(b"a file where the folder would be")
    assert draws(started(tmp_path))
    assert (tmp_path / FOLDER).is_file()


def test_no_damage_to_a_byte_is_run(tmp_path: Path) -> None:
    """A disk that loses power leaves zeros; code with another byte may be valid and end the process."""
    assert draws(started(tmp_path))
    (file,) = (tmp_path / FOLDER).iterdir()
    whole = file.read_bytes()
    for place in range(0, len(whole), 97):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert draws(started(tmp_path))
        assert file.read_bytes() == whole, place
    assert len(list((tmp_path / FOLDER).iterdir())) == 1


@pytest.mark.parametrize("others", ["may write", "own it", "lead elsewhere"])
def test_nothing_is_run_from_a_folder_that_others_can_change(tmp_path: Path, others: str) -> None:
    folder, elsewhere = tmp_path / FOLDER, tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    if others == "lead elsewhere":
        folder.symlink_to(elsewhere)
    else:
        folder.mkdir()
        folder.chmod(0o777 if others == "may write" else 0o700)
    if others == "own it":
        if os.geteuid() != 0:
            return  # only root can give a folder away
        os.chown(folder, 12345, 12345)
    app = started(tmp_path)
    assert app.jinja_env.bytecode_cache is None
    assert draws(app)
    assert list(folder.iterdir()) == []
