"""Forms that were not taken: everything that was typed, in a page from which it is sent again.

The page itself holds the fields, so nothing of them is stored: neither how long they are nor how many matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum.site.forms import Form, Pressed
from forum.web.pages import safe_next
from forum.web.sessions import CSRF

# The forms whose own pages keep what is typed in the browser (data-draft): articles, comments and ends.
DRAFTS = re.compile(r"/articles/(?:new|[^/]+/(?:edit|comments))|/comments/\d+/(?:reply|edit|close)")
UNSEEN = ("HiddenField", "FileField", "PasswordField")  # kinds of fields that are not shown to be copied
PREFIX = "held-"  # before the names of fields that wait behind a sign-in, whose own are "username" and "password"


@dataclass(frozen=True)
class Field:
    """One field of a form; `is_text` tells whether somebody wrote it and would miss it. `label` may be empty.

    `words` is what somebody wrote, typed or chose there, as the page of its form says it; empty for what nobody did.
    """

    name: str
    value: str
    is_text: bool
    label: str
    words: str


@dataclass(frozen=True)
class Known:
    """What is known of a field from its form: its kind, its label, and what each choice is called."""

    kind: str
    label: Any
    choices: dict[str, Any]

    def words(self, value: str) -> str:
        """Return what somebody wrote, typed or chose by a value; empty where nobody sees the field."""
        if self.kind in UNSEEN or not value:
            return ""
        return _("yes") if self.kind == "BooleanField" else str(self.choices.get(value, value))


@dataclass(frozen=True)
class Held:
    """A form that was not taken: where it goes, and what it holds. Passwords and files are left out."""

    action: str
    fields: tuple[Field, ...]

    @property
    def texts(self) -> list[Field]:
        """Return what was written."""
        return [field for field in self.fields if field.is_text]

    @property
    def typed(self) -> list[Field]:
        """Return what was written, typed or chosen."""
        return [field for field in self.fields if field.words]

    @property
    def draft(self) -> str:
        """Return the name under which the form's own page keeps what is typed; nothing where it keeps none."""
        path = self.action.partition("?")[0]
        return path if DRAFTS.fullmatch(path) else ""


def held() -> Held:
    """Return the form that this request sent, or the one that waits behind it where this is a sign-in."""
    waiting = {name: values for name, values in _sent().items() if name.startswith(PREFIX)}
    if waiting:
        return Held(safe_next(request.form.get("next")), tuple(_fields(waiting)))
    return Held(request.full_path.rstrip("?"), tuple(_fields(_sent())))


def is_waiting() -> bool:
    """Tell whether a form waits behind this sign-in."""
    return any(name.startswith(PREFIX) for name in _sent())


def sent_value(name: str) -> str:
    """Return a field of the form that this request sent; empty where there is none, or the form cannot be read."""
    return next(iter(_sent().get(name, ())), "")


def _sent() -> dict[str, list[str]]:
    try:
        return dict(request.form.lists()) if request.method == "POST" else {}
    except HTTPException:  # the form itself was what could not be read
        return {}


def _fields(sent: dict[str, list[str]]) -> Iterator[Field]:
    plain = {name.removeprefix(PREFIX): values for name, values in sent.items()}
    form = max(_known(), key=lambda form: len(form.keys() & plain.keys()) / len(form.keys() | plain.keys()))
    for name, values in plain.items():
        kind = _kinds().get(name)
        if name != CSRF and kind != "PasswordField":
            known = form.get(name) or Known("text" if kind == "text" else UNSEEN[0], "", {})
            for value in values:
                yield Field(name, value, bool(value) and known.kind == "text", str(known.label), known.words(value))


@cache
def _kinds() -> dict[str, str]:
    """Return the kinds of the fields of all forms of ours by name, those of one name in one."""
    kinds: dict[str, str] = {}
    for form in _known():
        kinds |= {name: field.kind for name, field in form.items() if kinds.get(name) != "text"}
    return kinds


@cache
def _known() -> list[dict[str, Known]]:
    """Return what is known of each field of each form of ours: which form was sent, its fields tell."""
    return [{field.name: _known_of(field) for field in form()} for form in _forms(Form)]


def _known_of(field: Any) -> Known:
    listed = [choice for choice in getattr(field, "choices", None) or () if isinstance(choice, SelectChoice)]
    # A label of ours is lazy. WTForms makes one of the name where there is none: of buttons that a page draws itself.
    is_button = isinstance(field, Pressed) and isinstance(field.label.text, str)
    kind = UNSEEN[0] if is_button else _kind(field)
    return Known(kind, field.label.text, {str(choice.value): choice.label for choice in listed})


def _kind(field: Any) -> str:
    """Return the kind of a field; `text` is what people write, and browsers do not fill in."""
    is_filled_in = "autocomplete" in (field.render_kw or {})
    typed = field.type == "TextAreaField" or (field.type == "StringField" and not is_filled_in)
    return "text" if typed else str(field.type)


def _forms(kind: type[Form]) -> Iterator[type[Form]]:
    for form in kind.__subclasses__():
        if form.__module__.startswith("forum."):
            yield form
        yield from _forms(form)
