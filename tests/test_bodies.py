"""However many send slowly, reading goes on and nothing is lost."""

from __future__ import annotations

import io
import threading

from forum.cli.bodies import Bodies
from forum.web.edge import HEADERS


class Slow(io.BytesIO):
    """A body that is not there before it is let go."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.come, self.asked = threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.asked.set()
        assert self.come.wait(10)
        return super().read(size)


def echo(environ, start_response):
    start_response("200 OK", [])
    return [environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "POST" else b"read"]


def ask(
    app, method: str = "POST", body: io.BytesIO | None = None, length: str = "4", headers: dict[str, str] | None = None
) -> tuple[str, bytes]:
    told: list[str] = []
    environ = {"REQUEST_METHOD": method, "wsgi.input": body or io.BytesIO(b"text"), "CONTENT_LENGTH": length}

    def start(status: str, sent: list[tuple[str, str]], info: object = None) -> None:
        told.append(status)
        if headers is not None:
            headers.update(sent)

    answer = app(environ, start)
    return told[0], b"".join(answer)


def test_readers_are_answered_while_all_places_wait_for_bodies():
    app, slow = Bodies(echo, places=2), [Slow(b"text"), Slow(b"text")]
    answers: list[tuple[str, bytes]] = []
    senders = [threading.Thread(target=lambda body=body: answers.append(ask(app, body=body))) for body in slow]
    for sender, body in zip(senders, slow, strict=True):
        sender.start()
        assert body.asked.wait(10)
    assert ask(app, "GET") == ("200 OK", b"read")
    headers: dict[str, str] = {}
    status, page = ask(app, headers=headers)
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert status.startswith("503")
    assert b"send\nit again" in page
    for sender, body in zip(senders, slow, strict=True):
        body.come.set()
        sender.join()
    assert answers == [("200 OK", b"text")] * 2
    assert ask(app) == ("200 OK", b"text")


def test_a_file_is_read_as_it_comes():
    body = io.BytesIO(b"x" * 10)
    assert ask(Bodies(echo, places=2), body=body, length=str(2 * 1024 * 1024)) == ("200 OK", b"x" * 10)
    assert ask(Bodies(echo, places=2), body=io.BytesIO(b"chunked"), length="") == ("200 OK", b"chunked")
