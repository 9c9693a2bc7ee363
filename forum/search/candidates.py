"""Find in the index which texts may have what is asked for, newest first. What they say now, others ask (`queries`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from forum.db import session
from forum.search.asked import Asked
from forum.search.models import SearchPlace, SearchShelf, SearchWord
from forum.search.shelf import SHELF, slots, unpacked

_MOST_SHELVES = 256  # that are read with one statement
_TOGETHER = 200  # texts of several shelves whose places are read with one statement
_LAST = "\U0010ffff"  # behind every letter
_LAST_PLACE = 2**63 - 1  # behind every place
WORDS = 30_000  # rows of words that begin alike which are read for one page: a tenth of a second

Key = tuple[datetime, int]
_WORDS = select(SearchWord.shelf, SearchWord.word, SearchWord.places).where(
    SearchWord.shelf.in_(bindparam("shelves", expanding=True)), SearchWord.word.in_(bindparam("words", expanding=True))
)


@dataclass(frozen=True)
class Within:
    """Where to look: texts that have all terms and, where any are given, one of `any_of`; between two moments."""

    terms: frozenset[str] = frozenset()
    any_of: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, order=True)
class Candidate:
    """One text that may have it; ordered by its moment and its place."""

    at: datetime
    place: int
    comment_id: int | None = field(compare=False)
    article_id: int | None = field(compare=False)

    @property
    def key(self) -> Key:
        """Return where in the order it stands."""
        return self.at, self.place


@dataclass
class Looked:
    """What was read for one page: texts with their letters, and words that begin alike; and where it ended early."""

    texts: int = 0
    letters: int = 0
    words: int = 0
    ended_at: Key | None = None


def newest(asked: Asked, within: Within, before: Key | None, looked: Looked) -> Iterator[Candidate]:
    """Give the texts that have all terms, newest first, those before a key where one is given.

    Shelves are read the newest first, a few at a time, and no further than somebody goes on asking. Their times may
    overlap, so a text is given when no shelf that was not read can have a newer one. Beginnings that many words have
    may be dear without finding anything: after `WORDS` of these it ends, and says where (`looked`).
    """
    shelves = _shelves(within, before)
    ready: list[Candidate] = []
    for group, following in _matching(shelves, asked, within, looked):
        ready += _candidates(group, within, before)
        ready.sort(reverse=True)
        # The next page begins there; it has to be further back than this one did, else nobody would get on.
        is_enough = following is not None and looked.words >= WORDS and (before is None or following < before[0])
        # Of one moment with the next shelf: given at once, or where it ends now by the next page.
        while ready and (following is None or (ready[0].at, not is_enough) > (following, False)):
            yield ready.pop(0)
        if is_enough and following is not None:
            looked.ended_at = (following, _LAST_PLACE)
            return


def _shelves(within: Within, before: Key | None) -> Sequence[Any]:
    query = select(SearchShelf.id, SearchShelf.newest_at).order_by(SearchShelf.newest_at.desc(), SearchShelf.id.desc())
    if within.since:
        query = query.where(SearchShelf.newest_at >= within.since)
    for end in (within.until, before[0] if before else None):
        query = query.where(SearchShelf.oldest_at <= end) if end else query
    return session.execute(query).all()


def _matching(
    shelves: Sequence[Any], asked: Asked, within: Within, looked: Looked
) -> Iterator[tuple[dict[int, int], datetime | None]]:
    """Give the sets of some shelves, and the newest moment of all that follow (None behind the last)."""
    at, number = 0, 1
    while at < len(shelves):
        some, words = shelves[at : at + number], looked.words
        found = _sets([shelf.id for shelf in some], asked, within, looked)
        gathered: dict[int, int] = {}
        for offset, shelf in enumerate(some, at + 1):
            if shelf.id in found:
                gathered[shelf.id] = found[shelf.id]
            following = shelves[offset].newest_at if offset < len(shelves) else None
            many = sum(places.bit_count() for places in gathered.values()) >= _TOGETHER
            if many or offset == at + len(some):
                yield gathered, following
                gathered = {}
        at += number
        room = (WORDS - looked.words) * number // (looked.words - words or 1)  # shelves that the rest is enough for
        number = max(1, min(number * 4, _MOST_SHELVES, room))


def _sets(shelves: list[int], asked: Asked, within: Within, looked: Looked) -> dict[int, int]:
    """Return for each shelf the set of places that have what is asked for, where there are any."""
    wanted = asked.terms | within.terms
    sets = _words(shelves, wanted | within.any_of | asked.left_out)
    found = {}
    for shelf in shelves:
        words = sets.get(shelf, {})
        places = _joined(words, wanted, within.any_of) & ~_either(words, asked.left_out)
        if places:
            found[shelf] = places
    for beginning in sorted(sorted(asked.beginnings), key=len, reverse=True):  # the longest are the rarest
        found = _beginning(found, beginning, looked) if found else found
    return found


def _joined(words: dict[str, int], wanted: Collection[str], any_of: Collection[str]) -> int:
    places = (1 << SHELF) - 1
    for word in wanted:
        places &= words.get(word, 0)
    return places & _either(words, any_of) if any_of else places


def _either(words: dict[str, int], which: Collection[str]) -> int:
    places = 0
    for word in which:
        places |= words.get(word, 0)
    return places


def _words(shelves: list[int], words: Collection[str]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    if words:
        for shelf, word, places in session.execute(_WORDS, {"shelves": shelves, "words": sorted(words)}):
            found[shelf][word] = unpacked(places)
    return found


def _beginning(found: dict[int, int], beginning: str, looked: Looked) -> dict[int, int]:
    """Return what of some sets has a word that begins so."""
    begins = and_(SearchWord.word >= beginning, SearchWord.word < beginning + _LAST)
    query = select(SearchWord.shelf, SearchWord.places).where(SearchWord.shelf.in_(list(found)), begins)
    either: dict[int, int] = defaultdict(int)
    for shelf, places in session.execute(query):
        either[shelf] |= unpacked(places)
        looked.words += 1
    both = {shelf: places & either[shelf] for shelf, places in found.items()}
    return {shelf: places for shelf, places in both.items() if places}


def _candidates(sets: dict[int, int], within: Within, before: Key | None) -> list[Candidate]:
    if not sets:
        return []
    given = (SearchPlace.id, SearchPlace.at, SearchPlace.comment_id, SearchPlace.article_id)
    rows = session.execute(select(*given).where(or_(*(_on_shelf(*one) for one in sets.items()))))
    return [
        Candidate(at, id, comment_id, article_id)
        for id, at, comment_id, article_id in rows
        if sets[id // SHELF] >> id % SHELF & 1
        and (within.since is None or at >= within.since)
        and (within.until is None or at < within.until)
        and (before is None or (at, id) < before)
    ]


def _on_shelf(shelf: int, places: int) -> ColumnElement[bool]:
    """Return the condition for the places of a shelf: a list of few, or all of them, which are compared afterwards."""
    first = shelf * SHELF
    if places.bit_count() > _TOGETHER:
        return SearchPlace.id.between(first, first + SHELF - 1)
    return SearchPlace.id.in_([first + slot for slot in slots(places)])
