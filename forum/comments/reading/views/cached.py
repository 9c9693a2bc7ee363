"""Discussions that are drawn and compressed already, kept per process under everything they depend on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forum import web
from forum.articles import queries as articles
from forum.articles.queries import Heading
from forum.closures.queries import ClosureView
from forum.comments.reading import thread
from forum.comments.reading.views import drawing
from forum.errors import NotFound
from forum.splice import Part


@dataclass(frozen=True)
class Discussion:
    """Be one page of an article's threads, ready to be put into anybody's page; satisfies `pages.Kept`."""

    part: Part
    until: datetime | None
    closures: tuple[ClosureView, ...]  # those in force when it was drawn; `until` is when the first of them ends

    @property
    def size(self) -> int:
        """Return the bytes it takes."""
        return self.part.size + sum(map(len, self.part.deflated))

    @property
    def closed_id(self) -> int | None:
        """Return the closure of the whole article, if there is one."""
        return next((closure.id for closure in self.closures if closure.whole_article), None)


def discussion(heading: Heading, *, newest: bool, from_id: int | None, everything: bool) -> Discussion:
    """Return an article with a page of its discussion, drawn once per version of article and site.

    The versions are those just read with the article, so nobody gets an older one than they could have read.
    """
    site = web.site()
    key = ("discussion", heading.id, heading.version, site.version, newest, from_id, everything)

    def build() -> Discussion:
        article = articles.article_by_id(heading.id)
        if article is None:
            raise NotFound()
        shown = thread.article_page(article, newest=newest, from_id=from_id, everything=everything)
        moments = [shown.until, article.published_at if article.is_scheduled else None]
        until = min((moment for moment in moments if moment), default=None)
        return Discussion(drawing.discussion(article, shown), until, shown.closures)

    found = web.pieces().get_or_build(key, build)
    assert isinstance(found, Discussion)
    web.changes_at(found.until)
    return found
