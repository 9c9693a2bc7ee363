"""Fixtures: Chromium, the demo as a file to copy, and sites that are served."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.running import Visit, chromium, fill, served


@dataclass(frozen=True)
class Site:
    """A site that is served: where, and on what."""

    address: str
    instance: Path
    database: str


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield Debian's Chromium."""
    with sync_playwright() as playwright:
        started = chromium(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a SQLite database with the demo in it, to copy."""
    instance = tmp_path_factory.mktemp("demo")
    fill(instance, f"sqlite:///{instance / 'demo.sqlite3'}")
    return instance / "demo.sqlite3"


@pytest.fixture(scope="module")
def shown(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Yield a demo site for tests that only look at it."""
    with _site(demo_file, tmp_path_factory.mktemp("shown")) as site:
        yield site


@pytest.fixture
def fresh(demo_file: Path, tmp_path: Path) -> Iterator[Site]:
    """Yield a demo site of one test's own, on SQLite."""
    with _site(demo_file, tmp_path) as site:
        yield site


@pytest.fixture
def fresh_on_postgres(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """Yield a demo site of one test's own, on PostgreSQL."""
    cluster = request.getfixturevalue("cluster")
    name = f"browser_{uuid.uuid4().hex[:12]}"
    cluster.create(name)
    database = cluster.url(name)
    fill(tmp_path, database)
    with served(tmp_path, database) as address:
        yield Site(address, tmp_path, database)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open windows that are closed when the test is over: `visit(site, viewport=...)`."""
    with ExitStack() as windows:

        def open_window(site: Site, **options: object) -> Visit:
            made = Visit(browser, site.address, **options)
            windows.callback(made.close)
            return made

        yield open_window


@contextmanager
def _site(demo_file: Path, instance: Path) -> Iterator[Site]:
    shutil.copy(demo_file, instance / "forum.sqlite3")
    database = f"sqlite:///{instance / 'forum.sqlite3'}"
    with served(instance, database) as address:
        yield Site(address, instance, database)
