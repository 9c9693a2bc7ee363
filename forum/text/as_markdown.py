"""Clean HTML as Markdown (CommonMark, tables as GitHub writes them), for programs that go on with it.

It is made of what `rendering` let through, never of what somebody typed: another program may allow HTML, and addresses
that run, where this one does not. So no text in it begins a tag. Notes are named after their ids, so that those of two
texts differ in one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from forum.text.pictures import shown
from forum.text.tokens import Token, tokens

_MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**", "del": "~~", "s": "~~"}
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_OF_NOTES = ("doc-noteref", "doc-backlink")  # roles of links
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|])")
_BEGINS_BLOCK = re.compile(r"^([^\S\n]*\d*)([#+=-]|(?<=\d)[.)])", re.MULTILINE)
_RUN = re.compile(r"`+")


def as_markdown(cleaned: str) -> str:
    """Return the Markdown of clean HTML."""
    return "\n\n".join(_blocks(tokens(cleaned), ""))


def escaped(text: str) -> str:
    """Return a text, on one line or several, so that Markdown takes nothing in it for a mark."""
    return _BEGINS_BLOCK.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def _blocks(row: Iterator[Token], until: str) -> list[str]:
    """Return the blocks up to the end of an element, each a text of one line or more."""
    return _read(row, until)[0]


def _read(row: Iterator[Token], until: str) -> tuple[list[str], bool]:
    """Return the blocks, and whether there are paragraphs among them."""
    found, loose = list[str](), False
    words: list[str] = []
    for token in row:
        if token == ("end", until, token.attributes):
            break
        loose = loose or token == ("start", "p", token.attributes)
        block = _block(row, token) if token.kind == "start" else None
        if block is None:
            words.append(_inline(row, token))
            continue
        found += [*_paragraph(words), *([block] if block else [])]
        words.clear()
    return [*found, *_paragraph(words)], loose


def _block(row: Iterator[Token], token: Token) -> str | None:
    """Return the block that a tag begins, None where it begins none."""
    name = token.value
    if name == "figure":
        return _figure(row)
    if name in ("p", "div", "li", "section", "tbody", "thead", "figcaption"):
        return "\n\n".join(_blocks(row, name))
    if name in _HEADINGS:
        return f"{_HEADINGS[name]} {_line(row, name)}"
    if name == "blockquote":
        return _prefixed("\n\n".join(_blocks(row, name)), "> ", "> ")
    if name in ("ul", "ol"):
        return _list(row, name, token.attributes.get("start", "1"))
    if name == "pre":
        return _code_block("".join(piece.value for piece in _inside(row, name) if piece.kind == "text"))
    if name == "table":
        return _table(row)
    return "---" if name == "hr" else None


def _inline(row: Iterator[Token], token: Token) -> str:
    if token.kind == "text":
        return escaped(re.sub(r"\s+", " ", token.value))
    if token.kind == "end":
        return ""
    name = token.value
    if name == "br":
        return "\\\n"
    if name == "code":
        return _code("".join(piece.value for piece in _inside(row, name) if piece.kind == "text"))
    if name == "a":
        words, address, role = _line(row, name), token.attributes.get("href", ""), token.attributes.get("role")
        if role in _OF_NOTES:
            return f"[^{address.removeprefix('#fn-')}]" if role == "doc-noteref" else ""
        return f"[{words}](<{address.replace('<', '%3C').replace('>', '%3E')}>)" if address else words
    if name in _MARKS:
        words = _line(row, name)
        return f"{_MARKS[name]}{words}{_MARKS[name]}" if words else ""
    return _line(row, name) if name != "img" else _picture(token)


def _figure(row: Iterator[Token]) -> str:
    """Return a figure: the line that shows its picture, with the caption; without a picture what else is in it."""
    inside = list(_inside(row, "figure"))
    ends = [at for at, piece in enumerate(inside) if piece.kind == "start" and piece.value == "figcaption"]
    pictures = [piece for piece in inside if piece.kind == "start" and piece.value == "img"]
    if len(pictures) != 1:
        return "\n\n".join(_blocks(iter(inside), ""))
    below = inside[ends[0] :] if ends else []
    return _picture(pictures[0], " ".join("".join(piece.value for piece in below if piece.kind == "text").split()))


def _picture(token: Token, caption: str = "") -> str:
    picture = shown(token.attributes)
    return picture.markdown(token.attributes.get("alt", ""), caption) if picture else ""


def _line(row: Iterator[Token], until: str) -> str:
    return " ".join(" ".join(_blocks(row, until)).split())


def _inside(row: Iterator[Token], until: str) -> Iterator[Token]:
    for token in row:
        if token == ("end", until, token.attributes):
            return
        yield token


def _list(row: Iterator[Token], name: str, start: str) -> str:
    number, items, gap = int(start) if start.isdecimal() else 1, list[str](), "\n"
    for token in row:
        if token == ("end", name, token.attributes):
            break
        if token.kind == "start" and token.value == "li":
            mark, note = f"{number}. " if name == "ol" else "- ", token.attributes.get("id", "")
            inside = " " * len(mark)
            if note.startswith("fn-"):
                mark, inside = f"[^{note.removeprefix('fn-')}]: ", " " * 4
            parts, loose = _read(row, "li")
            gap = "\n\n" if loose else gap
            items.append(_prefixed(("\n\n" if loose else "\n").join(parts), mark, inside))
            number += 1
    return gap.join(items)


def _table(row: Iterator[Token]) -> str:
    lines: list[list[str]] = []
    for token in _inside(row, "table"):
        if token.kind == "start" and token.value == "tr":
            lines.append([])
        elif token.kind == "start" and token.value in ("td", "th") and lines:
            lines[-1].append(_line(row, token.value))
    width = max(map(len, lines), default=0)
    drawn = [f"| {' | '.join([*cells, *[''] * (width - len(cells))])} |" for cells in lines]
    return "\n".join([*drawn[:1], "|" + " --- |" * width, *drawn[1:]]) if width else ""


def _code_block(text: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}\n{text.strip(chr(10))}\n{fence}"


def _code(text: str) -> str:
    mark = "`" * (_longest_run(text) + 1)
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{mark}{space}{' '.join(text.split())}{space}{mark}" if text.strip() else ""


def _longest_run(text: str) -> int:
    return max((len(run) for run in _RUN.findall(text)), default=0)


def _paragraph(words: list[str]) -> list[str]:
    text = "\n".join(line.strip() for line in "".join(words).split("\n")).strip()
    return [text] if text else []


def _prefixed(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    return "\n".join(((others if number else first) + line).rstrip() for number, line in enumerate(lines))
