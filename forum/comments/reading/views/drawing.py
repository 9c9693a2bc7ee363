"""Draw a thread, or a comment of a branch, once for as long as nothing that it shows changes.

After a reply a page has one thread that changed, and a branch a few rows. What was drawn before is kept under
everything it was drawn from, by value, so nothing has to tell that it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from markupsafe import Markup

from forum import web
from forum.comments.reading.thread import Row, Thread
from forum.text import rendering


@dataclass(frozen=True)
class Drawn:
    """The HTML of a thread or a comment; satisfies `front.store.Kept`."""

    html: Markup
    until: None = None

    @property
    def size(self) -> int:
        """Return the bytes it takes, with the rows it is kept under, whose texts are about as long."""
        return 2 * len(self.html)


class Drawing:
    """What draws for one request, in its language and time zone; `since` is the article's date.

    If you let a template here read anything but its arguments, also put that into `_context`, else readers get what was
    drawn for another value of it.
    """

    def __init__(self, since: datetime | None) -> None:
        self._since, self._store = since, web.store()
        self._context = since, web.language(), web.site().timezone
        self._comment = _macro("comments/_comment.html", "comment")
        self._numbered = _macro("comments/_thread.html", "numbered")

    def thread(self, thread: Thread) -> Markup:
        """Return a numbered thread."""
        return self._kept(
            ("thread", thread), lambda: self._numbered(thread, rendering.stored("".join(map(self._row, thread.rows))))
        )

    def comment(self, row: Row) -> Markup:
        """Return one comment of a branch."""
        return self._kept(("comment", row), lambda: self._row(row))

    def _row(self, row: Row) -> Markup:
        return self._comment(row, self._since, False)

    def _kept(self, what: Hashable, draw: Callable[[], Markup]) -> Markup:
        key = (what, self._context)
        found: Drawn | None = self._store.get(key, None)
        if found is None:
            found = Drawn(draw())
            self._store.put(key, None, found)
        return found.html


def _macro(template: str, name: str) -> Callable[..., Markup]:
    # The words of the request's language are looked up once for all rows: asking each time took half of a page.
    module = current_app.jinja_env.get_template(template).make_module({"_": web.words()})
    macro: Callable[..., Markup] = getattr(module, name)
    return macro
