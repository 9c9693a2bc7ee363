"""Handing a message over: what each answer of a mail server means."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from datetime import UTC, datetime

import pytest

from forum.mail import transport
from forum.mail.letters import Letter
from forum.mail.messages import Sender, message
from forum.mail.transport import AddressRefused, Refused, Unreachable
from forum.mailserver import parsed
from tests.mail.server import running
from tests.test_serve import free_port

AT = datetime(2026, 9, 17, 14, 41, tzinfo=UTC)
FROM = "noreply@talk.example"


def send(url, to="tom@post.example", seconds=20.0):
    letter = Letter("Tom", to, "Hello", "account", "test-1")
    made = message(letter, "Words.\n", "<p>Words.</p>", Sender("Room", FROM, "talk.example"), AT)
    return transport.send(parsed(url), made, FROM, to, seconds)


def test_a_message_is_taken(mail_server):
    assert send(mail_server.url) == "250 2.0.0 Taken"
    (one,) = mail_server.received
    assert (one.sender, one.to, one.part().strip()) == (FROM, "tom@post.example", "Words.")


REFUSALS = [
    ("RCPT", "450 4.7.1 Greylisted, come back later", Refused),
    ("RCPT", "550 5.1.1 No such user", AddressRefused),
    ("RCPT", "550 no such user", AddressRefused),
    ("RCPT", "552 5.2.2 Mailbox full", AddressRefused),
    ("RCPT", "554 5.7.1 Relay access denied", Unreachable),
    ("RCPT", "530 5.7.0 Authentication required", Unreachable),
    ("RCPT", "421 4.3.2 Shutting down", Unreachable),
    ("MAIL", "451 4.3.0 Try later", Refused),
    ("MAIL", "553 5.1.8 Sender address does not exist here", AddressRefused),
    ("MAIL", "550 Not from here", Unreachable),
    ("DATA", "452 4.3.1 Disk full", Refused),
    ("DATA", "554 5.7.1 Looks like spam", Unreachable),
    ("DATA", "554 Transaction failed", Refused),
    ("DATA", "550 5.1.1 Nobody here", AddressRefused),
]


@pytest.mark.parametrize(("step", "answer", "meaning"), REFUSALS)
def test_what_a_refusal_means(mail_server, step, answer, meaning):
    mail_server.refuse[step] = answer
    with pytest.raises(Refused) as refused:
        send(mail_server.url)
    assert type(refused.value) is meaning
    assert str(refused.value) == answer
    assert mail_server.received == []


def test_what_a_server_says_at_the_end_changes_nothing(mail_server):
    mail_server.refuse["QUIT"] = "554 Something is wrong"
    assert send(mail_server.url).startswith("250")
    assert len(mail_server.received) == 1


def test_nobody_listens():
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        send(f"smtp://127.0.0.1:{free_port()}?starttls=off")


def test_a_server_that_says_nothing_is_not_waited_for_for_long():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="timed out"):
            send(f"smtp://127.0.0.1:{silent.getsockname()[1]}?starttls=off", seconds=0.3)
        assert time.monotonic() - began < 20


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfe\x00\r\n", b"220 hello\r\n"])
def test_something_that_is_no_mail_server(answer):
    def speak(listening):
        peer, _ = listening.accept()
        with peer:
            peer.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=speak, args=(listening,))
        thread.start()
        with pytest.raises(Unreachable):
            send(f"smtp://127.0.0.1:{listening.getsockname()[1]}?starttls=off")
        thread.join()


def test_without_encryption_nothing_is_said_to_a_server_that_should_encrypt(mail_server):
    with pytest.raises(Unreachable, match="STARTTLS"):
        send(f"smtp://forum:word@127.0.0.1:{mail_server.port}")
    assert mail_server.tries == 0
    with pytest.raises(Unreachable) as refused:
        send(f"smtps://forum:word@127.0.0.1:{mail_server.port}", seconds=2)
    assert isinstance(refused.value.__cause__, ssl.SSLError | OSError)
    assert "word" not in str(refused.value)


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """Return a certificate of 127.0.0.1 that this process trusts."""
    path = tmp_path / "server.pem"
    ask = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", tmp_path / "public.pem"]
    subprocess.run(["openssl", *ask.split(), *names], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (tmp_path / "public.pem").read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "public.pem"))
    return path


# The server does not see that its line is encrypted from the beginning.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_signing_in_over_an_encrypted_line(certificate, tls, monkeypatch):
    with running(password=True, certificate=certificate, tls=tls) as server:
        assert send(server.url).startswith("250")
        with pytest.raises(Unreachable, match="535") as refused:
            send(server.url.replace("open", "shut"))
        assert "shut" not in str(refused.value)
        with pytest.raises(Unreachable, match="530"):
            send(server.url.replace("forum:open%3Asesame%2F%C3%BC@", ""))
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            send(server.url)
        assert len(server.received) == 1


def test_an_address_in_another_script(mail_server):
    assert send(mail_server.url, "töm@bücher.example").startswith("250")
    (one,) = mail_server.received
    assert one.to == "töm@xn--bcher-kva.example"
    assert "töm@xn--bcher-kva.example".encode() in one.raw
