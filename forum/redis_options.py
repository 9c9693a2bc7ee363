"""How this program asks Redis or Valkey: briefly. Whatever is there can be done without, so nobody waits for it."""

from __future__ import annotations

from typing import Any

SECONDS = 0.25  # a server in the same house answers in a thousandth of that


def options() -> dict[str, Any]:
    """Return what every client is made with: short waits, and one more try on a fresh connection.

    The library's own are three more tries with pauses of seconds between them, in which a reader would wait.
    """
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # One more try: the server was started anew, and the first connection of the pool is a dead one.
    return {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "retry": Retry(NoBackoff(), 1)}
