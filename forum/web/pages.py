"""Pages, fragments, and forms that give back what was typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from flask import current_app, flash, g, redirect, render_template, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import Form

from forum.errors import Invalid
from forum.pages import Store
from forum.splice import Part, fused, part, secret, spliced
from forum.web.front import GZIPPED, SHARED, UNTIL
from forum.web.members import FLEETING, FRAME, Frame

F = TypeVar("F", bound=Form)
MARK = "\x00piece\x00"  # cannot be typed: a NUL is refused at the edge
MAX_TYPED = 20_000  # characters of one text kept in the session while somebody signs in


class Piece(Protocol):
    """Be a finished piece of a page."""

    @property
    def part(self) -> Part: ...


def render(template: str, fragment: str = "", **values: Any) -> str:
    """Render a page, or only its fragment (a template whose name begins with _) where a script asked for that."""
    return render_template(fragment if fragment and wants_fragment() else template, **values)


def render_around(template: str, name: str, piece: Piece, *, once: str = "", **values: Any) -> Response:
    """Render a page around a piece that is finished: plain, or as one gzip stream without compressing it again.

    The template prints `name` where the piece belongs. A page for visitors, which will be kept whole, is left plain;
    its gzipped form is laid beside it. `once` is what must be new in every answer: the key of a form.
    """
    head, tail = render_template(template, **{name: MARK}, **values).split(MARK, 1)
    response = Response(content_type="text/html; charset=utf-8")
    response.vary.add("Accept-Encoding")
    shared = SHARED in request.environ
    if shared:
        request.environ[GZIPPED] = spliced(part(head.encode()), piece.part, part(tail.encode()))
    if FRAME in request.environ and FLEETING not in request.environ and not session.modified:
        request.environ[FRAME].append(_frame(head, piece, tail, once))
    if shared or not request.accept_encodings.quality("gzip"):
        response.data = b"".join((head.encode(), *piece.part.plain, tail.encode()))
    else:
        response.data = spliced(head.encode(), piece.part, tail.encode())
        response.headers["Content-Encoding"] = "gzip"
    return response


def fleeting() -> None:
    """Say that this page shows something of the moment, so that it is not kept for the same person."""
    request.environ[FLEETING] = True


def _frame(head: str, piece: Piece, tail: str, once: str) -> Frame:
    """Return a member's page, cut where `once` stands; tokens lie uncompressed, so that no length tells of them."""
    token = str(g.get("csrf_token", ""))
    cut: list[list[Part]] = [[]]
    for place, half in enumerate((head, tail)):
        if place:
            cut[-1].append(piece.part)
        for number, stretch in enumerate(half.split(once) if once else [half]):
            if number:
                cut.append([])
            for inner, words in enumerate(stretch.split(token) if token else [stretch]):
                cut[-1] += ([secret(token.encode())] if inner else []) + [part(words.encode())]
    parts = tuple(fused(*parts) for parts in cut)
    return Frame(parts, request.environ.get(UNTIL), len(head) + len(tail))


def changes_at(until: datetime | None) -> None:
    """Say when the clock changes this page, so that it is not kept beyond that moment."""
    request.environ[UNTIL] = until


def pieces() -> Store[Any]:
    """Return the finished pieces this process keeps."""
    return cast(Store[Any], current_app.extensions["pieces"])


def wants_fragment() -> bool:
    """Tell whether a script of ours asked, which puts the answer into the open page."""
    return request.headers.get("X-Fragment") == "1"


def other_page(address: str) -> Response:
    """Answer 303: the browser gets the next page by GET, and reloading it repeats nothing."""
    return redirect(address, 303)


def safe_next(address: str | None, otherwise: str = "/") -> str:
    """Return where to go after signing in, if it is a path of this site; anything else becomes `otherwise`."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    if any(ord(char) < 33 or ord(char) == 127 or char == "\\" for char in address) or "//" in urlsplit(address).path:
        return otherwise
    return address


def say(message: str, undo: str = "") -> None:
    """Show a sentence on the next page, with a button that POSTs to `undo` where there is something to take back."""
    flash(message, undo or "message")


def csrf_field() -> Markup:
    """Return the hidden field every POST form carries; it starts a session, so only pages with a form call it."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(escape(generate_csrf()))


def sent() -> MultiDict[str, str] | None:
    """Return what a form sent, None for a GET: an empty form would untick every box that is ticked in the database."""
    return request.form if request.method == "POST" else None


def checked(form: F) -> F:
    """Return the form if what was typed fits it, else raise Invalid with a message per field."""
    if not form.validate():
        raise Invalid({name: " ".join(map(str, messages)) for name, messages in form.errors.items() if name})
    return form


def show_errors(form: Form, error: Invalid) -> None:
    """Put the messages of a refusal beside the fields they belong to; what fits none goes above the form."""
    for name, message in error.fields.items():
        if name in form._fields:
            form._fields[name].errors = [message]
        else:
            form.form_errors.append(message)


def give_back(place: str, text: str) -> None:
    """Keep a typed text in the session under the path of its form, while its writer signs in."""
    session["typed"] = {**session.get("typed", {}), place: text[:MAX_TYPED]}


def take_back(place: str, *, keep: bool = False) -> str:
    """Return the text kept for a form: once, or, to `keep` it for somebody who may yet sign in, any number of times."""
    typed = dict(session.get("typed", {}))
    text = str(typed.pop(place, ""))
    if text and not keep:
        session["typed"] = typed
    return text
