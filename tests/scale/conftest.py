"""A Redis of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.redis_server import RedisServer


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """Be a fresh Redis or Valkey server."""
    with RedisServer() as running:
        yield running
