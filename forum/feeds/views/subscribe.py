"""The page that says how to hear of new articles."""

from __future__ import annotations

from flask import request, url_for

from forum import web
from forum.feeds import queries
from forum.feeds.views import blueprint


@blueprint.get("/subscribe")
def subscribe() -> str:
    """Say which ways there are, in plain words, with the addresses."""
    base = web.site().url.rstrip("/") or request.host_url.rstrip("/")
    subjects = [(found.name, base + url_for(".tag", tag=found.slug)) for found in queries.subjects()]
    return web.render("feeds/subscribe.html", address=base + url_for(".all_articles"), subjects=subjects)
