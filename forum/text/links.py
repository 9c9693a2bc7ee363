"""Which addresses may be links in what people write."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urljoin, urlsplit

# Only addresses with these schemes may be links. Every other address stays text.
SCHEMES = frozenset({"http", "https", "mailto"})
# A text is read below its article: an address relative to that page begins here, wherever the text is shown.
BASE = "/articles/"
# The first part has no colon, and nothing that a colon could be made of: "javascript&colon;x" is no path.
_RELATIVE = re.compile(r"[\w.~%-]+(?:[/?#].*)?")
_HOST = re.compile(r"[a-z0-9._~%-]+|\[[0-9a-f:.]+\]", re.IGNORECASE)


def safe_link(address: str) -> str | None:
    """Return an absolute http, https or mailto address, its host in ASCII, or None where it is anything else."""
    address = address.strip()
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port  # raises where it is not a number up to 65535
    except ValueError:
        return None
    if parts.scheme.lower() not in SCHEMES:
        return None
    if parts.scheme.lower() == "mailto":
        return address if "@" in parts.path else None
    if not host.isascii():
        return _in_ascii(address, host)
    return address if _HOST.fullmatch(host if ":" not in host else f"[{host}]") else None


def text_link(address: str) -> str | None:
    """Return where a link in a text may lead: what `safe_link()` returns, or a place on this site, from its root.

    `//host/path` is read as https. A query alone is no place.
    """
    address = address.strip()
    if address.startswith("//"):
        return safe_link(f"https:{address}")
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in address):
        return None
    if address.startswith("/"):
        return address
    if address.startswith("#"):
        return address if len(address) > 1 else None
    if _RELATIVE.fullmatch(unicodedata.normalize("NFKC", address)):
        # If you let a result through that begins with "//", also look where it leads: to another host.
        joined = urljoin(BASE, address)
        return joined if joined.startswith("/") and not joined.startswith("//") else None
    return safe_link(address)


def _in_ascii(address: str, host: str) -> str | None:
    try:
        spelled = host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    at = address.lower().find(host)
    link = address[:at] + spelled + address[at + len(host) :]
    # An address in which the host's name occurs twice, or has capitals of another length, is refused.
    return link if _HOST.fullmatch(spelled) and urlsplit(link).hostname == spelled else None
