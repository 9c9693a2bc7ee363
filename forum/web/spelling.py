"""Addresses that were copied or typed with a slash too many, or in capitals, and those that things had before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from forum.people import queries as people
from forum.web.viewer import viewer

NAMES = ("name", "slug", "tag")  # parts of addresses in small letters, but for people's; a token keeps its own


def other_spelling() -> str | None:
    """Return the address that was meant where this one is none; None for one that is spelled as ours are."""
    adapter = current_app.create_url_adapter(request)
    if request.method != "GET" or adapter is None:
        return None
    path = "/" + request.path.strip("/")
    found = _page(adapter, path)
    if found is None:
        path = path.lower()
        found = _page(adapter, path)
        # A word that is neither fixed nor a name may be one in which capitals matter.
        if found is None or not all(name in NAMES or isinstance(value, int) for name, value in found[1].items()):
            return None
    endpoint, values = found
    meant = {name: _meant(name, value) if name in NAMES else value for name, value in values.items()}
    if meant == values and path == request.path:
        return None
    return _with_query(adapter.build(endpoint, meant))


def _page(adapter: MapAdapter, path: str) -> tuple[str, Mapping[str, Any]] | None:
    try:
        return adapter.match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None


def _meant(name: str, value: str) -> str:
    """Return a part of an address as it is spelled; a sign-in name has the capitals with which it was chosen."""
    person = people.profile(viewer(), people.sign_in_name(value)) if name == "name" else None
    return person.username if person else value.lower()


def present_address(values: Mapping[str, str]) -> str:
    """Return the address that was asked for, with other parts of it."""
    return _with_query(url_for(request.endpoint or "", **{**(request.view_args or {}), **values}))


def _with_query(address: str) -> str:
    return f"{address}?{request.query_string.decode()}" if request.query_string else address
