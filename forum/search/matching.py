"""Look through one text: whether it has what is asked for, where, how well it fits, and what of it is shown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forum.search.asked import Asked, Item
from forum.search.words import composed, units, words

EXCERPT = 260  # characters
_BEFORE = 80  # of them before the first word that was found
_USUAL = 80  # words of a usual comment: longer ones have a word more easily
_IN_TITLE = 4.0  # what a word in the title is worth
_MANY = 50  # places of one word that are weighed

Span = tuple[int, int]
Parts = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Match:
    """A text that has what is asked for: where, by the numbers of its words, for each thing asked, and how well."""

    text: str
    places: tuple[tuple[Span, ...], ...]
    score: float

    def excerpt(self) -> Parts:
        """Return the part of the text with most of what was asked for: words, and whether they were asked for."""
        found = list(units(self.text))
        spans = [[(found[first].start, found[last].end) for first, last in places] for places in self.places]
        return _excerpt(self.text, sorted(span for one in spans for span in one), _best_start(spans))


def match(text: str, asked: Asked, title: str = "") -> Match | None:
    """Return what a text has of the question, None where it does not have all of it; an article has a title, too."""
    text = composed(text)
    body, head = words(text), words(composed(title))
    places: list[tuple[Span, ...]] = []
    score = 0.0
    for item in asked.wanted:
        inside, is_above = tuple(_places(item, body)), _has(item, head)
        if not inside and not is_above:
            return None
        places.append(inside)
        score += _IN_TITLE * is_above + (1 + math.log(len(inside)) if inside else 0)
    if any(_has(item, body) or _has(item, head) for item in asked.unwanted):
        return None
    # A short text that has the words says more about them, and words that stand together say it best.
    score /= 0.5 + 0.5 * max(1.0, len(body) / _USUAL)
    return Match(text, tuple(places), score + _nearness(places))


def marked(text: str, asked: Asked) -> Parts:
    """Return a title in parts: words, and whether they were asked for."""
    text = composed(text)
    found, at = list(units(text)), words(text)
    places = [place for item in asked.wanted for place in _places(item, at)]
    return _parts(text, sorted((found[first].start, found[last].end) for first, last in places), 0, len(text))


def _has(item: Item, found: Sequence[str]) -> bool:
    return next(_places(item, found), None) is not None


def _places(item: Item, found: Sequence[str]) -> Iterator[Span]:
    """Give where a word or phrase stands: the numbers of its first and its last word."""
    *before, last = item.units
    length = len(before)
    for at in range(length, len(found)):
        word = found[at]
        fits = word == last or (item.begins and word.startswith(last))
        if fits and (not length or list(found[at - length : at]) == before):
            yield at - length, at


def _nearness(places: Sequence[Sequence[Span]]) -> float:
    """Return how near to each other the words stand, from 0 to 1."""
    if len(places) < 2 or not all(places):
        return 0.0
    first, *others = ([start for start, _ in found[:_MANY]] for found in places)
    widest = min(max(min(abs(start - at) for at in other) for other in others) for start in first)
    return 1 / (1 + widest / 5)


def _best_start(spans: Sequence[Sequence[Span]]) -> int:
    """Return where the excerpt is about: the first place with most of what was asked for within reach."""
    starts = sorted({start for found in spans for start, _ in found[:_MANY]})
    reach = EXCERPT - _BEFORE

    def number(at: int) -> int:
        return sum(any(at <= start < at + reach for start, _ in found) for found in spans)

    return max(starts, key=lambda at: (number(at), -at), default=0)


def _excerpt(text: str, spans: Sequence[Span], at: int) -> Parts:
    start = _word_start(text, at - _BEFORE) if at > _BEFORE else 0
    end = len(text) if len(text) - start <= EXCERPT else _word_end(text, start + EXCERPT, at)
    before = (("… ", False),) if start else ()
    after = (("…", False),) if end < len(text) else ()
    return (*before, *_parts(text, spans, start, end), *after)


def _parts(text: str, spans: Sequence[Span], start: int, end: int) -> Parts:
    parts: list[tuple[str, bool]] = []
    at = start
    for first, last in spans:
        if first < at or last > end:
            continue
        parts += [(text[at:first], False), (text[first:last], True)]
        at = last
    parts.append((text[at:end], False))
    return tuple(part for part in parts if part[0])


def _word_start(text: str, at: int) -> int:
    space = text.find(" ", at, at + 30)
    return space + 1 if space >= 0 else at


def _word_end(text: str, end: int, at: int) -> int:
    space = text.rfind(" ", max(at, end - 30), end)
    return space if space > at else end
