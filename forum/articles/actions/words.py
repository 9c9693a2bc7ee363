"""The words of an article: check and render what was typed, compare it with an article, put it into one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select

from forum.articles.models import MAX_STANDFIRST, Article, Tag
from forum.articles.naming import MAX_SLUG, MAX_TAG, is_slug, slug_of, split_tags, tag_slug
from forum.db import session
from forum.errors import Invalid
from forum.text.links import safe_link
from forum.text.rendering import MAX_ARTICLE, render, stored
from forum.text.words import is_legible, is_seen, one_line, tidy, trimmed

MAX_TITLE = 200  # characters
MAX_TAGS = 10
MAX_WORDS_AROUND = 20_000  # characters before a quoted piece, and after it


@dataclass(frozen=True)
class Words:
    """The words of an article, checked and rendered by `check_words()`.

    `slug` is the address wanted: None leaves it as it is, an empty one is made from the title.
    """

    title: str
    source: str
    html: Markup
    tags: tuple[str, ...]
    source_name: str
    source_url: str
    format: str
    standfirst: str
    foreword: str
    foreword_html: Markup
    afterword: str
    afterword_html: Markup
    slug: str | None


def check_words(
    title: str,
    body: str,
    tags: Iterable[str] = (),
    source_name: str = "",
    source_url: str = "",
    *,
    format: str = "markdown",
    standfirst: str = "",
    foreword: str = "",
    afterword: str = "",
    slug: str | None = None,
    complete: bool = True,
) -> Words:
    """Check and render the words of an article; pure, for the preview and for before the lock. Raises Invalid.

    Not `complete`, it complains of nothing: a preview shows what could not be saved yet, too.
    """
    title, source, names = one_line(title), trimmed(tidy(body)), tuple(one_line(name) for name in tags)
    source_name, source_url, standfirst = one_line(source_name), source_url.strip(), one_line(standfirst)
    foreword, afterword = trimmed(tidy(foreword)), trimmed(tidy(afterword))
    wrong = _wrong_lengths(title, source, names, standfirst)
    wrong |= _wrong_source(source_name, source_url, foreword, afterword)
    address = slug_of(slug) if slug else slug
    if slug and not (address and is_slug(address)):
        wrong["slug"] = _("Please give an address of letters and digits, up to %(number)s.", number=MAX_SLUG)
    if wrong and complete:
        raise Invalid(wrong)
    source, foreword, afterword = source[:MAX_ARTICLE], foreword[:MAX_WORDS_AROUND], afterword[:MAX_WORDS_AROUND]
    html = render(source, format, article=True)
    if complete and "<img" not in html and not is_legible(html):
        raise Invalid({"body": _("There is nothing to read in this yet.")})
    return Words(
        *(title, source, stored(html), names),
        *(source_name, safe_link(source_url) or "", format, standfirst),
        *(foreword, stored(render(foreword, article=True)), afterword, stored(render(afterword, article=True))),
        slug=address,
    )


def is_unchanged(article: Article, words: Words) -> bool:
    """Tell whether these are the article's own words as its form gives them back."""
    slugs = {tag_slug(name) for tag in article.tags for name in split_tags(tag.name)}
    own = (one_line(article.title), trimmed(tidy(article.source)), article.standfirst, article.foreword)
    return (
        own == (words.title, words.source, words.standfirst, words.foreword)
        and article.afterword == words.afterword
        and (one_line(article.source_name), safe_link(article.source_url) or "")
        == (words.source_name, words.source_url)
        and slugs == {tag_slug(name) for name in words.tags}
        and words.slug in (None, article.slug)
    )


def set_words(article: Article, words: Words) -> None:
    """Put words into an article; its address is another matter (`addresses.py`)."""
    article.title, article.source, article.html = words.title, words.source, str(words.html)
    article.source_name, article.source_url = words.source_name, words.source_url
    article.format, article.standfirst = words.format, words.standfirst
    article.foreword, article.foreword_html = words.foreword, str(words.foreword_html)
    article.afterword, article.afterword_html = words.afterword, str(words.afterword_html)
    wanted = {tag_slug(name): name for name in reversed(words.tags)}
    with session.no_autoflush:
        known = {tag.slug: tag for tag in session.scalars(select(Tag).where(Tag.slug.in_(wanted)))}
        article.tags = [known.get(slug) or Tag(slug=slug, name=name) for slug, name in wanted.items()]


def _wrong_lengths(title: str, source: str, tags: tuple[str, ...], standfirst: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not is_seen(title) or len(title) > MAX_TITLE:
        wrong["title"] = _("Please give it a title of up to %(number)s characters.", number=MAX_TITLE)
    if len(standfirst) > MAX_STANDFIRST:
        wrong["standfirst"] = _("Please shorten this to %(number)s characters.", number=MAX_STANDFIRST)
    if not 0 < len(source) <= MAX_ARTICLE:
        wrong["body"] = _("Please write a text of up to %(number)s characters.", number=format_decimal(MAX_ARTICLE))
    if len(tags) > MAX_TAGS or any(len(name) > MAX_TAG or not tag_slug(name) for name in tags):
        wrong["tags"] = _("Please give up to %(number)s tags, each of up to 60 letters.", number=MAX_TAGS)
    return wrong


def _wrong_source(name: str, url: str, foreword: str, afterword: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if url and not (safe_link(url) or "").startswith(("http://", "https://")):
        wrong["source_url"] = _("Please give an address that begins with https:// or http://.")
    if bool(name) != bool(url):
        wrong["source_url" if name else "source_name"] = _("A quoted piece needs both a name and an address.")
    for field, text in (("foreword", foreword), ("afterword", afterword)):
        if len(text) > MAX_WORDS_AROUND:
            wrong[field] = _("Please shorten this to %(number)s characters.", number=format_decimal(MAX_WORDS_AROUND))
        if text and not (name or url):
            wrong[field] = _(
                "Your own words stand around a quoted piece. Without a quoted piece, write them in the text."
            )
    return wrong
