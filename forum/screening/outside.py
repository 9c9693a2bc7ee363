"""Ask a program elsewhere about a comment, over HTTP with a signature. Knows no database.

The request is a POST of JSON. `Correspondence-Signature: t=SECONDS, v1=HEX` has the HMAC-SHA256, with the shared
secret, of the seconds since 1970, a dot and the body (RFC 2104). The answer is JSON, {"decision": "publish"} or
{"decision": "hold"}. Redirects are not followed. Addresses of this machine and its network are refused after the name
was resolved, and what was resolved is what is connected to, so that no second answer of a name server changes it.
"""

from __future__ import annotations

import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

DECISIONS = ("publish", "hold")
SECONDS = 5.0  # for everything: nobody's comment waits for longer than that three times
LONGEST_ANSWER = 65_536  # bytes


class NoAnswer(Exception):
    """No answer that can be read, with what was wrong."""


def ask(url: str, secret: str, question: Mapping[str, Any], *, private: bool = False) -> str:
    """Return the decision about a comment: publish or hold. `private` allows addresses of this network.

    Raises NoAnswer.
    """
    body = json.dumps(question, ensure_ascii=False).encode("utf-8", "replace")
    deadline = time.monotonic() + SECONDS
    try:
        connection = _Connection(url, deadline, private)
        try:
            answer = connection.post(body, {"Correspondence-Signature": signature(secret, int(time.time()), body)})
        finally:
            connection.close()
        decision = json.loads(answer)["decision"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, http.client.HTTPException) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}"[:300]) from error
    if decision not in DECISIONS:
        raise NoAnswer("The answer has no decision that is publish or hold.")
    return str(decision)


def signature(secret: str, seconds: int, body: bytes) -> str:
    """Return the value of the header that proves who asks, and when."""
    signed = hmac.digest(secret.encode(), f"{seconds}.".encode() + body, "sha256").hex()
    return f"t={seconds}, v1={signed}"


class _Connection(http.client.HTTPConnection):
    """One connection to the address that was resolved and looked at; its deadline is one for all it does."""

    def __init__(self, url: str, deadline: float, private: bool) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "https"
        super().__init__(parts.hostname or "", parts.port or (443 if self._tls else 80))
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._deadline, self._private = deadline, private

    def connect(self) -> None:
        """Connect to a resolved address that is allowed."""
        address = _resolved(self.host, self.port, self._private)
        self.sock = socket.create_connection((address, self.port), timeout=self._left())
        if self._tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def post(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Send a body and return the body of the answer. Raises ValueError for any but a short 200."""
        self.request("POST", self._path, body, {"Content-Type": "application/json", **headers})
        self.sock.settimeout(self._left())
        response = self.getresponse()
        if response.status != 200:
            raise ValueError(f"The answer was {response.status}.")
        answer = b""
        while part := response.read1(8192):
            answer += part
            if len(answer) > LONGEST_ANSWER:
                raise ValueError("The answer is too long.")
            self._left()
        return answer

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("It took too long.")
        return left


def _resolved(host: str, port: int, private: bool) -> str:
    """Return the first address of a host. Raises PermissionError where any is not on the internet."""
    if not host:  # which the resolver takes for this machine
        raise ValueError("There is no address to ask.")
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not private and not ipaddress.ip_address(address.partition("%")[0]).is_global:
            raise PermissionError(f"{host} is in this machine's own network.")
    return found[0]
