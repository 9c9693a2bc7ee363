"""What two texts have in common, and which words are only in one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

MOST_LINES = 1_000  # between the first change and the last that are compared one by one: its time may grow by the cube
MOST_WORDS = 2_000  # of a passage that is compared word by word: a longer one was written anew
MOST_PAIRS = 4_000_000  # of words of both texts, so that no comparison takes longer than a second or two
AROUND = 200  # characters of an unchanged passage that are shown before and after a change
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Passage(NamedTuple):
    """A part of two texts: `kind` is same, removed (only in the older), added (only in the newer) or skipped."""

    kind: str
    text: str


def differences(older: str, newer: str) -> list[Passage]:
    """Return what became of a text; of long unchanged passages only what is near a change."""
    found = list(_joined(_by_lines(_lines(older), _lines(newer))))
    return [part for place, passage in enumerate(found) for part in _shortened(passage, place, len(found) - 1)]


def _by_lines(older: list[str], newer: list[str]) -> Iterator[Passage]:
    head = _alike(older, newer)
    yield Passage("same", "".join(older[:head]))
    older, newer = older[head:], newer[head:]
    tail = _alike(older[::-1], newer[::-1])
    yield from _by_changed_lines(older[: len(older) - tail], newer[: len(newer) - tail])
    yield Passage("same", "".join(older[len(older) - tail :]))


def _by_changed_lines(older: list[str], newer: list[str]) -> Iterator[Passage]:
    if len(older) > MOST_LINES or len(newer) > MOST_LINES:
        older, newer = ["".join(older)], ["".join(newer)]
    room = MOST_PAIRS
    for kind, a, b, c, d in SequenceMatcher(None, older, newer).get_opcodes():
        before, after = "".join(older[a:b]), "".join(newer[c:d])
        old_words, new_words = _WORDS.findall(before), _WORDS.findall(after)
        room -= len(old_words) * len(new_words) if kind == "replace" else 0
        if kind == "equal":
            yield Passage("same", before)
        elif room < 0 or max(len(old_words), len(new_words)) > MOST_WORDS:
            yield from (Passage("removed", before), Passage("added", after))
        else:
            yield from _by_words(old_words, new_words)


def _by_words(older: list[str], newer: list[str]) -> Iterator[Passage]:
    for kind, a, b, c, d in SequenceMatcher(None, older, newer).get_opcodes():
        if kind == "equal":
            yield Passage("same", "".join(older[a:b]))
        else:
            yield from (Passage("removed", "".join(older[a:b])), Passage("added", "".join(newer[c:d])))


def _joined(row: Iterator[Passage]) -> Iterator[Passage]:
    """Yield passages so that no two of a kind stand behind each other, without empty ones."""
    last: Passage | None = None
    for passage in row:
        if not passage.text:
            continue
        if last and last.kind == passage.kind:
            last = Passage(last.kind, last.text + passage.text)
            continue
        if last:
            yield last
        last = passage
    if last:
        yield last


def _shortened(passage: Passage, place: int, final: int) -> list[Passage]:
    text = passage.text
    if passage.kind != "same" or len(text) <= 3 * AROUND:
        return [passage]
    head = [Passage("same", text[:AROUND].rsplit(" ", 1)[0])] if place else []
    tail = [Passage("same", text[-AROUND:].split(" ", 1)[-1])] if place < final else []
    return [*head, Passage("skipped", ""), *tail]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _alike(some: list[str], others: list[str]) -> int:
    """Return how many lines are the same at the beginning of both."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(some, others, strict=False)))
