"""A second, empty site beside the cast's, on the same kind of database."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from forum import config, create_app, db


@pytest.fixture
def empty(database: str, settings: config.Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """Yield an app on an empty, migrated database; enter its context to act there."""
    folder = tmp_path / "empty"
    folder.mkdir()
    if database.startswith("sqlite"):
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "forum.sqlite3")
        url = f"sqlite:///{folder / 'forum.sqlite3'}"
    else:
        running, name = request.getfixturevalue("cluster"), f"test_{uuid.uuid4().hex[:12]}"
        running.create(name, request.getfixturevalue("postgres_template"))
        url = running.url(name)
    app = create_app(replace(settings, instance=folder, database_url=url))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine().dispose()
