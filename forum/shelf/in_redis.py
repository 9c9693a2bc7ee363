"""The shelf in Redis or Valkey, for sites of more than one machine."""

from __future__ import annotations

import logging
import time

from forum import redis_options

log = logging.getLogger("forum")
DAY = 24 * 3600  # seconds a value stays at most: a bound for what nobody thought of naming in a key
PAUSE = 5.0  # seconds in which a server that did not answer is not asked again
QUIET = 60.0  # seconds between two words in the log about one trouble


class RedisShelf:
    """Keep values for a day; a server that does not answer is left alone for some seconds."""

    def __init__(self, url: str) -> None:
        import redis

        self._client = redis.Redis.from_url(url, **redis_options.options())
        self._unreachable = (redis.ConnectionError, redis.TimeoutError)
        self._failed = redis.RedisError
        self._asleep = self._quiet = 0.0  # until these moments of the monotonic clock

    def get(self, key: str) -> bytes | None:
        """Return what is kept under a key, or None."""
        if time.monotonic() < self._asleep:
            return None
        try:
            found = self._client.get(key)
        except self._failed as error:
            self._note(error)
            return None
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes) -> None:
        """Keep a value; the server lets go of it earlier where its memory is full."""
        if time.monotonic() < self._asleep:
            return
        try:
            self._client.set(key, value, ex=DAY)
        except self._failed as error:
            self._note(error)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _note(self, error: Exception) -> None:
        moment = time.monotonic()
        # A full or a read-only server answers, and may yet be read from.
        if isinstance(error, self._unreachable):
            self._asleep = moment + PAUSE
        if moment >= self._quiet:
            self._quiet = moment + QUIET
            log.warning("the shelf of pages in Redis: %s", error)
