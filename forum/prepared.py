"""Statements that every post sends: compiled once for each database, then handed to its driver as they are.

SQLAlchemy works out for each execution again what it found out for the one before, which takes five times what SQLite
needs for the statement itself. What is sent seldom goes through the session as ever. These run on the session's
connection, inside its transaction, and engine events hear of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect, TextClause
from sqlalchemy.exc import DBAPIError

from forum.db import drop_if_broken, session

_NAMED = re.compile(r"%\((\w+)\)s")
Convert = Callable[[Any], Any]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """Be a statement in one database's words; `binds` names its parameters and converts them, `results` columns."""

    sql: str
    binds: tuple[tuple[str, Convert | None], ...]
    fixed: Values
    by_place: bool
    fetches: bool
    results: tuple[tuple[int, Convert], ...] = ()

    def given(self, values: Values) -> Any:
        """Return the parameters as the driver wants them. Raises KeyError where one is missing."""
        found = {**self.fixed, **values} if self.fixed else values
        if self.by_place:
            return tuple([convert(found[name]) if convert else found[name] for name, convert in self.binds])
        return {name: convert(found[name]) if convert else found[name] for name, convert in self.binds}


class Prepared:
    """Be a statement of Core. `columns` are those that a plain INSERT fills.

    What a write `returns` (nothing but its table's columns) is known to the writes that are sent with it, under its
    table's name.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None, returns: str = "") -> None:
        self.returns = returns
        self._statement, self._columns = statement, columns
        self._words: dict[str, Words] = {}

    def rows(self, values: Values) -> list[tuple[Any, ...]]:
        """Send it by itself and return its rows."""
        connection = session.connection()
        return _execute(connection, self.words(connection.dialect), values)

    def row(self, values: Values) -> tuple[Any, ...] | None:
        """Send it by itself and return its first row, None where there is none."""
        rows = self.rows(values)
        return rows[0] if rows else None

    def words(self, dialect: Dialect) -> Words:
        """Return it in a database's words."""
        found = self._words.get(dialect.name)
        if found is None:
            found = self._words[dialect.name] = self._compiled(dialect)
        return found

    def _compiled(self, dialect: Dialect) -> Words:
        made: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
        binds = {name: bind for bind, name in made.bind_names.items()}
        converts = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        columns = getattr(self._statement, "exported_columns", ())  # a plain text has none, and only numbers to tell
        results = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        return Words(
            made.string,
            tuple((name, converts[name]) for name in made.positiontup or binds),
            {name: bind.value for name, bind in binds.items() if not bind.required},
            made.positiontup is not None,
            bool(columns) or isinstance(self._statement, TextClause),
            tuple((place, convert) for place, convert in enumerate(results) if convert),
        )


Write = tuple[Prepared, Values]


def together(*writes: Write) -> list[tuple[Any, ...]]:
    """Send writes and return the rows of the last; on PostgreSQL as one statement, on one way there and back.

    There none of them sees what another wrote, except what that one `returns`.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for statement, values in writes:
            found = _execute(connection, statement.words(connection.dialect), values)
        return found
    joined = _joined(tuple(statement for statement, _ in writes), connection.dialect)
    given = {f"w{n}_{name}": value for n, (_, values) in enumerate(writes) for name, value in values.items()}
    return _execute(connection, joined, given)


@lru_cache
def _joined(statements: tuple[Prepared, ...], dialect: Dialect) -> Words:
    found = [statement.words(dialect) for statement in statements]
    sqls = [_NAMED.sub(rf"%(w{n}_\1)s", words.sql) for n, words in enumerate(found)]
    names = [statement.returns or f"w{n}" for n, statement in enumerate(statements)]
    steps = [f"{name} AS ({sql})" for name, sql in zip(names, sqls, strict=True)][:-1]
    return Words(
        f"WITH {', '.join(steps)} {sqls[-1]}" if steps else sqls[-1],
        tuple((f"w{n}_{name}", convert) for n, words in enumerate(found) for name, convert in words.binds),
        {f"w{n}_{name}": value for n, words in enumerate(found) for name, value in words.fixed.items()},
        False,
        found[-1].fetches,
        found[-1].results,
    )


def _execute(connection: Connection, words: Words, values: Values) -> list[tuple[Any, ...]]:
    given = words.given(values)
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, None, words.sql, given, None, False)
    driver: Any = connection.dialect.loaded_dbapi
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(words.sql, given)
        rows = cursor.fetchall() if words.fetches else []
    except driver.Error as error:
        drop_if_broken(connection, error)
        raise DBAPIError.instance(words.sql, given, error, driver.Error, dialect=connection.dialect) from error
    finally:
        cursor.close()
    if not words.results:
        return rows
    return [_converted(row, words.results) for row in rows]


def _converted(row: tuple[Any, ...], results: tuple[tuple[int, Convert], ...]) -> tuple[Any, ...]:
    values = list(row)
    for place, convert in results:
        values[place] = convert(values[place])
    return tuple(values)
