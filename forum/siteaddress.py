"""The address of a site: what can be one, and how it is spelled."""

from __future__ import annotations

import ipaddress
import json
from urllib.parse import urlsplit


def host_of(address: str) -> str:
    """Return the host of an address in the one spelling by which hosts are compared; nothing for none.

    Small letters, ASCII, no dot at the end, an IPv6 address in brackets and as short as it gets.
    """
    try:
        name = (urlsplit(address).hostname or "").removesuffix(".")
        if ":" in name:
            return f"[{ipaddress.IPv6Address(name)}]"
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        return ""


def is_site_address(address: str) -> bool:
    """Tell whether an address can be a site's: a scheme, a host and nothing behind them but a port."""
    try:
        parts = urlsplit(address)
        port = parts.port  # raises where it is no number up to 65535
    except ValueError:
        return False
    bare = not parts.path.strip("/") and not parts.query and not parts.fragment and parts.username is None
    return parts.scheme in ("http", "https") and bool(host_of(address)) and port != 0 and bare


def spelled(site_url: str) -> str:
    """Return a site's address as browsers spell it: no port that its scheme has anyway, nothing behind the host."""
    if not site_url:
        return ""
    address = urlsplit(site_url)
    own = address.port in (None, {"http": 80, "https": 443}[address.scheme])
    return f"{address.scheme}://{host_of(site_url)}" + ("" if own else f":{address.port}")


def fixing(address: str) -> str:
    """Return the line of forum.toml that fixes a site's address."""
    return f"site_url = {json.dumps(address)}"


def left_to_fix(address: str, fixed: str) -> str:
    """Return that line where a site's address is https and nothing fixes it yet (`fixed`), else nothing."""
    return fixing(address) if address.startswith("https://") and not fixed else ""
