"""The sitemap: every published article, for search engines."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from flask import Response, url_for

from forum.errors import NotFound
from forum.feeds import queries
from forum.feeds.names import Names
from forum.feeds.views import blueprint
from forum.feeds.views.feeds import own_names
from forum.feeds.xml_text import child, document, moment

NAMESPACE = {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the pages of the sitemap; a site without an address has none, for it names whole addresses."""
    names, root = _with_address(), Element("sitemapindex", NAMESPACE)
    for number in range(queries.sitemap_pages()):
        page = child(root, "sitemap")
        child(page, "loc", names.address(url_for(".sitemap_page", number=number)))
    return _sent(root)


@blueprint.get("/sitemaps/<int:number>.xml")
def sitemap_page(number: int) -> Response:
    """List the articles of one page, and on the first page the home page."""
    names, root = _with_address(), Element("urlset", NAMESPACE)
    if number >= queries.sitemap_pages():
        raise NotFound()
    if number == 0:
        child(child(root, "url"), "loc", names.address(url_for("articles.home")))
    for place in queries.sitemap(number):
        made = child(root, "url")
        child(made, "loc", names.address(url_for("comments.article", slug=place.slug)))
        child(made, "lastmod", moment(place.changed_at))
    return _sent(root)


def _with_address() -> Names:
    names = own_names()
    if not names.base:
        raise NotFound()
    return names


def _sent(root: Element) -> Response:
    return Response(document(root), content_type="application/xml; charset=utf-8")
