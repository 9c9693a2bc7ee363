"""A real program that is asked about comments, over HTTP on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Checker(ThreadingHTTPServer):
    """A server that answers every POST with `status`, `headers` and `body`, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[dict[str, Any], str, bytes]] = []  # question, signature, body
        self.status, self.headers = 200, dict[str, str]()
        self.body = b'{"decision": "publish"}'

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.server_address[1]}/check?kind=comment"


class _Handler(BaseHTTPRequestHandler):
    server: Checker

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((json.loads(body), self.headers["Correspondence-Signature"], body))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[Checker]:
    """Run such a server while the block runs."""
    server = Checker()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
