"""Fixtures: a fresh database per test on SQLite and on PostgreSQL, the app on it, and the cast."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from hypothesis import HealthCheck
from jinja2 import FileSystemBytecodeCache

from forum import config, create_app, db, schema
from tests import kinds, warm
from tests.cast import Cast
from tests.postgres import Cluster, Reused

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

# A busy machine is no fault of what is tested.
hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.load_profile("any machine")
warm.share_what_is_compiled()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option that runs each set of a test's values on both kinds of database."""
    parser.addoption("--each-set", action="store_true", help="run each set of a test's values on both databases")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run each test on both kinds of database, but its sets of values in turn."""
    if not config.getoption("--each-set"):
        items[:], others = kinds.in_turn(items)
        config.hook.pytest_deselected(items=others)


def pytest_collection_finish() -> None:
    """Keep the collector of garbage off what stays to the end: its rounds were a fifth of an ordinary test's time."""
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> config.Settings:
    """Return the settings every test's own are made from."""
    return config.Settings(
        instance=tmp_path_factory.mktemp("instance"),
        secret_key="tests only",
        rate_limits=False,
        lock_seconds=60,
        database_seconds=60,
    )


@pytest.fixture(scope="session")
def sqlite_template(settings: config.Settings) -> Path:
    """Return the file of a migrated SQLite database, to copy."""
    path = settings.instance / "template.sqlite3"
    _migrate(replace(settings, database_url=f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Yield a PostgreSQL server of this test run's own, with a migrated template database."""
    with Cluster() as running:
        running.create("template")
        yield running


@pytest.fixture(scope="session")
def postgres_template(cluster: Cluster, settings: config.Settings) -> str:
    """Return the name of a migrated PostgreSQL database to copy."""
    _migrate(replace(settings, database_url=cluster.url("template")))
    return "template"


@pytest.fixture(scope="session")
def reused(cluster: Cluster, postgres_template: str) -> Iterator[Reused]:
    """Yield the PostgreSQL database that one test after another gets, as if it were new."""
    with closing(Reused(cluster, postgres_template)) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a fresh, migrated database; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "forum.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    reused = request.getfixturevalue("reused")
    yield reused.take()
    reused.give_back()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Return where Jinja keeps compiled templates: to compile them for each app takes as long as to make the app."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture
def app(database: str, settings: config.Settings, tmp_path: Path, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """Yield the app on a fresh database that is set up, inside its context."""
    made = create_app(replace(settings, instance=tmp_path, database_url=database))
    made.jinja_env.bytecode_cache = compiled
    with made.app_context():
        warm.share_statements(db.engine())
        yield made
        db.session.remove()
        db.engine().dispose()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """Return a site that is set up, with the people of `tests/cast.py` and one article by Ida."""
    return Cast(app)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real exports and attack corpora; skips where it is absent, as on a user's machine."""
    if not SHARED.is_dir():
        pytest.skip(f"real data is not on this machine: {SHARED.name} beside the checkout is missing")
    return SHARED


def _migrate(settings: config.Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        schema.upgrade()
        db.engine().dispose()
