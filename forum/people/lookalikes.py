"""Names that look the same: skeletons after Unicode's UTS #39, made coarser where people would still be deceived.

A name has up to three looks, because a reader compares what is shown and what is meant: the letters as they stand
(a capital Greek Eta looks like H), the letters in lower case (Ida and ida are one), and the letters behind a typeface
(bold or full-width ones). Two names are look-alikes if they share a look.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache

KEY_LENGTH = 200  # of the column; longer looks are kept as a digest
# Generic accents. The vowel signs of Hebrew, Arabic or Hindi are letters to their readers, so they stay.
_ACCENTS = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
# Drawn as nothing, though Unicode calls them letters or marks.
_UNSEEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]+"
)
_PAIRS = (("rn", "m"), ("vv", "w"))  # two letters that run together into one


def look(name: str) -> str:
    """Return the look of a name that ignores case: its main key."""
    return _key(_folded(unicodedata.normalize("NFKC", name)))


def looks(name: str) -> frozenset[str]:
    """Return every look of a name; none where nothing of it can be seen."""
    plain = unicodedata.normalize("NFKC", name)
    keys = {look(name), _key(name), _key(plain)}
    return frozenset(key for key in keys if key)


def _key(name: str) -> str:
    bones = _skeleton(name)
    # Once more: folding may have brought a letter that has a likeness of its own.
    bones = _folded(_skeleton(_folded(bones)))
    for pair, letter in _PAIRS:
        bones = bones.replace(pair, letter)
    # What only separates or adorns is no difference: ida-k, ida_k, Ida K and "Ida K ✓" are one name to a reader.
    bones = "".join(char for char in bones if unicodedata.category(char)[0] in "LMN")
    return bones if len(bones) <= KEY_LENGTH else hashlib.sha256(bones.encode()).hexdigest()


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _skeleton(name: str) -> str:
    likenesses = _likenesses()
    return _bare("".join(likenesses.get(char, char) for char in _bare(name)))


def _bare(name: str) -> str:
    return _ACCENTS.sub("", _UNSEEN.sub("", unicodedata.normalize("NFD", name)))


@cache
def _likenesses() -> dict[str, str]:
    """Map every character that looks like others to one of them, a plain letter where there is one."""
    from confusable_homoglyphs.utils import load

    parents: dict[str, str] = {}

    def root(text: str) -> str:
        while parents.setdefault(text, text) != text:
            text = parents[text]
        return text

    # Not the library's own `confusables_data`, which would stay in memory: 6 MB in every process.
    for text, others in load("confusables.json").items():
        for other in others:
            parents[root(text)] = root(other["c"])
    groups: dict[str, list[str]] = {}
    for text in parents:
        groups.setdefault(root(text), []).append(text)
    found: dict[str, str] = {}
    for group in groups.values():
        best = min(group, key=_plainness)
        found |= {text: best for text in group if len(text) == 1 and text != best}
    return found


def _plainness(text: str) -> tuple[bool, bool, bool, int, str]:
    bare = _bare(text)
    if bare.isascii():
        return (False, not bare.isalpha(), not bare.islower(), len(bare), text)
    # Of letters that are not plain, the longest is what Unicode takes the others apart into.
    return (True, False, False, -len(text), text)
