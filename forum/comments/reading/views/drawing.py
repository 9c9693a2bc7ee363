"""Draw a thread, or a comment of a branch, once for as long as nothing that it shows changes.

After a reply a page has one thread that changed, and that thread or a branch a few rows. What was drawn before is kept
with everything it was drawn from and compared by value, so nothing has to tell that it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import current_app
from markupsafe import Markup

from forum import web
from forum.comments.reading.row import Row
from forum.comments.reading.thread import Thread
from forum.front import Store
from forum.text import rendering


@dataclass(frozen=True)
class Drawn:
    """The HTML of a thread or a comment, and what it was drawn from; satisfies `front.store.Kept`."""

    of: Thread | Row
    html: Markup
    rows: Mapping[Row, Markup] = field(default_factory=dict)  # of a thread
    until: None = None

    @property
    def size(self) -> int:
        """Return the bytes it takes: the HTML once or twice, and the texts it was drawn from, which are shorter."""
        return (3 if self.rows else 2) * len(self.html)


class Drawing:
    """What draws for one request, in its language and time zone; `since` is the article's date.

    If you let a template here read anything but its arguments, also put that into `_context`, else readers get what was
    drawn for another value of it.
    """

    def __init__(self, since: datetime | None) -> None:
        self._since, self._store = since, store()
        self._context = since, web.language(), web.site().language, web.site().timezone
        self._comment = _macro("comments/_comment.html", "comment")
        self._numbered = _macro("comments/_thread.html", "numbered")

    def thread(self, thread: Thread) -> Markup:
        """Return a numbered thread; of one that changed, only those rows are drawn that changed."""
        key = ("thread", thread.root.id, thread.everything, self._context)
        found: Drawn | None = self._store.get(key, None)
        if found is None or found.of != thread:
            known = found.rows if found else {}
            rows = {row: known.get(row) or self._row(row) for row in thread.rows}
            html = self._numbered(thread, rendering.stored("".join(rows.values())))
            self._store.put(key, None, found := Drawn(thread, html, rows))
        return found.html

    def comment(self, row: Row) -> Markup:
        """Return one comment of a branch."""
        key = ("comment", row, self._context)
        found: Drawn | None = self._store.get(key, None)
        if found is None:
            self._store.put(key, None, found := Drawn(row, self._row(row)))
        return found.html

    def _row(self, row: Row) -> Markup:
        return self._comment(row, self._since, False)


def store() -> Store:
    """Return what this process keeps of pages."""
    return cast(Store, current_app.extensions["store"])


def _macro(template: str, name: str) -> Callable[..., Markup]:
    # The words of the request's language are looked up once for all rows: asking each time took half of a page.
    module = current_app.jinja_env.get_template(template).make_module({"_": web.words()})
    macro: Callable[..., Markup] = getattr(module, name)
    return macro
