"""Characters and words: what of a typed text is kept, and what of cleaned HTML is read."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from forum.text.tokens import decoded

BLANK = "\u115f\u1160\u2800\u3164\uffa0\ufffc"  # letters and signs that show nothing
MOST_MARKS = 5  # accents on one letter, which no script stacks; zalgo does
_OVERRIDES = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"))
_CONTROLS = {code: None for code in (*range(32), 127, *range(0xD800, 0xE000)) if chr(code) not in "\n\t"}
# No "<" within a tag, else a text of many "<" is read again from each of them. Cleaned HTML has none there.
_TAG = re.compile(r"""<[^<>"']*+(?:"[^"<]*+"[^<>"']*+|'[^'<]*+'[^<>"']*+)*+>""")
_TAG_CUT_OFF = re.compile(r"<[^<>]*\Z|&[^;\s]{0,10}\Z")
_NOTE_MARK = re.compile(r'<sup class="note">[^\n]{1,300}?</sup>|<a [^<>]*role="doc-backlink"[^<>]*>[^<>]*</a>')
_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*+\n)+")
_FIGURE = re.compile(r"<figure>.*?(?:</figure>|\Z)", re.DOTALL)
_BLOCK_END = re.compile(r"</(?:p|li|h[2-4]|pre|blockquote|td|th|figcaption)>|<(?:br|hr)[^<>]*>")
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_WORD = re.compile(r"\w+")
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def tidy(source: str) -> str:
    """Return typed text with plain line ends and without NUL, control characters, direction overrides and zalgo."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS).translate(_OVERRIDES)
    return source if source.isascii() else _many_marks().sub(r"\1", source)


def trimmed(source: str) -> str:
    """Return a text without the blank lines before and after it; a first line keeps its indentation, which is code."""
    return _BLANK_LINES.sub("", source).rstrip()


def tidy_html(cleaned: str) -> str:
    """Return cleaned HTML without direction overrides and zalgo that were character references, or parted by tags."""
    cleaned = cleaned.translate(_OVERRIDES)
    if cleaned.isascii():
        return cleaned
    on_letter = 0

    def few(found: re.Match[str]) -> str:
        nonlocal on_letter
        if found["tag"]:
            return found[0]
        kept = found["marks"][: max(0, MOST_MARKS - on_letter)] if found["marks"] else found[0]
        on_letter = on_letter + len(kept) if found["marks"] else 0
        return kept

    return _marks_and_tags().sub(few, cleaned)


def one_line(source: str) -> str:
    """Return a name or title: tidy, NFC, white space folded, nothing invisible at its ends."""
    folded = " ".join(unicodedata.normalize("NFC", tidy(source)).split())
    return folded.strip("\u200b\u2060\ufeff\u00ad")


def plain(cleaned: str) -> str:
    """Return the words of cleaned HTML, on one line."""
    return " ".join(decoded(_TAG.sub("", _BLOCK_END.sub(" ", _NOTE_MARK.sub("", cleaned)))).split())


def paragraphs(cleaned: str) -> list[str]:
    """Return the words of cleaned HTML, a text for each block."""
    return [words for words in (plain(part) for part in _BLOCK_END.split(cleaned)) if words]


def folded(text: str) -> str:
    """Return a text as words are compared: without case, accents, signs, a space before, between and after words."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in letters if unicodedata.category(char) not in ("Mn", "Me", "Cf"))
    return f" {' '.join(_WORD.findall(kept.casefold()))} "


def is_legible(cleaned: str) -> bool:
    """Tell whether cleaned HTML shows anything, and not only spaces and invisible characters."""
    return "<hr" in cleaned or is_seen(plain(cleaned))


def is_seen(text: str) -> bool:
    """Tell whether a plain text shows anything, and not only spaces, fillers and invisible characters."""
    return any(unicodedata.category(char)[0] not in "ZCM" and char not in BLANK for char in text)


def excerpt(cleaned: str, length: int = 60) -> str:
    """Return the beginning of a text's words, cut between words, at most `length` characters and an ellipsis.

    Captions are left out: without their pictures they say nothing.
    """
    cleaned = _FIGURE.sub(" ", cleaned) if "<figure>" in cleaned else cleaned
    words = plain(_TAG_CUT_OFF.sub("", cleaned[: length * 20]) if len(cleaned) > length * 20 else cleaned)
    if len(words) <= length:
        return words
    cut = words[: length + 1].rsplit(" ", 1)[0][:length]
    while cut and _belong_together(cut, words[len(cut)]):
        cut = cut[:-1]
    return cut.rstrip(" ,;:") + "…"


@cache
def _marks() -> str:
    """Return the characters that stand on the letter before, and those without width between them. It takes 30 ms."""
    marks = (char for char in map(chr, range(0x300, 0x20000)) if unicodedata.category(char) in ("Mn", "Me"))
    return "".join(marks) + "\u200b\u200c\u200d\u2060\ufeff"


@cache
def _many_marks() -> re.Pattern[str]:
    # The look ahead spares letters of the West the long list.
    return re.compile(f"(?=[^\\x00-\u02ff])([{_marks()}]{{{MOST_MARKS}}})[{_marks()}]+")


@cache
def _marks_and_tags() -> re.Pattern[str]:
    return re.compile(f"(?P<tag><[^<>]*>)|(?P<marks>(?=[^\\x00-\u02ff])[{_marks()}]+)|[\\x00-;=-\u02ff]+|.", re.DOTALL)


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
