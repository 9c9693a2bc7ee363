"""Measure an address: one page at a time, with eight connections, and posting one comment after the other."""

from __future__ import annotations

import gzip
import http.client
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.load import CLIENTS, ROUNDS, Asked, rounds

PATIENCE = 60  # seconds one page may take before we give up
TOO_SLOW = 5.0  # seconds for one page; from here eight connections at once would take minutes and say no more
POSTS = 10  # comments in each round


@dataclass(frozen=True)
class Answer:
    """One answer: its body as a reader sees it and as it was sent, and the seconds it took."""

    status: int
    body: bytes
    sent: bytes
    seconds: float


@dataclass(frozen=True)
class Page:
    """One measured page: seconds one at a time, comments on it, requests/s with eight connections, bytes sent, and
    what is wrong with it.
    """

    alone: float | None
    count: int = 0
    rate: float | None = None
    size: int = 0
    wrong: str = ""


@dataclass(frozen=True)
class Posting:
    """The median seconds to accept a comment, and to show the first page after it."""

    accept: float
    first: float | None


def page(address: str, shown: Callable[[bytes], int], expected: int | None, *, loaded: bool) -> Page:
    """Measure a page that must show `expected` comments, or just some; under load too if it is to be `loaded`.

    A page that fails is told, not measured.
    """
    try:
        first = ask(address)
    except TimeoutError:
        return Page(None, wrong=f"no answer in {PATIENCE} s")
    if first.status != 200:
        return Page(None, wrong=f"fails: status {first.status}, after {first.seconds:.0f} s")
    count = shown(first.body)
    if count == 0 or (expected is not None and count != expected):
        return Page(None, count, wrong=f"fails: status 200, {count:,} comments, after {first.seconds:.0f} s")
    slow = first.seconds > 2 * TOO_SLOW
    alone = statistics.median([first.seconds] if slow else [ask(address).seconds for _ in range(ROUNDS)])
    return Page(alone, count, _rate(address, alone) if loaded and alone < TOO_SLOW else None, len(first.sent))


def posting(post: Callable[[int], None], address: str) -> Posting:
    """Post comments one after the other, and now and then ask for the page after it, if there is an address."""
    accepted: list[float] = []
    shown: list[float] = []
    number = 0
    for round_ in range(ROUNDS + 1):
        times = []
        for _ in range(POSTS):
            number += 1
            begun = time.perf_counter()
            post(number)
            times.append(time.perf_counter() - begun)
        if round_:  # the first warms up
            accepted.append(statistics.median(times))
        if address and len(shown) < ROUNDS and sum(shown) < TOO_SLOW:
            shown.append(ask(address).seconds)
    return Posting(statistics.median(accepted), statistics.median(shown) if shown else None)


def ask(address: str) -> Answer:
    """Get an address. Raises TimeoutError."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    begun = time.perf_counter()
    connection.request("GET", target, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    sent = answer.read()
    took = time.perf_counter() - begun
    connection.close()
    body = gzip.decompress(sent) if answer.headers["Content-Encoding"] == "gzip" else sent
    return Answer(answer.status, body, sent, took)


def rates(fast: dict[str, str]) -> dict[str, float]:
    """Return requests/s of fast pages by wrk, which asks for them in turns: what else the machine does hits all."""
    asked = {label: Asked(address, ("Accept-Encoding: gzip",)) for label, address in fast.items()}
    return {label: found.rate for label, found in rounds(asked).items()}


def _rate(address: str, alone: float) -> float:
    """Return requests/s of a slow page with eight clients, median of the rounds.

    It is asked for a fixed number of times, until the last answer is there: what is under way when wrk stops is not
    counted, and would keep a slow server busy in the next round.
    """
    times = max(3 * CLIENTS, min(200, round(6 / alone)))
    with ThreadPoolExecutor(CLIENTS) as clients:
        taken = [_together(clients, address, times) for _ in range(ROUNDS)]
    return times / statistics.median(taken)


def _together(clients: ThreadPoolExecutor, address: str, times: int) -> float:
    begun = time.perf_counter()
    answers = list(clients.map(ask, [address] * times))
    if any(answer.status != 200 for answer in answers):
        raise SystemExit(f"{address} was not always answered")
    return time.perf_counter() - begun
