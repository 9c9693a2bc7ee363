"""Draw discussions, every part of them once: what is kept is found again by everything it was drawn from.

After a reply a page has one new row and one whose list of replies grew; the others are taken as they were drawn, and
so are the stretches of the page that were compressed. Nothing has to be told that anything changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from flask import current_app, render_template

from forum import web
from forum.articles.queries import ArticleView
from forum.comments.reading.thread import Row, Thread, ThreadPage
from forum.splice import Part, fused, part

T = TypeVar("T")
STRETCH = 16  # a stretch ends before one comment in so many: by its id, so that a new one moves no other end
QUICK = 4  # of zlib: at 6 a page is a twelfth shorter, and takes half a millisecond longer after a reply
Runs = tuple[tuple[bytes, ...], ...]  # pieces of HTML; a stretch ends between two runs


@dataclass(frozen=True)
class Drawn(Generic[T]):
    """Be something drawn; satisfies `pages.Kept`."""

    content: T
    size: int
    until: None = None


def discussion(article: ArticleView, page: ThreadPage) -> Part:
    """Return an article with one page of its threads, of which those that did not change are taken as they are.

    Each piece is one object for as long as it is kept, so that a stretch is found under its pieces without a look into
    them.
    """
    draw = Drawing(article.published_at)
    around = _macros("_discussion").discussion(article, page, web.MARK)
    before, after = around.split(web.MARK) if page.threads else (around, "")
    # What counts comments changes with each of them, so it is no part of a stretch that holds some.
    stretches: list[tuple[bytes, ...]] = [(draw.article(article),), (before.encode(),)]
    open_stretch: list[bytes] = []
    for thread in page.threads:
        first, *others = draw.thread(thread)
        open_stretch += first
        for run in others:
            stretches.append(tuple(open_stretch))
            open_stretch = [*run]
    stretches += [tuple(open_stretch), (after.encode(),)]
    return fused(*map(draw.compressed, stretches))


def branch(rows: Sequence[Row], since: datetime | None) -> Part:
    """Return the rows of a branch, likewise."""
    draw = Drawing(since)
    return fused(*map(draw.compressed, draw.runs(rows)))


class Drawing:
    """Draw for one request, in its language and time zone; `since` is the article's date."""

    def __init__(self, since: datetime | None) -> None:
        self._since, self._store = since, web.pieces()
        # All that times and words depend on besides what is drawn.
        self._context = since, web.language(), web.site().timezone

    def article(self, article: ArticleView) -> bytes:
        """Return an article's own HTML."""
        words = replace(article, version=0, changes_at=None, comment_count=0, thread_count=0)
        return self._kept("article", words, lambda: render_template("articles/_article.html", article=words).encode())

    def thread(self, thread: Thread) -> Runs:
        """Return a thread's HTML, cut where stretches end."""
        return self._kept("thread", thread, lambda: self._thread(thread))

    def runs(self, rows: Iterable[Row]) -> Runs:
        """Return each row's HTML, cut where stretches end."""
        draw = _macros("_comment").comment
        runs: list[list[bytes]] = [[]]
        for row in rows:
            if row.id % STRETCH == 0:
                runs.append([])
            drawn = self._kept("comment", row, lambda row=row: draw(row, self._since, False).encode())  # type: ignore[misc]
            runs[-1].append(drawn)
        return tuple(map(tuple, runs))

    def compressed(self, stretch: tuple[bytes, ...]) -> Part:
        """Return a stretch deflated."""
        return self._kept("stretch", stretch, lambda: part(b"".join(stretch), QUICK))

    def _thread(self, thread: Thread) -> Runs:
        before, after = _macros("_thread").numbered(thread, web.MARK).split(web.MARK)
        first, *others = self.runs(thread.rows)
        runs = [(before.encode(), *first), *others]
        return *runs[:-1], (*runs[-1], after.encode())

    def _kept(self, kind: str, what: Hashable, make: Callable[[], T]) -> T:
        key = (kind, self._context, what)
        found: Drawn[T] | None = self._store.get(key)
        if found is None:
            found = Drawn(made := make(), _size(made))
            self._store.put(key, found)
        return found.content


def _macros(name: str) -> Any:
    """Return a template's macros, their words looked up for this request's language."""
    key = (name, say := web.words())
    known: dict[Hashable, Any] = current_app.extensions.setdefault("macros", {})
    if key not in known:
        known[key] = current_app.jinja_env.get_template(f"comments/{name}.html").make_module({"_": say})
    return known[key]


def _size(content: Any) -> int:
    """Return the bytes something drawn takes, with its key, which is about as long."""
    if isinstance(content, Part):
        return content.size + sum(map(len, content.deflated)) + 500
    return 2 * sum(len(piece) for run in content for piece in run) if isinstance(content, tuple) else 2 * len(content)
