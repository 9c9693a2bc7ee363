"""Markdown or imported HTML -> safe Markup. The only importer of bleach and the only maker of user HTML.

There are three walls: Markdown with HTML off, then bleach with a callable for addresses (its list of protocols alone
lets `javascript:123` and `data:1` through), then the Content-Security-Policy in `forum.web`. bleach had its last
release in June 2026 and gets no security fixes; `clean()` is the one function to swap, sources are kept.
"""

from __future__ import annotations

import html as html_module
import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import bleach
from bleach.html5lib_shim import Filter
from markdown_it import MarkdownIt
from markupsafe import Markup

RENDERER_VERSION = 1  # stored with each comment; raised whenever the same source would give other HTML
MAX_COMMENT = 10_000  # characters: twenty screens of talk, and what the parser reads in under 300 ms at its worst
MAX_ARTICLE = 200_000  # characters: a long essay
# bleach is quadratic in open tags (120 kB of them take 8 s) and linear in others (40,000 take 0.8 s). Markdown never
# nests past 20; imported HTML might.
MAX_OPEN = 100
MAX_TAGS = 40_000
# These need no end tag, so that many of them in a row are not many open ones.
_END_THEMSELVES = re.compile("area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|source|td|th|tr|wbr")

INLINE = ("a", "abbr", "b", "br", "code", "del", "em", "i", "s", "strong", "sub", "sup")
BLOCK = ("blockquote", "hr", "li", "ol", "p", "pre", "ul")
ARTICLE_ONLY = ("h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td")
# Only addresses with these schemes may be links. Every other address stays text.
SCHEMES = frozenset({"http", "https", "mailto"})
_OVERRIDES = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"))
_CONTROLS = {code: None for code in (*range(32), 127, *range(0xD800, 0xE000)) if chr(code) not in "\n\t"}
_TAG = re.compile(r"<[^>]*>")
_TAG_CUT_OFF = re.compile(r"<[^>]*\Z|&[^;\s]{0,10}\Z")
_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_HOST = re.compile(r"[a-z0-9._~%-]+|\[[0-9a-f:.]+\]", re.IGNORECASE)
_BLOCK_END = re.compile(r"</(?:p|li|h[2-4]|pre|blockquote|td|th)>|<(?:br|hr)[^>]*>")
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_local = threading.local()


def render(source: str, kind: str = "markdown", *, article: bool = False) -> str:
    """Turn a source text into clean HTML.

    `kind` is markdown or html (imported). Comments get no headings, tables or pictures; articles get headings from
    the second level down. Both give only tags, attributes and addresses listed above.
    """
    source = tidy(source)
    if kind == "html":
        return clean(_without_scripts(source), article=article)
    parser = _per_thread("article parser" if article else "parser", lambda: _markdown(article))
    return clean(parser.render(source), article=article)


def clean(untrusted: str, *, article: bool = False) -> str:
    """Return HTML with only the allowed tags, attributes and addresses. Running it twice changes nothing more."""
    if _is_overgrown(untrusted):
        untrusted = _flat(untrusted)
    cleaner = _per_thread("article cleaner" if article else "cleaner", lambda: _cleaner(article))
    cleaned = str(cleaner.clean(untrusted)).strip()
    # Tags that overlap are opened again in every paragraph, so a little HTML can become a lot.
    return _flat(cleaned) if _is_overgrown(cleaned) else cleaned


def stored(cleaned: str) -> Markup:
    """Mark HTML that `render()` made, and that came back from our own table, as safe to print."""
    return Markup(cleaned)  # noqa: S704 -- the only such place: the HTML was cleaned before it was stored


def tidy(source: str) -> str:
    """Return typed text with plain line ends and without NUL, control characters, direction overrides and zalgo."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS).translate(_OVERRIDES)
    return source if source.isascii() else _many_marks().sub(r"\1", source)


@cache
def _many_marks() -> re.Pattern[str]:
    """Match more than five accents on one letter, which no script stacks; zalgo does. Making it takes 30 ms."""
    mark = "".join(char for char in map(chr, range(0x300, 0x20000)) if unicodedata.category(char) in ("Mn", "Me"))
    # The look ahead spares letters of the West the long list.
    return re.compile(f"(?=[^\\x00-\u02ff])([{mark}]{{5}})[{mark}]+")


def one_line(source: str) -> str:
    """Return a name or title: tidy, NFC, white space folded, nothing invisible at its ends."""
    folded = " ".join(unicodedata.normalize("NFC", tidy(source)).split())
    return folded.strip("\u200b\u2060\ufeff\u00ad")


def plain(cleaned: str) -> str:
    """Return the words of cleaned HTML, on one line."""
    return " ".join(html_module.unescape(_TAG.sub("", _BLOCK_END.sub(" ", cleaned))).split())


def is_legible(cleaned: str) -> bool:
    """Tell whether cleaned HTML shows anything, and not only spaces and invisible characters."""
    return "<hr" in cleaned or any(unicodedata.category(char)[0] not in "ZCM" for char in plain(cleaned))


def excerpt(cleaned: str, length: int = 60) -> str:
    """Return the beginning of a comment's words, cut between words, at most `length` characters and an ellipsis."""
    words = plain(_TAG_CUT_OFF.sub("", cleaned[: length * 20]) if len(cleaned) > length * 20 else cleaned)
    if len(words) <= length:
        return words
    cut = words[: length + 1].rsplit(" ", 1)[0][:length]
    while cut and _belong_together(cut, words[len(cut)]):
        cut = cut[:-1]
    return cut.rstrip(" ,;:") + "…"


