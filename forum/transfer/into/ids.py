"""Ids for the rows that an import adds. No id is given twice, also where the row that had it was deleted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text

from forum.db import session

_LAST_GIVEN = {
    "sqlite": text("SELECT seq FROM sqlite_sequence WHERE name = :table"),
    "postgresql": text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:table, 'id')::regclass)"),
}
_NEXT = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :number)")
_SET = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :highest)")


def highest(model: Any) -> int:
    """Return the highest id that a table has or has ever given, 0 for none."""
    given = session.scalar(_LAST_GIVEN[session.get_bind().dialect.name], {"table": model.__tablename__})
    return max(given or 0, session.scalar(select(func.max(model.id))) or 0)


def reserved(model: Any, number: int) -> list[int]:
    """Return so many new ids. Call it inside `db.lock()`."""
    if session.get_bind().dialect.name == "sqlite":  # nobody else writes meanwhile
        first = highest(model) + 1
        return list(range(first, first + number))
    return [int(id) for id in session.scalars(_NEXT, {"table": model.__tablename__, "number": number})]


def set_sequences(*models: Any) -> None:
    """Let PostgreSQL go on counting above the highest id; SQLite does so by itself."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for model in models:
        if last := highest(model):
            session.execute(_SET, {"table": model.__tablename__, "highest": last})
