"""What somebody asks for: words, phrases in quotation marks, words that begin so, and words left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from forum.search.words import Unit, composed, of_run, units
from forum.text.words import tidy

LONGEST = 300  # characters that are read of what was typed
MOST = 12  # words and phrases that are looked for
SHORTEST = 3  # letters of a beginning: fewer would be half of all words
_BY_ITSELF = 4  # letters from which the last word typed counts as a beginning without a star
_PIECE = re.compile(r'(?<!\S)(-?)(?:"([^"]*)(?:"|\Z)|(\S+))')


@dataclass(frozen=True)
class Item:
    """One word or phrase: its units in their order. Where `begins`, the last one may go on."""

    units: tuple[str, ...]
    begins: bool
    terms: tuple[str, ...]
    beginnings: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A question as it was understood. `is_cut` where not all of it was; `is_empty` where no word was found in it."""

    wanted: tuple[Item, ...]
    unwanted: tuple[Item, ...]
    is_cut: bool

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to look for."""
        return not self.wanted

    @property
    def terms(self) -> set[str]:
        """Return what each text that is found has."""
        return {term for item in self.wanted for term in item.terms}

    @property
    def beginnings(self) -> set[str]:
        """Return what some word of each text that is found begins with."""
        return {beginning for item in self.wanted for beginning in item.beginnings}

    @property
    def left_out(self) -> set[str]:
        """Return what no text that is found has. Phrases are not among it: their words may stand apart."""
        return {item.terms[0] for item in self.unwanted if len(item.units) == 1 and item.terms and not item.begins}


@dataclass
class _Read:
    wanted: list[Item] = field(default_factory=list)
    unwanted: list[Item] = field(default_factory=list)


def read(typed: str) -> Asked:
    """Read what was typed. Whatever it is, there is an answer, and no more than `LONGEST` characters are looked at."""
    text = composed(tidy(typed[:LONGEST]))
    found = _Read()
    pieces = list(_PIECE.finditer(text))
    for number, piece in enumerate(pieces):
        minus, phrase, word = piece.groups()
        is_last = number == len(pieces) - 1 and not text[piece.end() :]
        for item in _items(phrase if word is None else word, word is not None, is_last and not minus):
            (found.unwanted if minus else found.wanted).append(item)
    wanted, unwanted = _once(found.wanted), _once(found.unwanted)
    is_cut = len(typed) > LONGEST or len(wanted) + len(unwanted) > MOST
    return Asked(wanted[:MOST], unwanted[: MOST - len(wanted[:MOST])], is_cut)


def _items(piece: str, is_word: bool, is_last: bool) -> list[Item]:
    found = list(units(piece))
    if not found:
        return []
    last = found[-1]
    length = len(last.word)
    starred = is_word and piece.endswith("*") and length >= SHORTEST
    begins = not last.is_character and (starred or (is_word and is_last and length >= _BY_ITSELF))
    return [_item(found, begins)]


def _item(found: list[Unit], begins: bool) -> Item:
    terms, beginnings = of_run(found)
    if begins:
        terms.remove(found[-1].word)
        beginnings.append(found[-1].word)
    return Item(tuple(unit.word for unit in found), begins, tuple(terms), tuple(beginnings))


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))
