"""Lists of articles: all, those of a subject, of an author, of a month."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import format_datetime

from forum import policy, web
from forum.articles import lists
from forum.articles.naming import tag_slug
from forum.articles.views import blueprint
from forum.errors import Moved, NotFound
from forum.people import queries as people

FEW_MONTHS = 12  # that the first page lists; a look at the database each


@blueprint.get("/")
def home() -> str:
    """Show what was published, newest first; above it a writer's own drafts and scheduled articles."""
    start = web.number("from")
    return web.render(
        "articles/home.html",
        listing=lists.listing(web.viewer(), start=start),
        start=start,
        own=[] if start else lists.unpublished(web.viewer()),
        months=[] if start else lists.months(_zone(), FEW_MONTHS + 1),
        few=FEW_MONTHS,
        month_name=month_name,
    )


@blueprint.get("/tags")
def tags() -> str:
    """List every subject that articles have, with their number."""
    return web.render("articles/tags.html", tags=lists.all_tags())


@blueprint.get("/tags/<tag>")
def tag(tag: str) -> str:
    """Show the articles of one subject."""
    found = lists.tag(tag)
    if found is None:
        meant = lists.tag(tag_slug(tag))  # of a name, as people write it
        raise Moved({"tag": meant.slug}) if meant else NotFound()
    start = web.number("from")
    listing = lists.listing(web.viewer(), tag=found.id, start=start)
    may_close = policy.may_close(web.viewer(), None, found.id)
    return web.render("articles/tag.html", tag=found, listing=listing, start=start, may_close=may_close)


@blueprint.get("/people/<name>/articles")
def by_person(name: str) -> str:
    """Show the articles of one person, to those who may see the profile."""
    person = people.profile(web.viewer(), name)
    if person is None:
        raise NotFound()
    start = web.number("from")
    listing = lists.listing(web.viewer(), author=person.id, start=start)
    return web.render("articles/by_person.html", person=person, listing=listing, start=start)


@blueprint.get("/archive")
def archive() -> str:
    """List every month in which articles came out, with their number."""
    return web.render("articles/archive.html", months=lists.every_month(_zone()), month_name=month_name)


@blueprint.get("/archive/<int:year>/<int:month>")
def month(year: int, month: int) -> str:
    """Show the articles of one month; a month without any is no page, or there would be no end of them."""
    if not (1000 <= year <= 9000 and 1 <= month <= 12):
        raise NotFound()
    first = datetime(year, month, 1, tzinfo=_zone())
    after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=_zone())
    start = web.number("from")
    listing = lists.listing(web.viewer(), between=(first, after), start=start)
    if not listing.items:
        raise NotFound()
    return web.render("articles/month.html", name=month_name(first), at=first, listing=listing, start=start)


def month_name(first: datetime) -> str:
    """Name a month in the language of the site: September 2021."""
    return str(format_datetime(first, "LLLL y"))


def _zone() -> ZoneInfo:
    return ZoneInfo(web.site().timezone)
