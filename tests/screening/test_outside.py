"""What is asked elsewhere, how it is signed, and every answer that is none."""

from __future__ import annotations

import hmac
import re
import socket
import threading
import time

import pytest

from forum.screening import outside
from forum.screening.outside import NoAnswer, ask
from tests.screening.checker import running

SECRET = "a shared secret of the test"


@pytest.fixture
def checker():
    with running() as server:
        yield server


def test_the_question_arrives_signed(checker):
    assert ask(checker.url, SECRET, {"text": "Grüße \ud800 🌍"}, private=True) == "publish"
    question, signature, body = checker.asked[0]
    assert question["text"].startswith("Grüße")
    seconds, signed = re.fullmatch(r"t=(\d+), v1=([0-9a-f]{64})", signature).groups()
    assert abs(int(seconds) - time.time()) < 60
    assert hmac.digest(SECRET.encode(), seconds.encode() + b"." + body, "sha256").hex() == signed


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {}, b""),
        (200, {}, b"publish"),
        (200, {}, b'{"decision": "delete"}'),
        (200, {}, b'{"decision": ["publish"]}'),
        (200, {}, b"[]"),
        (200, {}, b'"publish"'),
        (200, {}, b"\xff\xfe"),
        (200, {}, b"[" * 60_000),
        (200, {}, b" " * 70_000 + b'{"decision": "publish"}'),
        (500, {}, b'{"decision": "publish"}'),
        (302, {"Location": "http://127.0.0.1:1/"}, b'{"decision": "publish"}'),
    ],
)
def test_what_is_no_answer(checker, status, headers, body):
    checker.status, checker.headers, checker.body = status, headers, body
    with pytest.raises(NoAnswer):
        ask(checker.url, SECRET, {"text": "Hello"}, private=True)
    assert len(checker.asked) == 1


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "[::1]",
        "0.0.0.0",
        "[fe80::1]",
        "2130706433",
    ],
)
def test_the_own_network_is_not_asked(checker, host):
    port = checker.server_address[1]
    with pytest.raises(NoAnswer, match="own network"):
        ask(f"http://{host}:{port}/", SECRET, {"text": "Hello"})
    assert checker.asked == []


@pytest.mark.parametrize(
    "url", ["http://", "http://:80/", "http://a b/", "http://[::1/", f"http://{'a' * 70}.example/"]
)
def test_an_address_that_is_none_is_no_answer(url):
    with pytest.raises(NoAnswer):
        ask(url, SECRET, {"text": "Hello"}, private=True)


def test_a_program_that_answers_drop_by_drop_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(outside, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def drip():
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
                while not done.wait(0.05):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(NoAnswer):
            ask(f"http://127.0.0.1:{server.getsockname()[1]}/", SECRET, {"text": "Hello"}, private=True)
        done.set()
        thread.join()
