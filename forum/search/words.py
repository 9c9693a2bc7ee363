"""Turn a text into the words by which it is found. Both databases are given the same ones, and so is what people type.

A word is without case, and without the accents that people leave out: `Bücher` is found by `bucher`, `ΟΔΌΣ` by `οδος`,
`ёлка` by `елка`, `й` by `и`, pointed Hebrew and Arabic by the bare letters, `Straße` by `strasse`. An umlaut is not the
same as its vowel with an e: `Bücher` is not found by `buecher`. Scripts that put no space between words (Chinese,
Japanese, Korean, Thai ...) are kept as each two characters that follow each other, and the last one of a run alone, so
that any part of a run is found, a single character too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

LONGEST = 40  # characters of a word that count
# Letters that Unicode does not take apart, though people type them without their strokes.
_ALIKE = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})
# Marks that people leave out: accents of European letters, Hebrew points, Arabic vowels. Those of Indian scripts stay.
_LEFT_OUT = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f\U000e0100-\U000e01ef]"
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NO_LETTER = re.compile(r"[\W_]")
# Scripts without spaces: Thai, Lao, Burmese, Khmer, kana, Han and Hangul.
_RUNS = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u109f\u1780-\u17d3\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9d"
)
_FAR_RUNS = "\U00020000-\U0003ffff"
_HALF_WIDTH = "\uff9e\uff9f"  # marks of half-width kana, which stand behind the letter


class Unit(NamedTuple):
    """One word of a text, or one character of a run without spaces, and where it stands; `joined`: right behind one."""

    word: str
    start: int
    end: int
    is_character: bool
    joined: bool


def units(text: str) -> Iterator[Unit]:
    """Give the words of a text in their order. The text is in NFC (`composed`), so that the places are those shown."""
    end_of_run = -1
    for found in _pattern().finditer(text):
        piece, (start, end) = found[0], found.span()
        word, is_character = folded(piece), bool(_run().match(piece))
        if word:
            yield Unit(word, start, end, is_character, is_character and start == end_of_run)
        if is_character:
            end_of_run = end


def composed(text: str) -> str:
    """Return a text in NFC, the form in which it is looked through and shown."""
    return unicodedata.normalize("NFC", text)


def words(text: str) -> list[str]:
    """Return the words of `units(text)` alone, which takes a tenth of the time."""
    return [word for word in map(folded, _pattern().findall(text)) if word]


def terms(text: str) -> set[str]:
    """Return what is kept of a text: its words, and pairs of characters where there are no spaces."""
    text = composed(text)
    if not _run().search(text):
        return set(words(text))
    found = list(units(text))
    following = [*found[1:], None]
    return {one.word + (two.word if two and two.joined else "") for one, two in zip(found, following, strict=True)}


def of_run(found: list[Unit]) -> tuple[list[str], list[str]]:
    """Return by what a typed piece is looked for: terms, and beginnings of terms (of a character that stands alone)."""
    whole: list[str] = []
    beginnings: list[str] = []
    for number, unit in enumerate(found):
        following = found[number + 1] if number + 1 < len(found) and found[number + 1].joined else None
        if not unit.is_character:
            whole.append(unit.word)
        elif following:
            whole.append(unit.word + following.word)
        elif not unit.joined:
            beginnings.append(unit.word)
    return whole, beginnings


@lru_cache(maxsize=65536)
def folded(piece: str) -> str:
    """Return one word as it is compared; empty where nothing of it is a letter or a digit."""
    if piece.isascii():
        return piece.lower()[:LONGEST]
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", piece).casefold())
    bare = _INVISIBLE.sub("", _LEFT_OUT.sub("", letters)).translate(_ALIKE)
    word = unicodedata.normalize("NFC", bare).casefold()
    return _kept(word)[:LONGEST]


def _kept(word: str) -> str:
    # What NFKC made of one sign may hold others that are no letters, as the stroke of a fraction.
    return "".join(char for char in word if not _NO_LETTER.match(char) or unicodedata.category(char)[0] == "M")


@cache
def _pattern() -> re.Pattern[str]:
    # Classes of the first plane alone, and the most frequent first: so the pattern is seven times as fast.
    beyond = f"[{_FAR_RUNS}]|[{_letters(0x10000, 0x20000)}]+"
    return re.compile(f"[{_letters(0, 0x10000)}]+|[{_RUNS}][{_HALF_WIDTH}]?|{beyond}")


@cache
def _run() -> re.Pattern[str]:
    return re.compile(f"[{_RUNS}{_FAR_RUNS}]")


def _letters(first: int, end: int) -> str:
    """Return letters, digits, and the marks and joiners that belong to the letter before, as ranges. It takes 50 ms."""
    belong = {0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF}
    run = re.compile(f"[{_RUNS}{_HALF_WIDTH}]")
    ranges: list[list[int]] = []
    for code in range(first, end):
        char = chr(code)
        if not (char.isalnum() or code in belong or unicodedata.category(char)[0] == "M") or run.match(char):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(begin)}-{chr(last)}" for begin, last in ranges)
