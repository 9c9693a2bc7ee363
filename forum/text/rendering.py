"""Markdown or imported HTML -> safe Markup. The only importer of bleach and the only maker of user HTML.

There are three walls: Markdown with HTML off, then bleach with a callable for addresses (its list of protocols alone
lets `javascript:123` and `data:1` through), then the Content-Security-Policy in `forum.web`. bleach had its last
release in June 2026 and gets no security fixes; `clean()` is the one function to swap, sources are kept. What bleach
would leave as it is, it need not read (`settled.py`).
"""

from __future__ import annotations

import html as html_module
import re
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import bleach
from bleach.html5lib_shim import Filter
from markupsafe import Markup

from forum.text.addresses import BareAddresses, linkify
from forum.text.cost import ARTICLE, COMMENT, CountingParser, TooCostly, as_typed
from forum.text.footnotes import add_footnotes, is_part_of_note, named_after
from forum.text.links import SCHEMES, text_link
from forum.text.pictures import draw_pictures, figure, shown
from forum.text.settled import is_settled
from forum.text.tokens import ALONE, Token, parted, tokens, written
from forum.text.words import plain, tidy, tidy_html

RENDERER_VERSION = 3  # stored with each comment; raised whenever the same source would give other HTML
MAX_COMMENT = 10_000  # characters: twenty screens of talk
MAX_ARTICLE = 200_000  # characters: a long essay
# bleach is quadratic in open tags (120 kB of them take 8 s), and in tags and signs (20,000 take 1 s, 40,000 take 4).
# Markdown never nests past 20; imported HTML might. So a long text is cleaned in pieces, cut between paragraphs.
MAX_OPEN = 100
MAX_TAGS = 20_000
PIECE = 10_000  # characters

INLINE = ("a", "abbr", "b", "br", "code", "del", "em", "i", "s", "strong", "sub", "sup")
BLOCK = ("blockquote", "hr", "li", "ol", "p", "pre", "ul")
ARTICLE_ONLY = ("figcaption", "figure", "h2", "h3", "h4", "img", "table", "tbody", "td", "th", "thead", "tr")
_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_local = threading.local()


def render(source: str, kind: str = "markdown", *, article: bool = False) -> str:
    """Turn a source text into clean HTML.

    `kind` is markdown or html (imported). Comments get no headings, tables, notes or pictures; articles get headings
    from the second level down, and the pictures of this site. Both give only tags, attributes and addresses listed
    above. A text that costs too much (`cost.py`) is shown as it was typed.
    """
    source = tidy(source)
    return _from_html(source, article) if kind == "html" else _from_markdown(source, article)


def clean(untrusted: str, *, article: bool = False, notes: bool = False) -> str:
    """Return HTML with only the allowed tags, attributes and addresses. Running it twice changes nothing more.

    Footnotes keep their ids with `notes`, for what our own parser made: in HTML of others any id may stand twice.
    """
    if len(untrusted) > 2 * PIECE:
        return "".join(_cleaned(piece, article, notes) for piece in parted(untrusted, PIECE)).strip()
    return (untrusted if is_settled(untrusted) else _cleaned(untrusted, article, notes)).strip()


def stored(cleaned: str) -> Markup:
    """Mark HTML that `render()` made, and that came back from our own table, as safe to print."""
    return Markup(cleaned)  # noqa: S704 -- the only such place: the HTML was cleaned before it was stored


def _from_markdown(source: str, article: bool) -> str:
    parser = _per_thread("article parser" if article else "parser", lambda: _markdown(article))
    try:
        # "&#x202E;" is such a character, too.
        made = tidy(parser.render(source, named_after(source)))
        cleaned = tidy_html(clean(made, article=article, notes=article))
    except TooCostly:
        return as_typed(source)
    # Cleaning makes links longer.
    return cleaned if parser.allowance.has_room(len(cleaned), source) else as_typed(source)


def _from_html(source: str, article: bool) -> str:
    settled = len(source) <= 2 * PIECE and is_settled(source)
    html = source.replace("&quot;", '"') if settled else written(_tidied(tokens(source)))
    # An article of another site may be of any length: it is cleaned in pieces.
    if not article and not COMMENT.covers(html, source):
        return _flat(html)
    cleaned = tidy_html(html.strip() if settled else clean(html, article=article))
    return cleaned if article or COMMENT.has_room(len(cleaned), source) else _flat(cleaned)


