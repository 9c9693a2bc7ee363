"""Headers of messages, each folded as it has to be.

Python's own folding breaks long ids in two, drops quotation marks around names and makes encoded words that are too
long. So these classes fold what they hold themselves. Every value is a single line before it gets here.
"""

from __future__ import annotations

import re
from contextlib import suppress
from email.header import Header
from email.headerregistry import HeaderRegistry
from typing import Any, cast

END = "\r\n"
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")  # what a name may have without quotation marks (RFC 5322)
_LONGEST = 76  # of a line with encoded words (RFC 2047)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029\ud800-\udfff]+")


class _Own:
    """A header whose value is taken as it is: Python's own would decode what looks like an encoded word."""

    name: str  # of the header; Python mixes these classes with its BaseHeader, which has it
    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Take a value."""
        kwds["decoded"], kwds["parse_tree"] = value, None


class Words(_Own):
    """A header of free words, in any script."""

    def fold(self, *, policy: Any) -> str:
        """Return the header as it is sent."""
        return f"{self.name}: {encoded(str(self), len(self.name) + 2)}{END}"


class Tokens(_Own):
    """A header of ids or addresses in ASCII, folded between them and nowhere else."""

    def fold(self, *, policy: Any) -> str:
        """Return the header as it is sent."""
        lines = [f"{self.name}:"]
        for token in str(self).split():
            if len(lines[-1]) + len(token) >= _LONGEST and lines[-1] != f"{self.name}:":
                lines.append("")
            lines[-1] += f" {token}"
        return END.join(lines) + END


class Mailbox(_Own):
    """A header of one name and one address: `name <address>`; the name may hold anything but a line end."""

    def fold(self, *, policy: Any) -> str:
        """Return the header as it is sent."""
        name, _space, address = str(self).rpartition(" ")
        phrase = _phrase(name, len(self.name) + 2)
        space = f"{END} " if len(phrase) + len(address) + len(self.name) > _LONGEST else " "
        return f"{self.name}: {phrase}{space if phrase else ''}{address}{END}"


def registry() -> HeaderRegistry:
    """Return which header is of which kind; those of the parts of a message are Python's own."""
    kinds = HeaderRegistry()
    ids = ("message-id", "in-reply-to", "references", "list-unsubscribe", "list-unsubscribe-post")
    for name in (*ids, "date", "auto-submitted", "x-auto-response-suppress"):
        kinds.map_to_type(name, cast(Any, Tokens))
    for name in ("from", "to", "list-id"):
        kinds.map_to_type(name, cast(Any, Mailbox))
    kinds.map_to_type("subject", cast(Any, Words))
    return kinds


def line(typed: str) -> str:
    """Return a text as one line without control characters: nothing in it can end a header and begin another."""
    return " ".join(_CONTROLS.sub(" ", typed).split())


def on_the_wire(address: str) -> str:
    """Return an address as servers exchange it: its domain in ASCII, and all of it where that can be."""
    name, _at, domain = line(address).replace(" ", "").rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{name}@{domain}" if name else domain


def encoded(words: str, before: int = 0) -> str:
    """Return words in ASCII: as they are, or as encoded words (RFC 2047) where they are in another script or long."""
    if words.isascii() and len(words) + before <= _LONGEST and "=?" not in words:
        return words
    return Header(words, "utf-8", maxlinelen=_LONGEST, header_name="x" * max(before - 2, 1)).encode(linesep=END)


def _phrase(name: str, before: int) -> str:
    if _ATOMS.fullmatch(name) and len(name) < 60 and "=?" not in name:
        return name
    if name.isascii() and len(name) < 60 and "=?" not in name:
        return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return encoded(name, before)
