"""Read the addresses of a blog. A broken one is no address: it leads nowhere, and hinders nothing."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urljoin, urlsplit


@lru_cache(16)  # each comment asks for that of its article
def joined(base: str, address: str) -> str:
    """Return an address as it is read on the page `base`; empty where it is broken."""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""


def is_address(text: str) -> bool:
    """Tell whether a text is there, and none that is broken."""
    return joined("", text) != ""


def spelled(address: str) -> str:
    """Return an address of a blog in one spelling, whether it was reached with http or https, with www. or without."""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
    except ValueError:
        return ""
    host = parts.netloc.lower().removesuffix(":80").removesuffix(":443").removeprefix("www.")
    return f"https://{host}{parts.path.rstrip('/')}" if host else address
