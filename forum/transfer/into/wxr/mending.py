"""Mend what keeps an export from being XML, piece by piece, and count it: nobody else can repair an old blog's file.

Mended are bytes of no character, signs that XML does not allow, a bare "&", and what a server wrote around the file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import IO

from forum.transfer.report import Findings

PIECE = 64 * 1024  # bytes read at once
_DECLARED = re.compile(rb"<\?xml[^<>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})[\"']")
_READABLE = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|(us-)?ascii|iso-?8859-?\d+|latin-?1|windows-?125\d|cp125\d|koi8-?[ru]"
    r"|gb2312|gbk|gb18030|big5|shift[_-]jis|euc-?(jp|kr)"
)
_FORBIDDEN = {code: None for code in (*range(32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)) if code not in (9, 10, 13)}
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7});|#x([0-9a-fA-F]{1,6});|(?:amp|lt|gt|quot|apos);)?")
_LONGEST_SIGN = 12  # characters: the longest reference, and the beginning of a CDATA section
_KEPT = re.compile(r"<!\[CDATA\[|<!--")  # in these "&" is only that sign
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->"}


def mended(file: IO[bytes], found: Findings) -> Iterator[str]:
    """Yield the text of an export. Raises LookupError where its encoding is none that can be read."""
    end, kept = "", ""
    for text in _decoded(file, found):
        kept += text
        ready, kept = _cut(kept)
        mended, end = _with_kept(ready, end, found)
        yield mended
    yield _with_kept(kept, end, found)[0]


def _decoded(file: IO[bytes], found: Findings) -> Iterator[str]:
    data = file.read(PIECE)
    at = data.find(b"<?xml")
    if at > 0 and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        found.note("mended-around", example=data[:at].decode("utf-8", "replace").strip()[:60])
        data = data[at:]
    data = data.removeprefix(codecs.BOM_UTF8)
    encoding = _encoding(data)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    first = True
    while data:
        text = decoder.decode(data)
        broken = text.count("\ufffd") - (data.count(b"\xef\xbf\xbd") if encoding == "utf-8" else 0)
        if broken > 0:
            found.note("mended-bytes", broken, example=_around(text, text.find("\ufffd")))
        if first:
            text, first = text.lstrip(), False
        allowed = text.translate(_FORBIDDEN)
        found.note("mended-controls", len(text) - len(allowed))
        yield allowed
        data = file.read(PIECE)
    yield decoder.decode(b"", True).translate(_FORBIDDEN)


def _encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _DECLARED.match(data)
    name = declared[1].decode().lower() if declared else "utf-8"
    if not _READABLE.fullmatch(name):
        raise LookupError(name)
    return codecs.lookup(name).name


def _cut(text: str) -> tuple[str, str]:
    """Divide a text so that no reference and no sign of a CDATA section or a comment is torn."""
    end = max(0, len(text) - 2 * _LONGEST_SIGN)
    nearest = max(text.rfind(sign, max(0, end - _LONGEST_SIGN), end) for sign in "&<]-")
    if nearest < 0:
        return text[:end], text[end:]
    signs = len(text[max(0, nearest - 3) : nearest]) - len(text[max(0, nearest - 3) : nearest].rstrip("<!]-"))
    return text[: nearest - signs], text[nearest - signs :]


def _with_kept(text: str, end: str, found: Findings) -> tuple[str, str]:
    """Mend what stands outside of CDATA sections and comments; `end` is the sign of the one that is open, else empty.

    Return the text, and what is open behind it.
    """
    parts, at = [], 0
    while at < len(text):
        if end:
            ends = text.find(end, at)
            behind = ends + len(end) if ends >= 0 else len(text)
            parts.append(text[at:behind])
            end = "" if ends >= 0 else end
        else:
            begins = _KEPT.search(text, at)
            behind = begins.end() if begins else len(text)
            parts.append(_with_references(text[at:behind], found))
            end = _ENDS[begins[0]] if begins else ""
        at = behind
    return "".join(parts), end


def _with_references(text: str, found: Findings) -> str:
    def mend(reference: re.Match[str]) -> str:
        if reference[0] == "&":
            found.note("mended-ampersands", example=_around(text, reference.start()))
            return "&amp;"
        code = int(reference[1]) if reference[1] else int(reference[2], 16) if reference[2] else 32
        if code in _FORBIDDEN or code > 0x10FFFF:
            found.note("mended-controls")
            return ""
        return reference[0]

    return _REFERENCE.sub(mend, text) if "&" in text else text


def _around(text: str, at: int) -> str:
    return " ".join(text[max(0, at - 20) : at + 20].split())
