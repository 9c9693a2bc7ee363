"""Processes of the machine that has the test's folder, and of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from forum import create_app, db
from tests.cast import Cast
from tests.keeper.machines import Machine, Make, Row


@pytest.fixture
def row(database: str) -> Iterator[Row]:
    """Be the row of the table."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield Row(connection)


@pytest.fixture
def machine(cast: Cast, tmp_path: Path) -> Iterator[Make]:
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
def here(machine: Make) -> Machine:
    """Be a process of the machine that is the keeper, as the first that reads of a new site is."""
    made = machine()
    made.version()
    assert made.remembers()
    return made
