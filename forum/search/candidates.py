"""Find in the index which texts may have what is asked for, newest first. What they say now, others ask (`queries`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Text, and_, column, func, literal, not_, or_, select, table, text
from sqlalchemy.orm import aliased

from forum.db import Id, engine, session
from forum.search.asked import Asked
from forum.search.models import SearchText

NEWEST = 2000  # texts that are looked through without the index: what is frequent fills a page with these
_AT_ONCE = 100  # texts that are read with one statement
_BEGUN = datetime(1970, 1, 1, tzinfo=UTC)
_INDEX = table("search_index", column("rowid", Id), column("search_index", Text))  # of SQLite
# A word, what begins so, both, either, and what is left out, in each database's language.
_LANGUAGE = {
    "sqlite": ('"{}"', '"{}"*', " AND ", " OR ", " NOT "),
    "postgresql": ("'{}'", "'{}':*", " & ", " | ", " & !"),
}


@dataclass(frozen=True)
class Within:
    """Where to look: texts that have all terms and, where any are given, one of `any_of`; between two moments."""

    terms: frozenset[str] = frozenset()
    any_of: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Candidate:
    """One text that may have it; `id` is where in the order it stands."""

    id: int
    comment_id: int | None
    article_id: int | None


def milliseconds(at: datetime) -> int:
    """Return a moment as ids have it."""
    return (at - _BEGUN) // timedelta(milliseconds=1)


def moment(id: int) -> datetime:
    """Return the moment of a text with this id."""
    return _BEGUN + timedelta(milliseconds=id)


def newest(asked: Asked, within: Within, before: int | None = None) -> Iterator[Candidate]:
    """Give the texts that have all terms, newest first, those before an id where one is given.

    The newest are looked through as they are, and the index is asked only where few of them fit: to find what begins
    so, and on PostgreSQL whatever is found, it gathers all texts that there are. So no planner has to guess.
    """
    for look in (_among_newest, _by_index):
        some: Sequence[Any] = (0,) * _AT_ONCE
        while len(some) == _AT_ONCE:
            some = session.execute(look(asked, within, before).limit(_AT_ONCE)).all()
            yield from (Candidate(*row) for row in some)
            before = some[-1].id if some else before


def is_found(id: int, terms: Collection[str]) -> bool:
    """Tell whether the index finds a text by these words."""
    found = session.scalar(_by_index(Asked((), (), False), Within(frozenset(terms)), id + 1).limit(1))
    return bool(found == id)


def _among_newest(asked: Asked, within: Within, before: int | None) -> Select[int, int | None, int | None]:
    ids = _between(SearchText.id, within, before)
    some = aliased(SearchText, select(SearchText).where(*ids).order_by(SearchText.id.desc()).limit(NEWEST).subquery())
    fits = _spelled(some.words, asked, within) if _is_sqlite() else _fits(some.words, asked, within)
    return select(some.id, some.comment_id, some.article_id).where(fits).order_by(some.id.desc())


def _by_index(asked: Asked, within: Within, before: int | None) -> Select[int, int | None, int | None]:
    given = select(SearchText.id, SearchText.comment_id, SearchText.article_id)
    if not _is_sqlite():
        fits = _fits(SearchText.words, asked, within), *_between(SearchText.id, within, before)
        return given.where(*fits).order_by((SearchText.id + 0).desc())  # not by the key, or it reads all texts by it
    row = _INDEX.c.rowid
    found = select(row).where(_INDEX.c.search_index.match(question(asked, within)), *_between(row, within, before))
    return given.where(SearchText.id.in_(found.order_by(row.desc()).limit(_AT_ONCE))).order_by(SearchText.id.desc())


def question(asked: Asked, within: Within) -> str:
    """Return what is asked for in the database's own language. No word has a sign that means anything in it."""
    word, begins, both, either, but_not = _LANGUAGE[engine().dialect.name]

    def joined(sign: str, words: Collection[str]) -> str:
        return f"({sign.join(sorted(words))})"

    wanted = {word.format(term) for term in asked.terms | within.terms}
    wanted |= {begins.format(beginning) for beginning in asked.beginnings}
    wanted |= {joined(either, [word.format(term) for term in within.any_of])} if within.any_of else set()
    left_out = [word.format(term) for term in asked.left_out]
    return joined(both, wanted) + (but_not + joined(either, left_out) if left_out else "")


def _fits(words: Any, asked: Asked, within: Within) -> ColumnElement[bool]:
    query = text("CAST(:question AS tsquery)").bindparams(question=question(asked, within))
    return cast(ColumnElement[bool], words.bool_op("@@")(query))


def _spelled(words: Any, asked: Asked, within: Within) -> ColumnElement[bool]:
    """Return the same as `question` for texts that are looked through."""
    spaced = literal(" ").concat(words).concat(" ")

    def has(term: str) -> ColumnElement[bool]:
        return func.instr(spaced, term) > 0

    wanted = [has(f" {term} ") for term in sorted(asked.terms | within.terms)]
    wanted += [has(f" {beginning}") for beginning in sorted(asked.beginnings)]
    wanted += [or_(*(has(f" {term} ") for term in sorted(within.any_of)))] if within.any_of else []
    return and_(*wanted, *(not_(has(f" {term} ")) for term in sorted(asked.left_out)))


def _between(id: Any, within: Within, before: int | None) -> list[ColumnElement[bool]]:
    ends = [end for end in (before, milliseconds(within.until) if within.until else None) if end is not None]
    since = [id >= milliseconds(within.since)] if within.since else []
    return [*since, *([id < min(ends)] if ends else [])]


def _is_sqlite() -> bool:
    return engine().dialect.name == "sqlite"
