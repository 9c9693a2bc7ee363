"""The mail server that FORUM_SMTP_URL names, and the address that mail is from."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

Tls = Literal["starttls", "implicit", "off"]
SHAPE = "smtp://user:password@host:587 (with STARTTLS, unless it ends with ?starttls=off) or smtps://host:465"
IN_WORDS: dict[Tls, str] = {"starttls": "STARTTLS", "implicit": "TLS", "off": "not encrypted"}
PORTS = {"smtp": 587, "smtps": 465}
# No space, no < or > or @. Compiled where it is needed: no start waits for it.
_ADDRESS = r"[!-;=?A-Z\[-~\u00a1-\U0010ffff]+@[!-;=?A-Z\[-~\u00a1-\U0010ffff]+"


@dataclass(frozen=True)
class MailServer:
    """A server that takes mail: where it is, how the connection is encrypted, and how one signs in."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def parsed(url: str) -> MailServer:
    """Return the server of an address. Raises ValueError, whose message never has the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        user, password = (_unquoted(part) for part in (parts.username, parts.password))
        tls = _tls(parts, options)
    except ValueError:
        raise ValueError(SHAPE) from None  # the first error quotes the address
    if not parts.hostname or port == 0 or (password and not user) or parts.path.strip("/") or parts.fragment:
        raise ValueError(SHAPE)
    return MailServer(parts.hostname, port or PORTS[parts.scheme], tls, user, password)


def is_address(typed: str) -> bool:
    """Tell whether this has the shape of a mail address."""
    return bool(re.fullmatch(_ADDRESS, typed)) and len(typed) <= 254


def sender_at(host: str, given: str = "") -> str:
    """Return the address that mail is from: the one that the operator has given, or one at the site's host."""
    if given:
        return given
    bare = host.strip("[]")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return f"noreply@{host or 'localhost'}"
    return f"noreply@[{'IPv6:' if address.version == 6 else ''}{address}]"


def _tls(parts: SplitResult, options: dict[str, str]) -> Tls:
    if parts.scheme == "smtps" and not options:
        return "implicit"
    if parts.scheme == "smtp" and options.get("starttls", "on") in ("on", "off") and options.keys() <= {"starttls"}:
        return "off" if options.get("starttls") == "off" else "starttls"
    raise ValueError


def _unquoted(part: str | None) -> str:
    return unquote(part or "", errors="strict")
