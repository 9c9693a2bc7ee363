"""Pages drawn around a finished piece: the discussion that many readers share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import g, render_template, request
from werkzeug.wrappers import Response

from forum.comments.reading.deflate import OWN_LEVEL, Deflated, deflate, gzipped, secret

MARK = "\x00piece\x00"  # where the piece belongs; nobody can type it, because a NUL is refused at the edge


def render_around(template: str, name: str, piece: Deflated, **values: Any) -> Response:
    """Render a page around a finished piece; the template prints the variable `name` where the piece belongs.

    The piece is not compressed again. What comes before and after it is drawn for this reader, in windows of its own,
    and the form's token is not compressed at all: so the length of an answer tells nothing of it.
    """
    before, after = render_template(template, **{name: MARK, **values}).split(MARK)
    pieces = [*_own(before), piece, *_own(after)]
    response = Response(content_type="text/html; charset=utf-8")
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip"):
        response.headers["Content-Encoding"] = "gzip"
        response.data = gzipped(pieces)
    else:
        response.data = b"".join(each.plain for each in pieces)
    return response


def _own(html: str) -> Iterator[Deflated]:
    token = str(g.get("csrf_token", ""))
    for number, words in enumerate(html.split(token) if token else [html]):
        if number:
            yield secret(token.encode())
        yield deflate(words.encode(), OWN_LEVEL)
