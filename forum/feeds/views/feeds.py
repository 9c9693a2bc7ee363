"""The feeds. No matter who asks, they hold what everybody may read: they are made for nobody in particular."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from datetime import datetime

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import policy, web
from forum.articles import queries as articles
from forum.articles.moved import not_found
from forum.articles.queries import Heading
from forum.clock import EARLIEST, now
from forum.comments import queries as comments
from forum.errors import NotFound
from forum.feeds import atom, queries
from forum.feeds.atom import Entry, Feed, Gone
from forum.feeds.names import Names
from forum.feeds.views import blueprint, entries
from forum.people import queries as people
from forum.policy import NOBODY


@dataclass(frozen=True)
class _Subject:
    """What a feed is of: its name, its page, its title and its date while it has no entry."""

    parts: tuple[str | int, ...]
    page: str
    title: str
    since: datetime
    entries: list[Entry]
    gone: list[Gone] = field(default_factory=list)


@blueprint.get("/feeds/articles")
def all_articles() -> Response:
    """Send the newest articles of the site."""
    site, names = web.site(), own_names()
    found = entries.of_articles(names, queries.articles())
    since = site.set_up_at or EARLIEST
    return _sent(names, _Subject(("articles",), url_for("articles.home"), site.name, since, found))


@blueprint.get("/feeds/tags/<tag>")
def tag(tag: str) -> Response:
    """Send the newest articles of one subject."""
    found, names = queries.subject(tag), own_names()
    if found is None:
        raise NotFound()
    title = _("%(subject)s: articles at %(site)s", subject=found.name, site=web.site().name)
    page = url_for("articles.tag", tag=found.slug)
    of_tag = entries.of_articles(names, queries.articles(tag_id=found.id))
    return _sent(names, _Subject(("tags", found.id, "articles"), page, title, EARLIEST, of_tag))


@blueprint.get("/feeds/people/<name>")
def person(name: str) -> Response:
    """Send the newest articles of one person."""
    found, names = people.profile(NOBODY, name), own_names()
    if found is None:
        raise NotFound()
    title = _("%(name)s: articles at %(site)s", name=found.display_name, site=web.site().name)
    page = url_for("articles.by_person", name=found.username)
    theirs = entries.of_articles(names, queries.articles(author_id=found.id))
    return _sent(names, _Subject(("people", found.id, "articles"), page, title, found.joined, theirs))


@blueprint.get("/feeds/articles/<slug>")
def discussion(slug: str) -> Response:
    """Send the newest comments under an article."""
    found, names = _readable(slug), own_names()
    talk = queries.discussion(found.id)
    made, gone = entries.of_talk(names, found.slug, found.title, found.id, talk)
    title = _("Comments on “%(title)s”", title=found.title)
    page = url_for("comments.article", slug=slug)
    since = found.published_at or EARLIEST
    return _sent(names, _Subject(("articles", found.id, "comments"), page, title, since, made, gone))


@blueprint.get("/feeds/comments/<int:id>")
def branch(id: int) -> Response:
    """Send the newest comments of a branch, its first one among them."""
    top, names = comments.facts(id), own_names()
    if top is None or not policy.may_see_frame(NOBODY, top, top.article):
        raise NotFound()
    found = _readable(top.article_slug)
    made, gone = entries.of_talk(names, found.slug, found.title, found.id, queries.branch(top))
    title = _("Replies in “%(title)s”", title=found.title)
    page = url_for("comments.branch", id=id)
    return _sent(names, _Subject(("comments", id, "branch"), page, title, top.created_at, made, gone))


def own_names() -> Names:
    """Return what this site calls its things."""
    return Names(web.site().origin, web.site().url.rstrip("/"))


def _readable(slug: str) -> Heading:
    found = articles.heading(slug)
    if found is None or not policy.may_read_article(NOBODY, found, now()):
        raise not_found(NOBODY, slug)
    return found


def _sent(names: Names, subject: _Subject) -> Response:
    site = web.site()
    feed = Feed(
        name=names.name(*subject.parts),
        title=subject.title,
        subtitle=site.tagline if subject.parts == ("articles",) else "",
        language=web.language().replace("_", "-"),
        page=names.address(subject.page),
        address=names.address(url_for(str(request.endpoint), **(request.view_args or {}))),
        since=subject.since,
        entries=subject.entries,
        gone=subject.gone,
    )
    response = Response(atom.written(feed), content_type=f"{atom.TYPE}; charset=utf-8")
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip"):
        response.headers["Content-Encoding"] = "gzip"
        response.data = gzip.compress(response.data, mtime=0)  # the same feed is the same bytes in every process
    return response
