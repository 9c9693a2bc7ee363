"""A Redis of the test's own, and databases on PostgreSQL that may live as long as a test or a file of tests."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.postgres import Cluster
from tests.redis_server import RedisServer

Fresh = Callable[[], str]


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """Yield a fresh Redis or Valkey server."""
    with RedisServer() as running:
        yield running


@pytest.fixture(scope="module")
def fresh(cluster: Cluster, postgres_template: str) -> Iterator[Fresh]:
    """Yield what makes a migrated database and returns its address; all are dropped after the file."""
    names: list[str] = []

    def make() -> str:
        names.append(f"scale_{uuid.uuid4().hex[:12]}")
        cluster.create(names[-1], postgres_template)
        return cluster.url(names[-1])

    yield make
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
