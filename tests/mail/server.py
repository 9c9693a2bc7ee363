"""A real mail server: it keeps what it takes, and can refuse, be slow, drop the connection, ask for a password."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.test_serve import free_port

PASSWORD = "open:sesame/ü"


@dataclass(frozen=True)
class Received:
    """One message as it came."""

    sender: str
    to: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """Return the message, parsed."""
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, kind: str = "plain") -> str:
        """Return the text of one part, plain or html."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())


class MailServer:
    """A server on a port of its own; what a test sets holds for the letters that come afterwards."""

    def __init__(self, *, password: bool = False, certificate: Path | None = None, tls: str = "off") -> None:
        self.port = free_port()
        self.received: list[Received] = []
        self.refuse: dict[str, str] = {}  # by step: "MAIL", "RCPT", "DATA", "QUIT" -> what is answered
        self.seconds = 0.0  # how long it thinks about a message
        self.tries = 0
        self._password, self._tls, self._context = password, tls, None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
        self._arrived = threading.Condition()
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """Return the address for FORUM_SMTP_URL."""
        user = "forum:open%3Asesame%2F%C3%BC@" if self._password else ""
        end = "?starttls=off" if self._tls == "off" else ""
        return f"{'smtps' if self._tls == 'implicit' else 'smtp'}://{user}127.0.0.1:{self.port}{end}"

    def start(self) -> None:
        """Begin to listen."""
        options: dict[str, Any] = {"authenticator": self._knows, "auth_required": True} if self._password else {}
        if self._tls == "implicit":
            options |= {"ssl_context": self._context, "auth_require_tls": False}
        elif self._tls == "starttls":
            options |= {"tls_context": self._context, "require_starttls": True}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True, **options)
        self._controller.start()

    def stop(self) -> None:
        """Stop answering, as a server that is away."""
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    def wait(self, number: int, seconds: float = 30) -> list[Received]:
        """Return what came as soon as it is so many."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= number, seconds), len(self.received)
        return self.received

    def to(self, address: str) -> list[Received]:
        """Return what came to one address."""
        return [one for one in self.received if one.to == address]

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Answer MAIL FROM."""
        self.tries += 1
        if "MAIL" in self.refuse:
            return self.refuse["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Answer RCPT TO."""
        if refusal := self.refuse.get(address) or self.refuse.get("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        """Take a message."""
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        with self._arrived:
            self.received.append(Received(envelope.mail_from, envelope.rcpt_tos[0], envelope.original_content))
            self._arrived.notify_all()
        return "250 2.0.0 Taken"

    async def handle_QUIT(self, server: SMTP, session: Any, envelope: Any) -> str:
        """Answer QUIT."""
        return self.refuse.get("QUIT", "221 Bye")

    def _knows(self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@contextlib.contextmanager
def running(**options: Any) -> Iterator[MailServer]:
    """Give a server that listens."""
    server = MailServer(**options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
