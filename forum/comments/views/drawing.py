"""Draw comments, each once: what is kept is found again by everything it was drawn from.

After a reply a page has one new row and one whose list of replies grew; the others are taken as they were drawn, and
so are the stretches of the page that were compressed. Nothing has to be told that anything changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import current_app
from flask_babel import get_locale
from markupsafe import Markup

from forum import web
from forum.comments.thread import Row, Thread
from forum.comments.views import blueprint
from forum.splice import Part, chunked, deflated

T = TypeVar("T", Markup, bytes)
STRETCH = 16  # a stretch ends before one comment in so many: by its id, so that a new one moves no other end
_COMMENT = re.compile(rb'<article id="c-(\d+)"')


@dataclass(frozen=True)
class Drawn:
    """Be one comment as HTML, or one stretch of a page deflated; satisfies `pages.Kept`."""

    content: Markup | bytes
    until: None = None

    @property
    def size(self) -> int:
        """Return the bytes it takes, with its key, which is as long."""
        return 2 * len(self.content) + 500


@blueprint.app_template_global()
def threads(found: Iterable[Thread], since: datetime | None) -> Iterator[Markup]:
    """Yield each thread's HTML; for templates."""
    context, draw = ("thread", *_context(since)), _macros("_thread").numbered
    for thread in found:
        yield _kept((context, thread), lambda thread=thread: draw(thread, comments(thread.rows, since)))  # type: ignore[misc]


@blueprint.app_template_global()
def comments(rows: Iterable[Row], since: datetime | None) -> Iterator[Markup]:
    """Yield each row's HTML; for templates."""
    context, draw = ("comment", *_context(since)), _macros("_comment").comment
    for row in rows:
        yield _kept((context, row), lambda row=row: draw(row, since, False))  # type: ignore[misc]


def compressed(html: str) -> Part:
    """Deflate a discussion stretch by stretch, of which those that did not change are taken as they are."""
    plain = html.encode()
    starts = [found.start() for found in _COMMENT.finditer(plain) if int(found[1]) % STRETCH == 0]
    ends = [*starts, len(plain)]
    chunks = [plain[start:end] for start, end in zip([0, *starts], ends, strict=True)]
    return chunked(chunks, [_deflated(chunk) for chunk in chunks])


def _deflated(chunk: bytes) -> bytes:
    return _kept(("stretch", chunk), lambda: deflated(chunk))


def _macros(name: str) -> Any:
    """Return a template's macros, their words looked up for this request's language."""
    return current_app.jinja_env.get_template(f"comments/{name}.html").make_module({"_": web.words()})


def _context(since: datetime | None) -> tuple[object, ...]:
    """Return what times and words depend on besides what is drawn."""
    return since, str(get_locale()), web.site().timezone


def _kept(key: Hashable, make: Callable[[], T]) -> T:
    pieces = web.pieces()
    found = pieces.get(key)
    if found is None:
        found = Drawn(make())
        pieces.put(key, found)
    return cast(T, found.content)
