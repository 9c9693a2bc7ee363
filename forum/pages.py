"""The cache of finished pages: built once a version, sent as often as they are asked for.

A key names everything a page depends on: path and canonical query, the site's version and the article's. Versions are
read from the database on every request, so no other process has to tell this one anything and nobody is served an
older page than the one just read. What changes by the clock (`until`) is not used past that moment.
"""

from __future__ import annotations

import hashlib
import json
import threading
import zlib
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Generic, Protocol, TypeVar

from forum.clock import now
from forum.splice import part, spliced

BUDGET = 8 * 1024 * 1024  # bytes of each of a process's three stores: the pages everybody reads at the moment


class Kept(Protocol):
    """Be what the store keeps."""

    @property
    def size(self) -> int: ...
    @property
    def until(self) -> datetime | None: ...


T = TypeVar("T", bound=Kept)


@dataclass(frozen=True)
class Answer:
    """Be one form of a finished page, ready to be sent; `etag` is strong: it names these very bytes."""

    etag: str
    headers: tuple[tuple[str, str], ...]
    short: tuple[tuple[str, str], ...]  # the headers of a 304
    body: bytes


@dataclass(frozen=True)
class Finished:
    """Be one finished page, plain and gzipped."""

    plain: Answer
    gzipped: Answer
    until: datetime | None

    @property
    def size(self) -> int:
        """Return the bytes it takes."""
        return len(self.plain.body) + len(self.gzipped.body)


@dataclass(slots=True)
class _Held(Generic[T]):
    """Be something kept, and when it was last asked for."""

    thing: T
    asked: int


class Store(Generic[T]):
    """Keep finished things up to a budget of bytes, the least recently used going first; safe between threads."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget, self.held = budget, 0
        self._things: dict[Hashable, _Held[T]] = {}
        self._asked = count()
        self._lock = threading.Lock()
        self._building: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable) -> T | None:
        """Return what is kept under a key, unless its moment has passed."""
        # Without the lock, and looked up once: a key may be a whole thread.
        held = self._things.get(key)
        if held is None or (held.thing.until is not None and held.thing.until <= now()):
            return None
        held.asked = next(self._asked)
        return held.thing

    def put(self, key: Hashable, thing: T) -> None:
        """Keep something, and let go of the oldest beyond the budget; what is larger than all of it is not kept."""
        if thing.size > self._budget:
            return
        with self._lock:
            if (old := self._things.pop(key, None)) is not None:
                self.held -= old.thing.size
            self._things[key] = _Held(thing, next(self._asked))
            self.held += thing.size
            if self.held > self._budget:
                self._let_go()

    def _let_go(self) -> None:
        """Let go of a tenth, for finding out which were used last takes a look at all."""
        for key, held in sorted(self._things.items(), key=lambda item: item[1].asked):
            if self.held <= self._budget * 0.9:
                return
            del self._things[key]
            self.held -= held.thing.size

    def get_or_build(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return what is kept, or build it once while others wait for it."""
        if (found := self.get(key)) is not None:
            return found
        with self.building(key):
            if (found := self.get(key)) is None:
                found = build()
                self.put(key, found)
            return found

    @contextmanager
    def building(self, key: Hashable) -> Iterator[None]:
        """Let one thread at a time build a page; a write makes a hundred readers ask for it at once."""
        with self._lock:
            turn = self._building.setdefault(key, threading.Lock())
        try:
            with turn:
                yield
        finally:
            with self._lock:
                self._building.pop(key, None)


def finished(
    headers: list[tuple[str, str]], plain: bytes, until: datetime | None, gzipped: bytes | None = None
) -> Finished:
    """Make an answer ready to be sent: gzip it, unless that was done on the way, and name its bytes."""
    kept = [(name, value) for name, value in headers if name.lower() not in ("content-length", "etag")]
    gzipped = spliced(part(plain)) if gzipped is None else gzipped
    mark = hashlib.sha256(gzipped).hexdigest()[:24]  # of both: equal when unpacked only if equal before
    packed = [*kept, ("Content-Encoding", "gzip")]
    return Finished(_answer(f'"{mark}"', kept, plain), _answer(f'"{mark}-gzip"', packed, gzipped), until)


def _answer(etag: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
    named = [*headers, ("ETag", etag)]
    # RFC 9110, 15.4.5: a 304 says nothing of the content that is not sent.
    short = tuple(item for item in named if item[0] not in ("Content-Type", "Content-Encoding"))
    return Answer(etag, (*named, ("Content-Length", str(len(body)))), short, body)


def packed(page: Finished) -> bytes:
    """Return a page as bytes for the shelf: what it is named and until when, then its gzipped form."""
    until = page.until.isoformat() if page.until else None
    about = {"etag": page.plain.etag, "headers": page.plain.headers, "until": until}
    return json.dumps(about).encode() + b"\x00" + page.gzipped.body


def unpacked(raw: bytes) -> Finished | None:
    """Return a page from the shelf's bytes, None where they are none."""
    try:
        head, _, gzipped = raw.partition(b"\x00")
        about = json.loads(head)
        until = datetime.fromisoformat(about["until"]) if about["until"] else None
        headers = [(str(name), str(value)) for name, value in about["headers"]]
        page = finished(headers, zlib.decompress(gzipped, 31), until, gzipped)
    except (ValueError, KeyError, TypeError, zlib.error):
        return None
    return page if page.plain.etag == about["etag"] else None
