"""Find in the index which texts may have what is asked for, newest first. What they say now, others ask (`queries`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, column, func, literal, not_, or_, select, table, text
from sqlalchemy.orm import aliased

from forum.db import Id, engine, session
from forum.search.asked import Asked
from forum.search.models import SearchText

NEWEST = 2000  # texts that are looked through without the index: what is frequent fills a page with these
FREQUENT = NEWEST // 50  # of these texts have what begins so: then the index is asked for less of it
KEPT = 3  # letters with which words begin, of which FTS5 keeps in which texts they are (migration `full_text`)
_AT_ONCE = 100  # texts that are read with one statement
_Texts = Select[int, int | None, int | None]
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


@dataclass(frozen=True)
class _Wanted:
    """What each text has: all terms, one of `any_of`, a word with each beginning, and none of those left out."""

    terms: Collection[str]
    any_of: Collection[str] = ()
    beginnings: Collection[str] = ()
    left_out: Collection[str] = ()


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
    wanted = _Wanted(asked.terms | within.terms, within.any_of, asked.beginnings, asked.left_out)
    for look in (_among_newest, _by_index):
        if look is _by_index:
            wanted = _with_cheap_beginnings(wanted, _between(SearchText.id, within, before))
        some: Sequence[Any] = (0,) * _AT_ONCE
        while len(some) == _AT_ONCE:
            some = session.execute(look(wanted, within, before).limit(_AT_ONCE)).all()
            yield from (Candidate(*row) for row in some)
            before = some[-1].id if some else before


def is_found(id: int, terms: Collection[str]) -> bool:
    """Tell whether the index finds a text by these words."""
    found = session.scalar(_by_index(_Wanted(terms), Within(), id + 1).limit(1))
    return bool(found == id)


def _among_newest(wanted: _Wanted, within: Within, before: int | None) -> _Texts:
    some = _newest_texts(_between(SearchText.id, within, before))
    return select(some.id, some.comment_id, some.article_id).where(_fits(some, wanted)).order_by(some.id.desc())


def _by_index(wanted: _Wanted, within: Within, before: int | None) -> _Texts:
    given = select(SearchText.id, SearchText.comment_id, SearchText.article_id)
    if not _is_sqlite():
        fits = _fits(SearchText, wanted), *_between(SearchText.id, within, before)
        return given.where(*fits).order_by((SearchText.id + 0).desc())  # not by the key, or it reads all texts by it
    row = _INDEX.c.rowid
    found = select(row).where(_INDEX.c.search_index.match(_question(wanted)), *_between(row, within, before))
    return given.where(SearchText.id.in_(found.order_by(row.desc()).limit(_AT_ONCE))).order_by(SearchText.id.desc())


def _with_cheap_beginnings(wanted: _Wanted, ids: list[ColumnElement[bool]]) -> _Wanted:
    """Shorten frequent beginnings to the letters of which FTS5 keeps the texts: for others it gathers them first."""
    if not (wanted.beginnings and _is_sqlite()):
        return wanted
    some, beginnings = _newest_texts(ids), list(wanted.beginnings)
    counts = [func.count().filter(_fits(some, _Wanted((), beginnings=[beginning]))) for beginning in beginnings]
    numbers = session.execute(select(*counts).select_from(some)).one()
    cheap = {one if number < FREQUENT else one[:KEPT] for number, one in zip(numbers, beginnings, strict=True)}
    return replace(wanted, beginnings=cheap)


def _newest_texts(ids: list[ColumnElement[bool]]) -> type[SearchText]:
    return aliased(SearchText, select(SearchText).where(*ids).order_by(SearchText.id.desc()).limit(NEWEST).subquery())


def _fits(texts: type[SearchText], wanted: _Wanted) -> ColumnElement[bool]:
    """Return the condition that texts have what is wanted, without SQLite's index."""
    if not _is_sqlite():
        query = text("CAST(:question AS tsquery)").bindparams(question=_question(wanted))
        return texts.words.bool_op("@@")(query)
    spaced = literal(" ").concat(texts.words).concat(" ")

    def has(*terms: str) -> ColumnElement[bool]:
        return or_(*(func.instr(spaced, term) > 0 for term in terms))

    words = [has(f" {term} ") for term in wanted.terms] + [has(f" {beginning}") for beginning in wanted.beginnings]
    words += [has(*(f" {term} " for term in wanted.any_of))] if wanted.any_of else []
    return and_(*words, *(not_(has(f" {term} ")) for term in wanted.left_out))


def _question(wanted: _Wanted) -> str:
    """Return what is wanted in the database's own language. No word has a sign that means anything in it."""
    word, begins, both, either, but_not = _LANGUAGE[engine().dialect.name]
    words = [word.format(term) for term in wanted.terms] + [begins.format(term) for term in wanted.beginnings]
    words += [f"({either.join(map(word.format, wanted.any_of))})"] if wanted.any_of else []
    left_out = f"{but_not}({either.join(map(word.format, wanted.left_out))})" if wanted.left_out else ""
    return f"({both.join(words)}){left_out}"


def _between(id: Any, within: Within, before: int | None) -> list[ColumnElement[bool]]:
    ends = [end for end in (before, milliseconds(within.until) if within.until else None) if end is not None]
    since = [id >= milliseconds(within.since)] if within.since else []
    return [*since, *([id < min(ends)] if ends else [])]


def _is_sqlite() -> bool:
    return engine().dialect.name == "sqlite"
