"""Discussions that are drawn and compressed already: one piece for all readers, kept for the versions just read.

Staff have a piece of their own, with the rows that only they see. Nothing of the reader is in a piece.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from flask import render_template, request
from markupsafe import Markup

from forum import web
from forum.articles import around
from forum.articles import queries as articles
from forum.articles.queries import ArticleView, Heading
from forum.closures.queries import ClosureView
from forum.comments.queries import CommentView
from forum.comments.reading import arrivals, thread
from forum.comments.reading.deflate import Deflated, deflate
from forum.comments.reading.thread import BranchPage
from forum.comments.reading.views import structured
from forum.comments.reading.views.drawing import Drawing, store
from forum.errors import NotFound
from forum.front import SHARED, SharedRequest
from forum.front.store import Kept
from forum.text.rendering import stored

K = TypeVar("K", bound=Kept)


@dataclass(frozen=True)
class Discussion:
    """An article with one page of its threads; satisfies `front.store.Kept`.

    `closures` are those in force or announced when it was drawn, but none for one person; `until` is when the clock
    changes the first of them. `ids` are the comments on
    the page.
    """

    piece: Deflated
    until: datetime | None
    closures: tuple[ClosureView, ...]
    about: structured.About  # for the page's head
    ids: frozenset[int]
    newest: datetime | None  # when the newest comment under the article was written

    @property
    def size(self) -> int:
        """Return the bytes it takes."""
        return self.piece.size + 1000 * len(self.closures) + 100 * len(self.ids)

    @property
    def closed_id(self) -> int | None:
        """Return the closure of just this whole article, if there is one."""
        whole = (one for one in self.closures if one.whole_article and not one.coming and one.article_id is not None)
        return next((closure.id for closure in whole), None)


@dataclass(frozen=True)
class Beside:
    """What stands around an article; satisfies `front.store.Kept`. `until` is when the next article comes out."""

    html: Markup
    until: datetime | None

    @property
    def size(self) -> int:
        """Return the bytes it takes."""
        return 2 * len(self.html)


@dataclass(frozen=True)
class Branch:
    """One page of a branch; satisfies `front.store.Kept`. `page` has what the page shows before and after the rows."""

    piece: Deflated
    page: BranchPage
    ids: frozenset[int]
    newest: datetime | None  # when the newest comment under the article was written

    @property
    def until(self) -> datetime | None:
        """Return when the clock changes it."""
        return self.page.until

    @property
    def size(self) -> int:
        """Return the bytes it takes."""
        return self.piece.size + 5000 + 100 * len(self.ids)


def discussion(heading: Heading, *, newest: bool, from_id: int | None, everything: bool) -> Discussion:
    """Return an article with a page of its discussion. Raises NotFound where `from_id` begins no thread of it."""

    def build() -> Discussion:
        article = articles.article_by_id(heading.id)
        if article is None:
            raise NotFound()
        # Before the page: what is written meanwhile is no part of what one has seen.
        latest = arrivals.newest(article.id)
        shown = thread.article_page(article, newest=newest, from_id=from_id, everything=everything)
        beside = _around(article)
        moments = [shown.until, beside.until, article.published_at if article.is_scheduled else None]
        until = min((moment for moment in moments if moment), default=None)
        draw = Drawing(article.published_at)
        about = structured.described(article, shown, web.site().url.rstrip("/"))
        values = {"article": article, "page": shown, "draw": draw.thread, "structured": about, "around": beside.html}
        values["until"] = latest
        html = render_template("comments/_discussion.html", **values)
        ids = frozenset(row.id for drawn in shown.threads for row in drawn.rows)
        return Discussion(deflate(html.encode()), until, shown.closures, structured.about(article), ids, latest)

    return _kept(("discussion", heading.id, newest, from_id, everything), heading, build)


def _around(article: ArticleView) -> Beside:
    """Return what stands around an article, kept for the site's version alone: comments change nothing of it."""

    def build() -> Beside:
        html = render_template("articles/_around.html", article=article, around=around.around(article))
        return Beside(stored(html), around.next_out())

    key = ("around", article.id, article.published_at, web.language(), web.site().timezone)
    versions = (web.site().version,)
    found: Beside | None = store().get_or_build(
        key, versions, build, lambda: (articles.versions(article.id) or (0, 0))[1:]
    )
    assert found is not None  # `build` never returns None
    return found


def branch(article: Heading, top: CommentView, first: CommentView, *, everything: bool) -> Branch:
    """Return the page of a branch that begins with `first`."""

    def build() -> Branch:
        latest = arrivals.newest(article.id)  # before the page, as above
        shown = thread.branch_page(article, top, first, everything=everything)
        about = structured.branch(article, shown, web.site().url.rstrip("/"))
        draw = Drawing(article.published_at).comment
        values = {"rows": shown.rows, "draw": draw, "structured": about, "article": article}
        html = render_template("comments/_rows.html", until=latest, **values)
        # The rows are in the piece; the rest of the page needs to know only with which one it begins.
        ids = frozenset(row.id for row in shown.rows)
        return Branch(deflate(html.encode()), replace(shown, rows=shown.rows[:1]), ids, latest)

    return _kept(("branch", top.id, first.id, everything), article, build)


def changes_at(until: datetime | None) -> None:
    """Say when the clock changes a page that all visitors share, so that it is not sent after that moment."""
    shared: SharedRequest | None = request.environ.get(SHARED)
    if shared is not None:
        shared.until = until


def _kept(key: tuple[Any, ...], article: Heading, build: Callable[[], K]) -> K:
    """Return what is kept for the versions of article and site that this request has read, or build it."""
    if article.version is None:  # a row of article_versions is missing, so nothing would tell of a change
        return build()
    key, versions = (*key, web.language()), (article.version, web.site().version)
    found: K | None = store().get_or_build(key, versions, build, lambda: articles.versions(article.id))
    assert found is not None  # `build` never returns None
    return found
