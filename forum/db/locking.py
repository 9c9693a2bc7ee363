"""The one way to begin a write: `lock()`. The caller commits."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, cast

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Executable

from forum.config import Settings
from forum.db import sqlite
from forum.db.columns import Base
from forum.db.trouble import is_unavailable
from forum.errors import Busy

BUSY = "The site is busy writing. Please try again in a moment."
# Whatever the server's default is: each statement of a write must see what was committed before it.
_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_SPACES = {"site": 1, "person": 2, "article": 3, "writing": 4}  # the first key of PostgreSQL's two-key advisory locks

db = SQLAlchemy(model_class=Base)
session = db.session


class Hold(enum.Enum):
    """How a person, the site or its writing is locked: shared by those who rely on it, exclusive to change it."""

    SHARED = "_shared"
    EXCLUSIVE = ""


def lock(
    *articles: int,
    people: Mapping[int, Hold] | None = None,
    site: Hold | None = None,
    writing: Hold | None = None,
    wait: bool | float = True,
) -> None:
    """Begin a write, and make everything read from here on what no other writer can change.

    `articles` are ids whose rows are locked (with all their comments and closures); `people` and `site` are what the
    decision depends on (shared) or changes (exclusive). `writing` is shared by each comment, and exclusive for closing
    more than one article: it waits for the comments on their way, and the next ones for it. It is none of the site's,
    which an import holds for long. Locks are taken in the order site, writing, people, articles by id; the ledger's
    head comes last, taken by `ledger.actions`. Take `now()` after it. Raises Busy when the wait was vain;
    without `wait` as soon as somebody else holds one of the locks. `wait` may also be a number of seconds.
    """
    connection = session.connection()
    try:
        if connection.dialect.name == "sqlite":
            _begin_on_sqlite(connection, wait)
        else:
            _begin_on_postgresql(connection, wait, articles, people or {}, {"site": site, "writing": writing})
    except Exception as error:
        session.rollback()
        if not is_unavailable(error) or isinstance(error, Busy):
            raise
        raise Busy(BUSY) from error
    session.expire_all()


def write(*writes: tuple[Executable, Mapping[str, Any]]) -> None:
    """Execute statements that return nothing, inside `lock()`: to PostgreSQL on one way there and back for all.

    A row that the ORM holds stays there as it was: call `session.expire_all()` after changing one. Raises what
    SQLAlchemy raises or, where an error comes with the last answer, psycopg.
    """
    connection = session.connection()
    driver = cast(Any, connection.connection.driver_connection)
    with nullcontext() if connection.dialect.name == "sqlite" else driver.pipeline():
        for statement, values in writes:
            connection.execute(statement, values)


def lock_schema(connection: Connection) -> None:
    """Begin a migration, which `lock()` cannot: its tables may not be there yet."""
    if connection.dialect.name == "sqlite":
        cast(sqlite.Pair, connection.connection.dbapi_connection).begin_writing()
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN READ WRITE")
    connection.info["writing"] = True


def _seconds(wait: bool | float) -> float:
    return cast(Settings, current_app.extensions["forum"]).lock_seconds if wait is True else float(wait)


def _begin_on_sqlite(connection: Connection, wait: bool | float) -> None:
    if connection.info.get("writing"):
        return
    raw = cast(sqlite.Pair, connection.connection.dbapi_connection)
    if not sqlite.begin(raw, connection.info, _seconds(wait)):
        raise Busy(BUSY)
    connection.info["writing"] = True


def _begin_on_postgresql(
    connection: Connection,
    wait: bool | float,
    articles: tuple[int, ...],
    people: Mapping[int, Hold],
    wide: Mapping[str, Hold | None],
) -> None:
    begins = not connection.info.get("writing")
    patience = int(_seconds(wait) * 1000) or 1  # 0 would mean for ever
    steps = [_BEGIN, f"SET LOCAL lock_timeout = {patience}"] if begins else []
    steps += [_advisory(space, 0, hold) for space, hold in wide.items() if hold]
    steps += [_advisory("person", id, hold) for id, hold in sorted(people.items())]
    if begins:
        # A queue before the row: a writer who waits for the row itself is overtaken by others. A writer who holds
        # something already does not join it, for those in front may be waiting for just that.
        steps += [_advisory("article", id, Hold.EXCLUSIVE) for id in sorted(articles)]
    if articles:
        ids = ", ".join(str(int(id)) for id in articles)
        steps.append(f"SELECT id FROM articles WHERE id IN ({ids}) ORDER BY id FOR UPDATE")  # noqa: S608 -- numbers
    if steps:
        connection.exec_driver_sql("; ".join(steps))  # all on one way there and back
    connection.info["writing"] = True


def _advisory(space: str, id: int, hold: Hold) -> str:
    return f"SELECT pg_advisory_xact_lock{hold.value}({_SPACES[space]}, {int(id) % 2**31})"
