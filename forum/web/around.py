"""Draw a page around a piece that is finished already, and join both without compressing either again.

What stands around it is kept too, under all that it shows: a visitor's for everybody, a member's for their session. So
after somebody's reply neither has to be drawn anew for those who read on.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from flask import g, render_template, request, session
from werkzeug.wrappers import Response

from forum.splice import OWN_LEVEL, SHARED_LEVEL, Part, fused, part, secret
from forum.web.front import GZIPPED, SHARED, UNTIL
from forum.web.members import FLEETING, FRAME, WHOSE, Frame, joined
from forum.web.pages import pieces
from forum.web.viewer import site

MARK = "\x00piece\x00"  # where the piece belongs; cannot be typed: a NUL is refused at the edge


@dataclass(frozen=True)
class Around:
    """Be what stands before a piece and after it, each cut where a one-time key belongs; satisfies `pages.Kept`."""

    head: tuple[Part, ...]
    tail: tuple[Part, ...]
    until: None = None

    @property
    def size(self) -> int:
        """Return the bytes it takes."""
        return 2 * sum(each.size for each in (*self.head, *self.tail)) + 2000


def render_around(
    template: str, name: str, piece: Part, *, once: str = "", same: Hashable = None, **values: Any
) -> Response:
    """Render a page around a piece: plain, or as one gzip stream.

    The template prints `name` where the piece belongs. `once` is what must be new in every answer: the key of a form.
    `same` is all that the page shows besides the piece, the site's settings, and what a member's page is kept under. A
    page for visitors, which will be kept whole, is left plain; its gzipped form is laid beside it.
    """
    around, kept = _around(template, {name: MARK, **values}, once, same)
    *head, last = around.head
    first, *tail = around.tail
    parts = (*head, fused(last, piece, first), *tail)
    if kept and FRAME in request.environ:
        request.environ[FRAME].append(Frame(parts, request.environ.get(UNTIL), around.size))
    response = Response(content_type="text/html; charset=utf-8")
    response.vary.add("Accept-Encoding")
    shared = SHARED in request.environ
    gzips = not shared and bool(request.accept_encodings.quality("gzip"))
    if shared:
        request.environ[GZIPPED] = joined(parts, repeat(once), gzips=True)
    elif gzips:
        response.headers["Content-Encoding"] = "gzip"
    response.data = joined(parts, repeat(once), gzips=gzips)
    return response


def _around(template: str, values: Mapping[str, Any], once: str, same: Hashable) -> tuple[Around, bool]:
    """Return what stands around a piece, and whether it may be kept."""
    whose = "everybody" if SHARED in request.environ else request.environ.get(WHOSE)
    key = ("around", template, site().version, whose, same)
    if whose is not None and not _passing() and (known := pieces().get(key)) is not None:
        return known, True
    head, tail = render_template(template, **values).split(MARK, 1)
    lasting = whose is not None and not _passing()  # asked again, for it may be the template that says so
    level = SHARED_LEVEL if lasting else OWN_LEVEL
    drawn = Around(_cut(head, once, level), _cut(tail, once, level))
    if lasting:
        pieces().put(key, drawn)
    return drawn, lasting


def _passing() -> bool:
    return FLEETING in request.environ or session.modified


def _cut(html: str, once: str, level: int) -> tuple[Part, ...]:
    """Cut where `once` stands; tokens lie uncompressed, so that no length tells of them."""
    token = str(g.get("csrf_token", ""))
    cut = []
    for stretch in html.split(once) if once else [html]:
        parts: list[Part] = []
        for number, words in enumerate(stretch.split(token) if token else [stretch]):
            parts += ([secret(token.encode())] if number else []) + [part(words.encode(), level)]
        cut.append(fused(*parts))
    return tuple(cut)
