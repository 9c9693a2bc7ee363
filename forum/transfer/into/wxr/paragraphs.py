"""Turn a text of WordPress into HTML as WordPress shows it, with only what is kept here. Pure, and linear.

WordPress makes paragraphs of blank lines and breaks of line ends when it shows a text, beside whatever tags stand
there, unless the text is made of blocks. What has no place here keeps its words and its breaks: a picture becomes a
link, unless it is stored here by now (`uploads.py`), a table in a comment lines.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from urllib.parse import unquote, urljoin, urlsplit

from forum.text.links import safe_link
from forum.text.pictures import Picture
from forum.text.tokens import BLOCKS, Token, tokens
from forum.text.words import tidy
from forum.transfer.into.wxr.shortcodes import Gallery, as_html

_BLOCK_EDITOR = re.compile(r"<!-- wp:[a-z]")
_SCRIPT = re.compile(r"<(?:script|style)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w@/.])(?:https?://|www\.)[^\s<>\"“”«»]++", re.IGNORECASE)
_STAY = frozenset({"a", "abbr", "b", "code", "del", "em", "i", "s", "strong", "sub", "sup"})
_INSTEAD = {"strike": "s", "tt": "code", "kbd": "code", "samp": "code", "cite": "em", "var": "em", "dfn": "em"}
_INSTEAD |= {"acronym": "abbr"}
_LISTS = frozenset({"ul", "ol", "li", "blockquote"})
_TABLES = frozenset({"table", "thead", "tbody", "tr", "td", "th"})
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_DISSOLVED = BLOCKS | {"figcaption", "caption", "dt", "dd", "tfoot", "summary", "legend", "tr", "colgroup"}
_TIGHT = frozenset({"li", "td", "th"})  # a single paragraph in these is none
_EMBEDS = frozenset({"iframe", "video", "audio", "embed", "source"})
_FIELDS = frozenset({"input", "select", "button", "textarea"})
_PICTURE = re.compile(r"<img [^<>]*>")
_PICTURES_ALONE = re.compile(r"(?:<img [^<>]*>|</?a\b[^<>]*>|<br>|\s)+")
_LINK_AROUND_NOTHING = re.compile(r"<a\b[^<>]*>\s*</a>")
Find = Callable[[str], Picture | str]  # a picture's address -> what is stored of it, or under which code it is counted
_SPACE = " \t\r\f"  # no-break spaces are wanted


def paragraphs(
    source: str,
    base: str = "",
    *,
    article: bool = True,
    find: Find = lambda address: "pictures",
    gallery: Gallery = lambda attributes: "",
) -> tuple[str, Counter[str]]:
    """Return a text as HTML, and counts of what was changed by code (`report.py`); `base` is where it stood."""
    text = _Text(base, article, by_lines=_BLOCK_EDITOR.search(source) is None, find=find)
    text.changed["scripts"] = len(_SCRIPT.findall(source))
    if article:  # in comments WordPress shows them as they were typed
        source, text.changed["shortcodes"] = as_html(source, gallery)
    for token in tokens(source):
        text.take(token)
    text.flush()
    return "\n".join(filter(None, text.out)), +text.changed


class _Text:
    """The state of one text on its way: what is ready, the run of inline pieces at hand, the blocks around it."""

    def __init__(self, base: str, article: bool, by_lines: bool, find: Find) -> None:
        self.base, self.article, self.by_lines, self.find = base, article, by_lines, find
        self.figure: list[str] | None = None  # the pictures of an open figure; the run is its caption
        self.out: list[str] = []
        self.run: list[str] = []
        self.around: list[str] = []  # names of open blocks that are kept
        self.is_first = True  # nothing of the innermost block was written yet
        self.heading = ""
        self.in_link = self.in_pre = False
        self.in_code = 0
        self.changed: Counter[str] = Counter()

    def take(self, token: Token) -> None:
        """Take the next token."""
        name = token.value
        if token.kind == "text":
            self.run.append(self._linked(name))
        elif name == "pre":
            self._pre(token.kind == "start")
        elif self.in_pre:
            self._inline(token)
        elif name in _HEADINGS:
            self.flush()
            self.heading = name if token.kind == "start" else ""
        elif name in _LISTS or (self.article and name in _TABLES):
            self._block(token)
        elif not self.article and name in ("td", "th"):
            self._cell(token)
        elif name == "hr":
            self.flush()
            self.out.append("<hr>")
        elif name == "figure":
            self.flush()
            self.figure = [] if token.kind == "start" else None
        elif self.figure and name in _DISSOLVED:
            self.run.append(" ")
        elif name in _DISSOLVED:
            self.flush()
            self.is_first = False if name == "p" else self.is_first
        else:
            self._inline(token)

    def flush(self) -> None:
        """Write the run at hand as paragraphs."""
        text, self.run = "".join(self.run), []
        if self.figure:
            self.out += _figures(self.figure, text)
            self.figure, self.is_first = None, False
            return
        if self.in_pre:
            self.out.append(f"<pre>{text}</pre>")
            self.in_pre = False
            return
        parts = self._parts(text)
        if not parts:
            return
        tag = (_HEADINGS[self.heading] if self.article else "strong") if self.heading else ""
        if tag:
            inner = f"<{tag}>" + "<br>\n".join(parts) + f"</{tag}>"
            self.out.append(inner if self.article else f"<p>{inner}</p>")
        elif self.is_first and len(parts) == 1 and self.around and self.around[-1] in _TIGHT:
            self.out[-1] += parts[0]
        else:
            for part in parts:
                alone = "<img " in part and _PICTURES_ALONE.fullmatch(part)
                self.out += _figures(_PICTURE.findall(part), "") if alone else [f"<p>{part}</p>"]
        self.is_first = False

    def _parts(self, text: str) -> list[str]:
        if not self.by_lines:
            return [text.strip(_SPACE + "\n")] if text.strip(_SPACE + "\n") else []
        parts: list[list[str]] = [[]]
        for line in text.split("\n"):
            line = line.strip(_SPACE)
            if line:
                parts[-1].append(line)
            elif parts[-1]:
                parts.append([])
        return [_with_breaks(lines) for lines in parts if lines]

    def _pre(self, begins: bool) -> None:
        if begins or self.in_pre:
            self.flush()
        self.in_pre = begins

    def _block(self, token: Token) -> None:
        self.flush()
        name = token.value
        if token.kind == "start":
            start = token.attributes.get("start", "")
            self.out.append(
                f'<ol start="{start}">' if name == "ol" and start.isascii() and start.isdecimal() else f"<{name}>"
            )
            self.around.append(name)
            self.is_first = True
        elif name in self.around[-8:]:
            while self.around.pop() != name:
                pass
            if self.out[-1].startswith(f"<{name}>"):
                self.out[-1] += f"</{name}>"
            else:
                self.out.append(f"</{name}>")
            self.is_first = False

    def _cell(self, token: Token) -> None:
        if token.kind == "start" and any(piece.strip() for piece in self.run):
            self.run.append(" | ")

    def _inline(self, token: Token) -> None:
        name, begins = _INSTEAD.get(token.value, token.value), token.kind == "start"
        if name == "a":
            self._link(token)
        elif name in _STAY:
            self.in_code += (1 if begins else -1) if name == "code" else 0
            self.run.append(f"<{name}{_long_form(name, token)}>" if begins else f"</{name}>")
        elif name == "q":
            self.run.append("\u201c" if begins else "\u201d")  # as browsers draw it in English
        elif name == "br" and begins:
            self.run.append("<br>")
        elif name == "img" and begins:
            self._picture(token.attributes)
        elif name in _EMBEDS and begins and token.attributes.get("src"):
            self._instead_of("embeds", token.attributes["src"], token.attributes.get("title", ""))
        elif name in _FIELDS and begins:
            self.changed["forms"] += 1

    def _link(self, token: Token) -> None:
        if self.in_link:
            self.run.append("</a>")
            self.in_link = False
        address = token.attributes.get("href", "").strip()
        if token.kind == "start" and address:
            link = self._absolute(address)
            if link is None:
                self.changed["dead-links"] += 1
                return
            self.run.append(f'<a href="{html.escape(link)}">')
            self.in_link = True

    def _picture(self, attributes: dict[str, str]) -> None:
        words, address = attributes.get("alt", "").strip(), attributes.get("src", "")
        found = self.find(self._joined(address) or "") if self.article else "pictures"
        if isinstance(found, str):
            self._instead_of(found, address, words or attributes.get("title", "").strip())
        else:
            (self.run if self.figure is None else self.figure).append(found.img(" ".join(words.split())))

    def _instead_of(self, what: str, source: str, words: str) -> None:
        self.changed[what] += 1
        link = self._absolute(source) if source else None
        words = words or tidy(unquote(urlsplit(link).path.rsplit("/", 1)[-1] if link else "")) or link or "\u2026"
        shown = html.escape(" ".join(words.split()), quote=False)
        # Words of two pictures in a row are not glued.
        before = self.run[-1] if self.run else " "
        self.run.append(" " if before.endswith("</a>") or not before.endswith((" ", "\n", ">")) else "")
        self.run.append(shown if self.in_link or link is None else f'<a href="{html.escape(link)}">{shown}</a>')

    def _joined(self, address: str) -> str | None:
        try:
            return address if urlsplit(address).scheme else urljoin(self.base or "https:", address)
        except ValueError:
            return None

    def _absolute(self, address: str) -> str | None:
        link = self._joined(address)
        if link is None:
            return None
        found = safe_link(link.replace(" ", "%20"))
        if found is not None and link != address:
            self.changed["relative-links"] += 1
        return found

    def _linked(self, text: str) -> str:
        """Return a piece of text with its bare addresses as links."""
        if self.in_link or self.in_pre or self.in_code > 0 or ("://" not in text and "www." not in text.lower()):
            return html.escape(text, quote=False)
        parts, at = [], 0
        for found in _ADDRESS.finditer(text):
            address = found[0].rstrip(".,;:!?'\u2019\u2026*_")
            for begins, ends in ("()", "[]"):
                if address.endswith(ends) and address.count(begins) < address.count(ends):
                    address = address[:-1].rstrip(".,;:!?")
            link = safe_link(address if "://" in address[:8] else f"http://{address}")
            if link is None or "." not in address[4:]:
                continue
            parts.append(html.escape(text[at : found.start()], quote=False))
            parts.append(f'<a href="{html.escape(link)}">{html.escape(address, quote=False)}</a>')
            at = found.start() + len(address)
        return "".join(parts) + html.escape(text[at:], quote=False)


def _long_form(name: str, token: Token) -> str:
    """Return the attribute of an abbreviation that says what it is short for."""
    words = " ".join(token.attributes.get("title", "").split()) if name == "abbr" else ""
    return f' title="{html.escape(words)}"' if words else ""


def _with_breaks(lines: list[str]) -> str:
    ended = [line if line.endswith("<br>") else f"{line}<br>" for line in lines[:-1]]
    return "\n".join([*ended, lines[-1].removesuffix("<br>")])


def _figures(pictures: list[str], caption: str) -> list[str]:
    """Return each picture as a figure; the caption stands below the last one."""
    words = _LINK_AROUND_NOTHING.sub("", caption).strip(_SPACE + "\n")
    below = f"<figcaption>{words}</figcaption>" if words else ""
    return [*(f"<figure>{one}</figure>" for one in pictures[:-1]), f"<figure>{pictures[-1]}{below}</figure>"]