def _cleaned(untrusted: str, article: bool, notes: bool) -> str:
    if _is_overgrown(untrusted):
        return _flat(untrusted)
    cleaner = _per_thread(f"cleaner {article} {notes}", lambda: _cleaner(article, notes))
    cleaned = str(cleaner.clean(untrusted))
    # Tags that overlap are opened again in every paragraph, so a little HTML can become a lot.
    return _flat(cleaned) if _is_overgrown(cleaned) else cleaned


def _is_overgrown(html: str) -> bool:
    """Tell whether bleach would need too long for this HTML: too many tags and signs, or too many tags open at once."""
    if html.count("<") + html.count("&") > MAX_TAGS:
        return True
    opened: dict[str, int] = {}
    depth = 0
    for slash, name in _TAG_NAME.findall(html):
        name = name.lower()
        if name in ALONE or (slash and not opened.get(name)):
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
        return text_link(value) is not None
    if tag == "ol" and name == "start":
        return value.isascii() and value.isdecimal() and len(value) < 10
    if tag == "img":
        return name in ("src", "alt", "width", "height")
    return tag in ("a", "abbr") and name == "title"


class _Addresses(Filter):  # type: ignore[misc]  # bleach has no types
    """A filter that gives links their `rel` (no referrer, no ranking) and a host in ASCII, and pictures their files.

    An `<a>` that may lead nowhere is left out, its words stay. So is a picture that is none of this site.
    """

    def __iter__(self) -> Iterator[dict[str, Any]]:
        leads: list[bool] = []  # whether each open <a> has an address
        for token in super().__iter__():
            if token.get("name") == "img":
                values = {name: value for (_, name), value in token["data"].items()}
                if (picture := shown(values)) is not None:
                    named = {"alt": values.get("alt", ""), **picture.attributes}
                    token["data"] = {(None, name): value for name, value in named.items()}
                    yield token
            elif token.get("name") != "a":
                yield token
            elif token["type"] == "EndTag":
                if leads.pop():
                    yield token
            else:
                link = text_link(token["data"].get((None, "href")) or "")
                leads.append(link is not None)
                if link is not None:
                    token["data"][(None, "href")] = link
                    token["data"][(None, "rel")] = "nofollow ugc noopener noreferrer"
                    yield token


def _allowed_with_notes(tag: str, name: str, value: str) -> bool:
    return _allowed(tag, name, value) or is_part_of_note(tag, name, value)


def _cleaner(article: bool, notes: bool) -> Any:
    tags = {*INLINE, *BLOCK, *(ARTICLE_ONLY if article else ()), *(("section",) if notes else ())}
    attributes = _allowed_with_notes if notes else _allowed
    cleaner = bleach.Cleaner(tags=tags, attributes=attributes, protocols=SCHEMES, strip=True, filters=[_Addresses])
    # In single quotation marks bleach writes "&" as "&amp;amp;", and the address is another one.
    cleaner.serializer.use_best_quote_char = False
    return cleaner


class _Parser(CountingParser):
    """A parser that leaves as typed what may not be a link."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 -- the library's name
        return text_link(url) is not None


def _markdown(article: bool) -> _Parser:
    parser = _Parser("commonmark", {"html": False, "linkify": True, "breaks": not article, "xhtmlOut": False})
    parser.linkify = BareAddresses()
    parser.enable(["linkify", "strikethrough"])
    parser.disable(["html_inline", "html_block"])
    parser.inline.ruler.at("linkify", linkify)
    parser.block.ruler.before("blockquote", "own line", _ends_quotation, {"alt": ["blockquote"]})
    if article:
        parser.enable("table")
        add_footnotes(parser)
        parser.core.ruler.push("headings", _lower_headings)
        parser.core.ruler.push("pictures", draw_pictures)
        parser.add_render_rule("figure", lambda _renderer, *place: figure(*place))
    else:
        parser.disable(["heading", "lheading", "image"])
    parser.count(ARTICLE if article else COMMENT)
    return parser


def _ends_quotation(state: Any, _start: int, _end: int, silent: bool) -> bool:
    # CommonMark takes a line without ">" below a quotation for a part of it; the words written there answer it.
    return silent and state.parentType == "blockquote"


def _lower_headings(state: Any) -> None:
    # The page's title is its only first-level heading.
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(4, max(2, int(token.tag[1]) + (token.tag == 'h1')))}"


def _tidied(row: Iterable[Token]) -> Iterator[Token]:
    for token in row:
        yield token._replace(value=tidy(token.value)) if token.kind == "text" else token


def _per_thread(name: str, make: Any) -> Any:
    # bleach does not say that a Cleaner can be shared between threads, and a parser keeps state.
    if not hasattr(_local, name):
        setattr(_local, name, make())
    return getattr(_local, name)
