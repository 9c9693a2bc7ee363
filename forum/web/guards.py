"""What stands in front of a view: rate limits, and who may come in at all."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, make_response, request
from flask_limiter import ApplicationLimit, Limiter
from limits import parse
from werkzeug.wrappers import Response

from forum.config import Settings, make_folder
from forum.policy import Actor, Verdict
from forum.process import settings
from forum.web.limit_storage import SqliteStorage
from forum.web.viewer import viewer

P = ParamSpec("P")
R = TypeVar("R")


def client() -> str:
    """Return the network a visitor asks from: an IPv4 address, or the /64 that one IPv6 household has."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)


def who() -> str:
    """Return the key of a limit: the person, or a visitor's network."""
    person = viewer().id
    return f"person:{person}" if person is not None else f"net:{client()}"


def network() -> str:
    """Return the key of a limit: where somebody asks from, signed in or not."""
    return f"net:{client()}"


def _unlimited() -> bool:
    return not settings().rate_limits


# Asked before anything else of a POST, its CSRF token included: a flood is refused before it stores anything.
EVERY_POST = ApplicationLimit("120 per minute", key_function=network, methods=["POST"], exempt_when=_unlimited)
# A store that fails (no Redis, a full disk) keeps nobody from reading or writing: each process counts by itself
# meanwhile, and asks again after 1, 2, 4 ... 32 seconds.
limiter = Limiter(key_func=who, application_limits=[EVERY_POST], headers_enabled=False, in_memory_fallback_enabled=True)
limiter.logger = logging.getLogger("forum.limits")  # the library's own is silent
# Not who was refused: a network address is nothing for the log, and a flood would fill it.
limiter.logger.addFilter(lambda entry: not str(entry.msg).startswith("ratelimit "))


def init_app(app: Flask, settings: Settings) -> None:
    """Count where all processes of the site count: in Redis, or in a small SQLite file beside the database."""
    make_folder(settings.instance)  # exports and imports are put there for a while, too
    address, options = _counters(settings)
    app.config.update(
        RATELIMIT_STORAGE_URI=address,
        RATELIMIT_STORAGE_OPTIONS=options,
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_SWALLOW_ERRORS=True,
    )
    limiter.init_app(app)


def _counters(settings: Settings) -> tuple[str, dict[str, Any]]:
    if not settings.redis_url:
        return f"{SqliteStorage.STORAGE_SCHEME[0]}://{settings.instance.resolve() / 'limits.sqlite3'}", {}
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # Redis can be done without, so nobody waits for it: a server in the same house answers in a thousandth of this. One
    # more try, because a server that was started anew leaves a dead connection; the library's own would take seconds.
    waits = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25, "retry": Retry(NoBackoff(), 1)}
    address = settings.redis_url.replace("unix://", "redis+unix://", 1)  # the library's name for a socket
    return address, {**waits, "key_prefix": f"forum-limit:{settings.mark}"}


def counts_together() -> bool:
    """Tell whether limits are counted where all processes count, or cannot be at this moment."""
    try:
        return not limiter.enabled or limiter.storage.check()
    except limiter.storage.base_exceptions:
        return False


def limited(
    rate: str, by: Callable[[], str] = who, when: Callable[[], bool] = lambda: True, method: str = "POST"
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Refuse a POST with 429 when it comes more often than `rate` ("10 per minute"), counted by person or network.

    `when` says which requests count; the others are let through. A page that costs much is counted by `method` GET.
    """
    decorate: Callable[[Callable[P, R]], Callable[P, R]] = limiter.limit(
        rate, key_func=by, methods=[method], exempt_when=lambda: _unlimited() or not when()
    )
    return decorate


def spare(rate: str, key: str) -> bool:
    """Count something, and tell whether it stays within `rate`. The caller decides what then is left out in silence."""
    if _unlimited():
        return True
    try:
        return limiter.limiter.hit(parse(rate), key)
    except limiter.storage.base_exceptions:
        return True  # as `limited` does where the store fails


def private(verdict: Callable[[Actor], Verdict]) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Let a view be reached only by those for whom `verdict` (a rule of policy) says yes; never cached."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            verdict(viewer()).require()
            response = make_response(view(*args, **kwargs))
            response.headers["Cache-Control"] = "private, no-store"
            return response

        return guarded

    return decorate
