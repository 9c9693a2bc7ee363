"""/robots.txt: crawlers read discussions, and nothing that is a form, a menu or a page of the staff."""

from __future__ import annotations

import re

from flask import Response, current_app

from forum import web
from forum.site.views import blueprint

CLOSED = ("/admin", "/comments/*/history", "/comments/*/more", "/moderation", "/notices", "/search")
_ARGUMENT = re.compile(r"<[^>]+>")


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Say what crawlers may read. Every address that takes a POST is a form: that list is read from the routes."""
    forms = {
        _ARGUMENT.sub("*", rule.rule) for rule in current_app.url_map.iter_rules() if "POST" in (rule.methods or ())
    }
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in sorted({*CLOSED, *forms}))]
    if base := web.site().url.rstrip("/"):
        lines.append(f"Sitemap: {base}/sitemap.xml")
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response("\n".join(lines) + "\n", headers=headers, content_type="text/plain; charset=utf-8")
