"""Addresses that were copied or typed with a slash too many, or in capitals, and those that things had before."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

NAMES = ("name", "slug", "tag")  # parts of addresses that are in small letters; a token keeps its own


def other_spelling() -> str | None:
    """Return the address that was meant where this one is none; None for one that is spelled as ours are."""
    if request.method != "GET":
        return None
    path = "/" + request.path.strip("/")
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, values = adapter.match(path, method="GET") if adapter else ("", {})
    except (HTTPException, RequestRedirect):
        return None
    meant = {name: value.lower() if name in NAMES else value for name, value in values.items()}
    if not adapter or (meant == values and path == request.path):
        return None
    return _with_query(adapter.build(endpoint, meant))


def present_address(values: Mapping[str, str]) -> str:
    """Return the address that was asked for, with other parts of it."""
    return _with_query(url_for(request.endpoint or "", **{**(request.view_args or {}), **values}))


def _with_query(address: str) -> str:
    return f"{address}?{request.query_string.decode()}" if request.query_string else address
