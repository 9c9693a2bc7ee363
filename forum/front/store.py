"""A cache inside one process: by key, for one version, within a budget of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar

from forum.clock import now

BUDGET = 16 * 1024 * 1024  # bytes of all that one process keeps
OVERHEAD = 2000  # bytes of the objects around an entry: key, version, headers, the entry itself


class Kept(Protocol):
    """What a store can keep: it knows the bytes it refers to, and the moment at which the clock changes it."""

    @property
    def size(self) -> int: ...
    @property
    def until(self) -> datetime | None: ...


T = TypeVar("T", bound=Kept)


class Store:
    """Things kept under a key, each for one version; the least recently used goes first. Safe between threads.

    The invariant: a thing is returned only for the version under which it was put. So a reader who
    asks for the version that was just read from the database never gets an older thing. If you keep a thing that
    depends on anything else, also put that into its key or version, else readers get what another should have got.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget, self.held = budget, 0
        self._entries: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._building: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, version: Hashable) -> Any | None:
        """Return what is kept under a key for this version, unless the clock has changed it."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry[0] != version:
                return None
            self._entries.move_to_end(key)
        until: datetime | None = entry[1].until
        return None if until is not None and until <= now() else entry[1]

    def put(self, key: Hashable, version: Hashable, thing: Kept) -> None:
        """Keep a thing instead of the one of another version; a thing larger than the whole budget is not kept."""
        with self._lock:
            self._drop(key)
            if thing.size + OVERHEAD > self._budget:
                return
            self._entries[key] = version, thing
            self.held += thing.size + OVERHEAD
            while self.held > self._budget:
                self._drop(next(iter(self._entries)))

    def get_or_build(
        self, key: Hashable, version: Hashable, build: Callable[[], T | None], again: Callable[[], Hashable]
    ) -> T | None:
        """Return what is kept, or build it once while other threads wait for it.

        What `build` returns is kept, unless it is None, or `again`, which asks for the version once more, says that
        somebody wrote meanwhile: the thing may be newer than its version, and a restored backup would show that again.
        """
        if (found := self.get(key, version)) is None:
            with self._one_builder((key, version)):
                if (found := self.get(key, version)) is None and (found := build()) is not None and again() == version:
                    self.put(key, version, found)
        return found

    def _drop(self, key: Hashable) -> None:
        if (entry := self._entries.pop(key, None)) is not None:
            self.held -= entry[1].size + OVERHEAD

    @contextmanager
    def _one_builder(self, what: Hashable) -> Iterator[None]:
        # A write makes a hundred readers ask for the same page at once.
        with self._lock:
            turn = self._building.setdefault(what, threading.Lock())
        try:
            with turn:
                yield
        finally:
            with self._lock:
                self._building.pop(what, None)
