"""Addresses made from titles, and tags made from names typed between commas."""

from __future__ import annotations

import re
import unicodedata

from forum.text.words import BLANK, one_line

MAX_SLUG = 80  # characters; room for "-2" and its like in a column of 120
MAX_TAG = 60
RESERVED = frozenset({"new"})  # the address of the form for a new article
# Signs behind a letter or another sign are a part of the name: C, C++ and C# are three subjects, #library is one.
_SIGNS = {"+": "plus", "#": "sharp", "*": "star"}
_SIGN = re.compile(r"(?<=[^\W_])[+#*]+")
_SPELLED = {"de": str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})}  # how a language itself writes them without
_APOSTROPHES = {ord(char): None for char in "'\u2019\u02bc"}


def slug_of(title: str, longest: int = MAX_SLUG) -> str:
    """Return the address that a title gives: letters and digits of any script, joined by hyphens; may be empty.

    Latin letters lose their accents (Käse becomes kase), other scripts keep their marks.
    """
    folded = unicodedata.normalize("NFKC", title).casefold().translate(_APOSTROPHES)
    kept = [char if _belongs(char) and char not in BLANK else " " for char in _without_accents(folded)]
    words = unicodedata.normalize("NFC", "".join(kept)).split()
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:longest]
        if len(longer) > longest:
            break
        slug = longer
    return slug


def is_slug(text: str) -> bool:
    """Tell whether a text may be an address as `slug_of` makes them, or made them once."""
    return text not in RESERVED and all(word and all(map(_belongs, word)) for word in text.split("-"))


def tag_slug(name: str) -> str:
    """Return the address of a tag: as `slug_of()`, with the signs behind a letter spelled out (C++ is c-plus-plus)."""
    return slug_of(_SIGN.sub(lambda found: "".join(f" {_SIGNS[sign]} " for sign in found[0]), name), MAX_TAG)


def spelled(title: str, language: str) -> str:
    """Return a title with the letters for which its language has another spelling in that: Käse becomes kaese."""
    return unicodedata.normalize("NFKC", title).lower().translate(_SPELLED.get(language, {}))


def free_slug(title: str, taken: set[str]) -> str:
    """Return an address for a title that is not taken: the title's own, or with a number behind it."""
    slug = slug_of(title) or "article"
    if slug not in taken | RESERVED:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"


def split_tags(typed: str) -> list[str]:
    """Return the names typed between commas, each once; two that give the same address are the same tag."""
    names: dict[str, str] = {}
    for piece in typed.split(","):
        name = one_line(piece)
        names.setdefault(tag_slug(name), name)
    return [name for slug, name in names.items() if slug]


def _without_accents(folded: str) -> str:
    kept: list[str] = []
    for char in unicodedata.normalize("NFD", folded):
        latin = kept and kept[-1].isascii()
        if not (latin and unicodedata.category(char) == "Mn"):
            kept.append(char)
    return "".join(kept)


def _belongs(char: str) -> bool:
    # Marks are letters' vowels in Devanagari, Thai, Arabic and many others.
    return char.isalnum() or unicodedata.category(char) in ("Mn", "Mc")
