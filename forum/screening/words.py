"""Find listed words and count links in a cleaned text. Pure.

Words are compared as a person reads them: whole words, without case, accents and invisible characters. They are never
patterns, so that no list can make the comparison slow or match what its writer did not mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from forum.text.words import folded, plain

_LINK = re.compile(r"<a\s[^<>]*href=", re.IGNORECASE)
# Scripts that put no spaces between words: a word of theirs is found anywhere.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


def found(listed: Iterable[str], html: str) -> list[str]:
    """Return the words and phrases of a list that stand in a text, as they are written in the list."""
    text = folded(plain(html))
    standing = set(text.split())
    return [
        word for word in listed if (looked_for := _folded_once(word)).strip() and _stands(looked_for, text, standing)
    ]


def count_links(html: str) -> int:
    """Return how many links a cleaned text has."""
    return len(_LINK.findall(html))


def _stands(looked_for: str, text: str, standing: set[str]) -> bool:
    if _UNSPACED.search(looked_for):
        return looked_for.strip() in text
    # The text is searched only where the first word stands: a thousand searches of a long text would hold up writers.
    return looked_for.split(maxsplit=1)[0].strip() in standing and looked_for in text


@lru_cache(maxsize=4096)  # of a list of 1,000 words, each is folded once and not with every comment
def _folded_once(word: str) -> str:
    return folded(word)