def safe_link(address: str) -> str | None:
    """Return an absolute http, https or mailto address, its host in ASCII, or None where it is anything else."""
    address = address.strip()
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port  # raises where it is not a number up to 65535
    except ValueError:
        return None
    if parts.scheme.lower() not in SCHEMES:
        return None
    if parts.scheme.lower() == "mailto":
        return address if "@" in parts.path else None
    if not host.isascii():
        return _in_ascii(address, host)
    return address if _HOST.fullmatch(host if ":" not in host else f"[{host}]") else None


def _in_ascii(address: str, host: str) -> str | None:
    try:
        spelled = host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    at = address.lower().find(host)
    link = address[:at] + spelled + address[at + len(host) :]
    # An address in which the host's name occurs twice, or has capitals of another length, is refused.
    return link if _HOST.fullmatch(spelled) and urlsplit(link).hostname == spelled else None


def _belong_together(cut: str, following: str) -> bool:
    """Tell whether a cut here would tear an emoji made of several characters, a flag, or a letter from its marks."""
    flags = len(cut) - len(cut.rstrip(_FLAG_LETTERS))
    return (
        cut[-1] == "\u200d"
        or following in "\u200d\ufe0f"
        or following in _SKIN_TONES
        or unicodedata.category(following) in ("Mn", "Mc", "Me")
        or (following in _FLAG_LETTERS and flags % 2 == 1)
    )


def _is_overgrown(html: str) -> bool:
    """Tell whether bleach would need too long for this HTML: too many tags, or too many open at once."""
    if html.count("<") > MAX_TAGS:
        return True
    opened: dict[str, int] = {}
    depth = 0
    for slash, name in _TAG_NAME.findall(html):
        name = name.lower()
        if _END_THEMSELVES.fullmatch(name) or (slash and not opened.get(name)):
            continue
        change = -1 if slash else 1
        opened[name] = opened.get(name, 0) + change
        depth += change
        if depth > MAX_OPEN:
            return True
    return False


def _flat(html: str) -> str:
    return "<p>" + html_module.escape(plain(html), quote=False) + "</p>"


def _allowed(tag: str, name: str, value: str) -> bool:
    if tag == "a" and name == "href":
        return safe_link(value) is not None
    if tag == "ol" and name == "start":
        return value.isdecimal() and len(value) < 10
    return tag in ("a", "abbr") and name == "title"


class _Links(Filter):  # type: ignore[misc]  # bleach has no types
    """A filter that gives every link its `rel` (no referrer, no ranking) and its host in ASCII."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token["type"] == "StartTag" and token["name"] == "a":
                href = token["data"].get((None, "href"))
                if href and (link := safe_link(href)):
                    token["data"][(None, "href")] = link
                    token["data"][(None, "rel")] = "nofollow ugc noopener noreferrer"
            yield token


def _cleaner(article: bool) -> Any:
    tags = {*INLINE, *BLOCK, *(ARTICLE_ONLY if article else ())}
    return bleach.Cleaner(tags=tags, attributes=_allowed, protocols=SCHEMES, strip=True, filters=[_Links])


def _markdown(article: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": not article, "xhtmlOut": False})
    parser.enable(["linkify", "strikethrough"])
    parser.disable(["image", "html_inline", "html_block"])
    if article:
        parser.enable("table")
        parser.core.ruler.push("headings", _lower_headings)
    else:
        parser.disable(["heading", "lheading"])
    return parser


def _lower_headings(state: Any) -> None:
    # The page's title is its only first-level heading.
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(4, max(2, int(token.tag[1]) + (token.tag == 'h1')))}"


def _without_scripts(source: str) -> str:
    # bleach removes the tags but leaves the text between them, which no person should read.
    for tag in ("script", "style"):
        pieces = re.split(rf"<{tag}\b", source, flags=re.IGNORECASE)
        kept = [pieces[0]]
        for piece in pieces[1:]:
            kept.append(
                re.split(rf"</{tag}\s*>", piece, maxsplit=1, flags=re.IGNORECASE)[-1]
                if f"</{tag}" in piece.lower()
                else ""
            )
        source = "".join(kept)
    return source


def _per_thread(name: str, make: Any) -> Any:
    # bleach does not say that a Cleaner can be shared between threads, and a parser keeps state.
    if not hasattr(_local, name):
        setattr(_local, name, make())
    return getattr(_local, name)
