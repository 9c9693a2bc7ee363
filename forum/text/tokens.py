"""HTML as a row of tokens, read in one pass: whatever the text, the time grows with its length only.

html5lib compares each attribute of a tag with all others and looks for ends again and again. So HTML that a stranger
wrote is read here first, and written anew in a plain spelling.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

KEPT = frozenset(
    {"href", "title", "start", "src", "alt", "width", "height", "cite", "datetime", "id", "class", "role"}
)  # attributes that anybody asks for
_BLOCKS = (
    "address article aside blockquote center details dir div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header"
    " hr main menu nav ol p pre section table ul"
)
# These need no end, so that many of them in a row are not many open ones.
_ALONE = "area base br col dd dt embed hr img input li link meta option p param source td th tr track wbr"
BLOCKS, ALONE = frozenset(_BLOCKS.split()), frozenset(_ALONE.split())
# A quotation mark is one only behind "=". Possessive: what was read once is not tried in another way.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)((?:[^<>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)(>?)")
_PLAIN_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)([^<>]*+)(>?)")
_ATTRIBUTE = re.compile(r"([^\s=/\"']++)\s*+(?:=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s]*+)))?+")
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
# What stands in these no person should read.
_UNREAD = {name: re.compile(rf"</{name}\b[^<>]*+>", re.IGNORECASE) for name in ("script", "style")}
WASTE = 100_000  # characters read for tags without an end, beyond which quotation marks count no more


class Token(NamedTuple):
    """A piece of text, or a tag that begins or ends. `value` is the text, decoded, or the name in small letters."""

    kind: Literal["text", "start", "end"]
    value: str
    attributes: dict[str, str] = {}  # noqa: RUF012 -- of a NamedTuple; nobody writes into it


def tokens(source: str) -> Iterator[Token]:
    """Yield the tokens of HTML; comments, declarations and scripts are left out, a "<" that begins no tag is text."""
    text: list[str] = []
    for piece in _pieces(source):
        if isinstance(piece, str):
            text.append(piece)
            continue
        if text:
            yield Token("text", decoded("".join(text)))
            text.clear()
        yield piece
    if text:
        yield Token("text", decoded("".join(text)))


def decoded(text: str) -> str:
    """Return a text with its character references replaced by what they mean."""
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text)) if "&" in text else text


def written(row: Iterable[Token]) -> str:
    """Return tokens as HTML."""
    return "".join(map(_written, row))


def parted(source: str, length: int) -> Iterator[str]:
    """Yield HTML in pieces of about `length` characters, cut only before a block that stands in no other element."""
    kept: list[str] = []
    size, opened, in_paragraph = 0, dict[str, int](), False
    for token in tokens(source):
        begins = token.kind == "start" and token.value in BLOCKS
        if size >= length and not opened and (begins or not in_paragraph):
            yield "".join(kept)
            kept, size = [], 0
        kept.append(_written(token))
        size += len(kept[-1])
        if token.kind != "text" and (token.value == "p" or begins):
            in_paragraph = token == ("start", "p", token.attributes)
        if token.kind == "start" and token.value not in ALONE:
            opened[token.value] = opened.get(token.value, 0) + 1
        elif token.kind == "end" and token.value in opened:
            opened[token.value] -= 1
            if not opened[token.value]:
                del opened[token.value]
    yield "".join(kept)


def _pieces(source: str) -> Iterator[str | Token]:
    at, wasted, ends = 0, 0, dict.fromkeys(("-->", ">"), True)  # whether such an end stands farther on
    while (start := source.find("<", at)) >= 0:
        if start > at:
            yield source[at:start]
        if source.startswith(("<!", "<?"), start):
            end = "-->" if source.startswith("<!--", start) else ">"
            found = source.find(end, start + 2) if ends[end] else -1
            ends[end] = found >= 0
            at = found + len(end) if found >= 0 else start + 1
            if found < 0:
                yield "<"
            continue
        tag = _TAG.match(source, start) if wasted <= WASTE else None
        if tag is None or not tag[4]:
            wasted += tag.end() - start if tag else 0
            tag = _PLAIN_TAG.match(source, start)
        if tag is None or not tag[4]:
            yield "<"
            at = start + 1
            continue
        at, name = tag.end(), tag[2].lower()
        if name in _UNREAD and not tag[1]:
            found_end = _UNREAD[name].search(source, at)
            at = found_end.end() if found_end else len(source)
        elif name not in _UNREAD:
            yield Token("end", name) if tag[1] else Token("start", name, _attributes(tag[3]))
    if at < len(source):
        yield source[at:]


def _attributes(text: str) -> dict[str, str]:
    kept: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(text) if text else ():
        name = found[1].lower()
        if name in KEPT and name not in kept:
            value = next((part for part in found.groups()[1:] if part is not None), "")
            # "&copy" without a semicolon is a part of an address, and no sign.
            kept[name] = _REFERENCE.sub(lambda reference: html.unescape(reference[0]), value)
    return kept


def _written(token: Token) -> str:
    if token.kind == "text":
        return html.escape(token.value, quote=False)
    if token.kind == "end":
        return f"</{token.value}>"
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in token.attributes.items())
    return f"<{token.value}{attributes}>"
