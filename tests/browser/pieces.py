"""A line on which pages arrive in small pieces, between which a browser paints what is there."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FINE, REST = 14_000, 6_000  # bytes of the beginning, of which each line is a piece, and of a later piece
PAUSE = 0.03  # seconds between two, in which a frame is painted
OF_THE_LINE = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@contextmanager
def in_pieces(address: str) -> Iterator[str]:
    """Pass on what a site answers to GET requests, and be the address where it arrives so."""

    class Handler(BaseHTTPRequestHandler):
        """One request, passed on."""

        def do_GET(self) -> None:
            """Answer as the site does."""
            kept = {name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"}
            with closing(http.client.HTTPConnection(urlsplit(address).netloc)) as site:
                site.request("GET", self.path, headers=kept)
                answer = site.getresponse()
                body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in OF_THE_LINE:
                    self.send_header(name, value)
            self.end_headers()
            is_page = "html" in (answer.getheader("Content-Type") or "")
            for piece in _pieces(body) if is_page else [body]:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(PAUSE if is_page else 0)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _pieces(body: bytes) -> Iterator[bytes]:
    yield from body[:FINE].splitlines(keepends=True)
    yield from (body[at : at + REST] for at in range(FINE, len(body), REST))
