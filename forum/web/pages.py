"""Pages, fragments, and forms that give back what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import Form

from forum import db
from forum.errors import Invalid, Refusal
from forum.wording import in_words

F = TypeVar("F", bound=Form)
T = TypeVar("T")
Page = str | tuple[str, int] | Response  # what a view returns


def render(template: str, fragment: str = "", **values: Any) -> str:
    """Render a page, or only its fragment (a template whose name begins with _) where a script asked for that."""
    return render_template(fragment if fragment and wants_fragment() else template, **values)


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
    """Return the hidden field every POST form carries; it makes the answer private, so only forms call it."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(escape(generate_csrf()))


def sent() -> MultiDict[str, str] | None:
    """Return what a form sent, None for a GET: an empty form would untick every box that is ticked in the database."""
    return request.form if request.method == "POST" else None


def checked(form: F) -> F:
    """Return the form if what was typed fits it, else raise Invalid with a message per field."""
    if not form.validate():
        raise Invalid({name: " ".join(map(str, messages)) for name, messages in form.errors.items() if name})
    return form


def show_errors(form: Form, error: Refusal) -> None:
    """Put the messages of a refusal beside the fields they belong to; what fits none goes above the form."""
    messages = error.fields if isinstance(error, Invalid) else {"": in_words(error.reason)}
    for name, message in messages.items():
        if name in form:
            form[name].errors = [message]
        else:
            form.form_errors.append(message)


def attempt(form: Form, act: Callable[[], T]) -> T | Invalid:
    """Check a form, act and commit; return what was made, or what is wrong: nothing is kept, and the form says it."""
    try:
        checked(form)
        made = act()
    except Invalid as error:
        db.rollback()
        show_errors(form, error)
        return error
    db.commit()
    return made
