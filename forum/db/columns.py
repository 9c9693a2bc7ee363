"""What every table is made of, and how a row becomes what a page shows."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, DateTime, Index, Integer, MetaData, String, TextClause, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

# Names for every constraint from the first day: SQLite's batch migrations cannot drop a nameless one.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite gives ids only to INTEGER primary keys; PostgreSQL wants the wide type for a table that may grow for decades.
Id = BigInteger().with_variant(Integer(), "sqlite")


V = TypeVar("V")


def view(kind: type[V], row: Any, **others: Any) -> V:
    """Make a frozen dataclass: each field is one of `others`, or what the row has under the same name."""
    names = (field.name for field in fields(kind))  # type: ignore[arg-type]  # there is no public name for dataclasses
    return kind(**{name: getattr(row, name) for name in names if name not in others}, **others)


def partial_index(name: str, *columns: str, where: str | TextClause, unique: bool = False) -> Index:
    """Return an index that has only the rows for which `where` holds. The migration that makes it says so, too.

    To say it to SQLAlchemy (`sqlite_where`, `postgresql_where`) would load what it has for either database, of which a
    site uses one: a tenth of the time in which a server starts.
    """
    return Index(name, *columns, unique=unique, info={"where": str(where)})


class Base(DeclarativeBase):
    """The base class of every table."""

    metadata = MetaData(naming_convention=NAMING)


class Moment(TypeDecorator[datetime]):
    """The type of an aware moment, stored in UTC; SQLite keeps no zone, so it is taken off and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Ids(TypeDecorator[frozenset[int]]):
    """The type of several ids in one value, as `ids_of` reads them."""

    impl = String
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Any) -> frozenset[int]:
        return frozenset(map(int, value.split(","))) if value else frozenset()


class _Listed(FunctionElement[frozenset[int]]):
    """Ids with commas between them. SQLAlchemy's own function would take 100 microseconds for the comma each time."""

    inherit_cache = True
    name = "listed"
    type = _Ids()


@compiles(_Listed, "sqlite")
def _in_sqlite(element: _Listed, compiler: SQLCompiler, **how: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **how)}, ',')"


@compiles(_Listed, "postgresql")
def _in_postgresql(element: _Listed, compiler: SQLCompiler, **how: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **how)}::text, ',')"


def ids_of(column: Any, where: ColumnElement[bool]) -> ColumnElement[frozenset[int]]:
    """Return the ids in a column of another table as one value of a row, so that they need no statement of their own.

    `where` joins the other table to the row's.
    """
    return select(_Listed(column)).where(where).correlate_except(column.table).scalar_subquery()
