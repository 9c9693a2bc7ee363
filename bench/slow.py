"""Clients that send a form slowly: how many readers are served meanwhile, and who loses patience with them?"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench import load
from bench.load import CLIENTS, Asked
from bench.running import Running
from bench.site import Planted

LENGTH = 100_000  # bytes promised
EVERY = 0.1  # seconds between two bytes
PATIENCE = 45.0  # seconds; a server that has not hung up by then waits for ever, as far as a site is concerned


def reads_meanwhile(site: Planted, server: Running, asked: Asked, *, seconds: int) -> load.Load:
    """Load a page while as many clients as ask for it send a comment, byte by byte."""
    with dribbling(site, server.port):
        time.sleep(1)
        return load.once(asked, seconds=seconds)


def patience(site: Planted, server: Running) -> tuple[str, str]:
    """Tell what becomes of a body that stops, and of one that never ends: "408 after 10 s"."""
    with ThreadPoolExecutor(2) as both:
        stopped = both.submit(_until, site, server.port, dribble=False)
        endless = both.submit(_until, site, server.port, dribble=True)
        return stopped.result(), endless.result()


@contextmanager
def dribbling(site: Planted, port: int, clients: int = CLIENTS) -> Iterator[None]:
    """Let some clients send a body, a byte at a time, until the block ends."""
    stop = threading.Event()
    begun = [_begin(site, port) for _ in range(clients)]

    def dribble() -> None:
        while not stop.wait(EVERY):
            for connection in begun:
                try:
                    connection.sendall(b"x")
                except OSError:  # the server hung up: that client comes again, as it would
                    connection.close()
                    begun[begun.index(connection)] = _begin(site, port)

    sending = threading.Thread(target=dribble)
    sending.start()
    try:
        yield
    finally:
        stop.set()
        sending.join()
        for connection in begun:
            connection.close()


def _begin(site: Planted, port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    slug = next(iter(site.articles))
    lines = [
        f"POST /articles/{slug}/comments HTTP/1.1",
        "Host: 127.0.0.1",
        f"Cookie: session={site.cookies[-1]}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {LENGTH}",
        "",
        "body=x",
    ]
    connection.sendall("\r\n".join(lines).encode())
    return connection


def _until(site: Planted, port: int, *, dribble: bool) -> str:
    connection, begun = _begin(site, port), time.monotonic()
    connection.settimeout(EVERY)
    with connection:
        while (passed := time.monotonic() - begun) < PATIENCE:
            try:
                if dribble:
                    connection.sendall(b"x")
                told = connection.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                told = b""
            status = told.split()[1].decode() if told.startswith(b"HTTP/") else "closed"
            return f"{status} after {passed:.0f} s"
    return f"nothing in {PATIENCE:.0f} s"
