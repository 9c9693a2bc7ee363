"""Where a form comes from, as the browser says: a page cannot lie about it, other programs can.

So it only ever refuses; a form needs its token, too. A browser that says nothing is held to the token alone.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from forum.siteaddress import host_of

_PORTS = {"http": 80, "https": 443}


def foreign() -> str:
    """Return the other site that sent this request, as far as the browser names it; nothing where none did.

    `Origin` (RFC 6454) is asked first. It is "null" where a browser hides it; then Sec-Fetch-Site (W3C Fetch Metadata)
    counts, and after that the Referer.
    """
    origin = request.headers.get("Origin", "null")
    if origin != "null":
        return "" if is_ours(origin) else origin
    site = request.headers.get("Sec-Fetch-Site", "")
    if site:
        return "" if site in ("same-origin", "none") else site
    return "" if request.referrer is None or is_ours(request.referrer) else _host(request.referrer)


def is_ours(address: str) -> bool:
    """Tell whether an address is of this site. https counts where TLS ends at a proxy that does not say so."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
        ours = urlsplit(f"{parts.scheme}://{request.host}")
        name = host_of(address)  # a browser keeps the dot at the end with which an address was typed
        return parts.scheme in {request.scheme, "https"} and (name, port) == (
            host_of(f"//{request.host}"),
            ours.port or _PORTS.get(parts.scheme),
        )
    except ValueError:
        return False


def _host(address: str) -> str:
    return address.split("//", 1)[-1].split("/", 1)[0][:100]
