"""Learn from decided comments how probably a text is spam: a naive Bayes classifier over hashed words. Pure.

No word is kept, only how often one of 65,536 groups of words occurred: what is erased cannot be read here. Sources:
P. Graham, "A Plan for Spam" (2002); G. Cormack, "Email Spam Filtering: A Systematic Review" (2006).
"""

from __future__ import annotations

import itertools
import math
import re
import zlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from forum.screening.words import count_links
from forum.text.words import folded, plain

GROUPS = 1 << 16
LEAST = 20  # texts of each kind; with fewer the classifier would only repeat them
MOST_WORDS = 400  # of a text are looked at: the rest says the same
_HOST = re.compile(r'href="(?:https?:)?//(?:www\.)?([^"/:?#]+)', re.IGNORECASE)
_COUNTS = array("H", [0]).itemsize


@dataclass(frozen=True)
class Model:
    """How many texts of each kind had a word of each group: two lists of GROUPS numbers, and the numbers of texts."""

    spam: array[int]
    ham: array[int]
    spam_texts: int
    ham_texts: int

    @classmethod
    def learned(cls, spam: Iterable[str], ham: Iterable[str]) -> Self:
        """Return what is learned from cleaned texts that are spam, and from others; at most 65,535 of each."""
        (spam_counts, spam_texts), (ham_counts, ham_texts) = _counted(spam), _counted(ham)
        return cls(spam_counts, ham_counts, spam_texts, ham_texts)

    def score(self, html: str) -> float:
        """Return the probability that a cleaned text is spam; 0.0 while too little was learned."""
        if min(self.spam_texts, self.ham_texts) < LEAST:
            return 0.0
        odds = 0.0  # either kind is as probable, before a word is read: moderators' habits are no evidence
        for group in groups(html):
            spam = (self.spam[group] + 0.5) / (self.spam_texts + 1)
            ham = (self.ham[group] + 0.5) / (self.ham_texts + 1)
            odds += math.log(spam / ham)
        return 1 / (1 + math.exp(-max(-500.0, min(500.0, odds))))

    def packed(self) -> bytes:
        """Return the counts of both kinds as bytes, compressed."""
        return zlib.compress(self.spam.tobytes() + self.ham.tobytes(), 1)

    @classmethod
    def unpacked(cls, data: bytes, spam_texts: int, ham_texts: int) -> Self:
        """Return a model from what `packed()` made, on a machine of the same byte order."""
        counts = array("H")
        counts.frombytes(zlib.decompress(data))
        return cls(counts[:GROUPS], counts[GROUPS:], spam_texts, ham_texts)


def _counted(texts: Iterable[str]) -> tuple[array[int], int]:
    counts, number = array("H", bytes(GROUPS * _COUNTS)), 0
    for html in texts:
        number += 1
        for group in groups(html):
            counts[group] += 1
    return counts, number


def groups(html: str) -> set[int]:
    """Return the groups of a cleaned text's words, of pairs of neighbours, and of what its links lead to."""
    words = folded(plain(html)).split()[:MOST_WORDS]
    links = min(count_links(html), 5)
    signs = [*words, *map(" ".join, itertools.pairwise(words)), *(f"links {n + 1}" for n in range(links))]
    signs += [f"host {host.lower()}" for host in _HOST.findall(html)[:20]]
    return {zlib.crc32(sign.encode("utf-8", "replace")) % GROUPS for sign in signs}
