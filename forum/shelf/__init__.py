"""The second level of the page cache: shared by processes, there again after a restart, and never needed.

Keys are the caller's and name everything a value depends on, versions first of all, so a value is never wrong, only
forgotten. With Redis it stands there, without it in a file of its own in the instance folder; whatever goes wrong with
either is a miss.
"""

from __future__ import annotations

from typing import Protocol

from forum.config import Settings
from forum.shelf.in_file import SqliteShelf
from forum.shelf.in_redis import RedisShelf
from forum.shelf.sealed import Sealed, program_mark

__all__ = ["BUDGET", "FILE", "RedisShelf", "Sealed", "Shelf", "SqliteShelf", "make"]

FILE = "pages.sqlite3"  # in the instance folder
BUDGET = 128 * 1024 * 1024  # bytes on disk: some thousand pages


class Shelf(Protocol):
    """Keep bytes under a key, and perhaps have them still when asked; safe between threads."""

    def get(self, key: str) -> bytes | None: ...
    def put(self, key: str, value: bytes) -> None: ...
    def close(self) -> None: ...


def make(settings: Settings) -> Sealed:
    """Return the shelf of this process: in Redis where there is one, else in the instance folder.

    `settings` need their secret key. Nothing is opened before the first use, so that a process may fork after this.
    """
    inner: Shelf
    if settings.redis_url:
        inner = RedisShelf(settings.redis_url)
    else:
        inner = SqliteShelf(settings.instance.resolve() / FILE, BUDGET)
    return Sealed(inner, settings, program_mark())
