"""Ids for the rows that an import adds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text

from forum.db import session


def reserved(model: Any, number: int) -> list[int]:
    """Return so many new ids. Call it inside `db.lock()`."""
    if session.get_bind().dialect.name == "sqlite":  # nobody else writes meanwhile
        first = (session.scalar(select(func.max(model.id))) or 0) + 1
        return list(range(first, first + number))
    sequence = f"pg_get_serial_sequence('{model.__tablename__}', 'id')"
    query = text(f"SELECT nextval({sequence}) FROM generate_series(1, :number)")  # noqa: S608 -- our own table's name
    return [int(id) for id in session.scalars(query, {"number": number})]


def set_sequences(*models: Any) -> None:
    """Let PostgreSQL go on counting above the largest id; SQLite does so by itself."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for model in models:
        name = model.__tablename__
        highest = session.scalar(select(func.max(model.id)))
        if highest:
            query = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), GREATEST(:highest, :least))")
            session.execute(query, {"name": name, "highest": highest, "least": 1})
