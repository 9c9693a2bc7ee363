"""The server ends a thread that had no request for a while. Nothing that belonged to the thread may end the process."""

from __future__ import annotations

import http.client
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import psutil
import pytest

from tests.cast import Cast
from tests.test_serve import wait_for
from tests.test_workers import on, serving, workers

WORKERS = 10  # each is one try
IDLE_SECONDS = 5  # the shortest that the server takes
PATIENCE = 40


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_ten_workers_outlive_their_idle_threads(cast: Cast, tmp_path) -> None:
    """40 requests at once begin a process's threads, two slow senders hold them on; then they end, all but one."""
    settings = {"FORUM_THREAD_IDLE_SECONDS": str(IDLE_SECONDS), **on(cast)}
    with serving(tmp_path, "--workers", str(WORKERS), **settings) as (process, base):
        page = f"{base}/articles/{cast.article.slug}"
        wait_for(process, page)
        before = workers(process, WORKERS)
        with ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(lambda _: status(page), range(40 * WORKERS)))
        assert set(answers) == {200}
        busy = threads(before)
        with ExitStack() as senders:
            for _ in range(2 * WORKERS):
                senders.enter_context(slow_sender(base))
            ended = time.monotonic() + PATIENCE
            while threads(before) > busy - WORKERS and time.monotonic() < ended:
                time.sleep(0.2)
        assert workers(process, WORKERS) == before
        assert {status(page) for _ in range(40)} == {200}


def status(address: str) -> int:
    """Return how a page is answered, on a connection of its own."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def slow_sender(base: str) -> socket.socket:
    """Begin a POST whose text does not come."""
    parts = urlsplit(base)
    sender = socket.create_connection((str(parts.hostname), parts.port), timeout=PATIENCE)
    sender.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nusername=")
    return sender


def threads(pids: list[int]) -> int:
    """Return how many threads these processes have."""
    return sum(process.num_threads() for process in psutil.process_iter() if process.pid in pids)
