"""What templates may call: words, times, avatars, hidden fields. No permission, no role."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel import Locale
from flask import Flask
from flask_babel import format_datetime, get_locale, get_translations
from flask_babel import gettext as _
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from forum.process import offers_mail
from forum.web import pages, viewer
from forum.wording import in_words, ngettext, number

HUES = 8  # avatar colours in the stylesheet, each at least 4.5:1 under white
LANGUAGES = 32  # whose words a process keeps at hand


def init_app(app: Flask) -> None:
    """Give every template its tools."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        site=viewer.site,
        viewer=viewer.viewer,
        offers_mail=offers_mail,
        csrf_field=pages.csrf_field,
        avatar=avatar,
        language=_tag,
        written=written,
        body_class=body_class,
        build=build,
        ngettext=_counted,
    )
    app.context_processor(lambda: {"_": words()})
    app.jinja_env.filters.update(number=number, day=day, few=few, moment=moment, machine=machine, in_words=in_words)


def words() -> Callable[..., Markup]:
    """Return what templates call as `_`, with the language looked up once: asking each time took half of a page."""
    return _words(get_translations())


@lru_cache(maxsize=LANGUAGES)
def _words(language: NullTranslations) -> Callable[..., Markup]:
    @cache  # there are only so many
    def plain(message: str) -> Markup:
        return filled(message) % {}

    @cache
    def filled(message: str) -> Markup:
        return Markup(language.ugettext(message))  # type: ignore[attr-defined]  # noqa: S704 -- our own words

    def say(message: str, **values: Any) -> Markup:
        if not values:
            return plain(message)
        # As `Markup % values`, in a fifth of the time: each value is escaped, then put in.
        return Markup(str(filled(message)) % {name: escape(value) for name, value in values.items()})  # noqa: S704

    return say


@pass_eval_context
def _counted(drawn: EvalContext, one: str, many: str, num: Any, **values: Any) -> str:
    if not drawn.autoescape:
        return ngettext(one, many, num, **values)
    escaped = {name: escape(value) for name, value in values.items()}
    return Markup(ngettext(one, many, num, **escaped))  # noqa: S704 -- our own words


def body_class() -> str:
    """Return the classes by which the stylesheet tells visitors from members; never who they are."""
    return "visitor" if viewer.viewer().id is None else "member"


@cache
def build() -> str:
    """Return a mark of the shipped stylesheets and scripts, so that browsers take new ones at once."""
    static = Path(__file__).parent.parent / "static"
    files = sorted(path for path in static.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:10]


@lru_cache(maxsize=4096)
def avatar(name: str) -> Markup:
    """Draw a disc with the first letter of a name; the colour follows the name."""
    hue = hashlib.sha256(name.encode()).digest()[7] % HUES
    letter = next((char for char in name if char.isalnum()), "?").upper()[:1]
    return Markup(
        '<svg class="avatar hue-{}" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32"/>'
        '<text x="16" y="21.5">{}</text></svg>'
    ).format(hue, escape(letter))


def few(count: int) -> str:
    """Show a count that is read up to a hundred only: 7, or 99+."""
    return str(count) if count < 100 else "99+"


def day(value: datetime) -> str:
    """Show a date: 17 September 2021."""
    return str(format_datetime(value, _("d MMMM y")))


def moment(value: datetime) -> str:
    """Show a date with its time: 17 September 2021, 11:32."""
    return str(format_datetime(value, _("d MMMM y, HH:mm")))


def machine(value: datetime) -> str:
    """Write a moment for the datetime attribute."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def _tag() -> str:
    return language().replace("_", "-")  # RFC 5646


def language() -> str:
    """Return the language in which words are drawn now, as Babel names it."""
    return _code(get_locale())


def written() -> Markup:
    """Return direction and language of an element with a text of people: the site's, where the page is in another.

    Screen readers choose their voice by it.
    """
    of_site = viewer.site().language
    return Markup('dir="auto"') if of_site == language() else Markup('dir="auto" lang="{}"').format(of_site)


@cache
def _code(locale: Locale) -> str:
    return str(locale)  # Babel puts it together anew each time
