"""The database: base class, session, column types, pragmas, and `lock()`, the one way to begin a write.

Reads take no lock: connections run in autocommit, each statement by itself. A write begins with
`lock()`, which takes SQLite's write lock at once (a transaction that reads first and writes later fails with
"database is locked" however long it is told to wait) or PostgreSQL's row and advisory locks. Whoever called commits.
"""

from __future__ import annotations

import enum
import re
import select
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, DateTime, Engine, Integer, MetaData, event
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from forum import keeper
from forum.config import Settings
from forum.errors import Busy
from forum.keeper import Keeper, NoWay
from forum.seqlock import Seqlock

# Names for every constraint from the first day: SQLite's batch migrations cannot drop a nameless one.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY = "The site is busy writing. Please try again in a moment."
BUSY_SECONDS = 5  # how long a writer waits for its turn before its person is told to try again
LOOK_AGAIN = 0.0003  # seconds between two tries for SQLite's write lock: a fraction of how long a write holds it
CACHE_KIB = 2048  # of every connection, and a thread has two: what one does not find is in the system's own cache
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_SPACES = {"site": 1, "person": 2}  # the first key of PostgreSQL's two-key advisory locks

# SQLite gives ids only to INTEGER primary keys; PostgreSQL wants the wide type for a table that may grow for decades.
Id = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """Be the base of every table."""

    metadata = MetaData(naming_convention=NAMING)


keeper.table(Base.metadata)


class Moment(TypeDecorator[datetime]):
    """Store an aware moment in UTC; SQLite keeps no zone, so it is taken off and put back."""

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


class Hold(enum.Enum):
    """Say how a person or the site is locked: shared by those who rely on it, exclusive to change it."""

    SHARED = "_shared"
    EXCLUSIVE = ""


class UnlockedWrite(Exception):
    """Say that somebody wrote without `lock()`; a mistake in our code, never a person's."""


db = SQLAlchemy(model_class=Base)
session = db.session
_turn = threading.BoundedSemaphore(1)  # one writer per process at SQLite's door: the others queue here, fairly


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the app to its database and set the connections up."""
    sqlite = settings.database.startswith("sqlite")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    if sqlite:
        arguments = {"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False}
        options: dict[str, Any] = {"connect_args": arguments}
    else:
        options = {"isolation_level": "AUTOCOMMIT"}  # else each look at the database would send BEGIN and ROLLBACK too
        if not settings.prepared_statements:  # a pooler hands the connection on after each transaction
            options["connect_args"] = {"prepare_threshold": None}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if sqlite:
        app.extensions["seqlock"] = Seqlock(Path(str(engine.url.database)))
        event.listen(engine, "connect", lambda raw, _: _pragmas(raw, settings.sqlite_synchronous))
    else:
        app.extensions["seqlock"] = Keeper(settings.instance)
        event.listen(engine, "checkout", _refuse_broken)
    event.listen(engine, "before_cursor_execute", _refuse_unlocked_writes)
    event.listen(engine, "commit", _forget)
    event.listen(engine, "rollback", _forget)
    event.listen(engine, "checkin", _give_turn_back if sqlite else _count_end)


def lock(*articles: int, people: Mapping[int, Hold] | None = None, site: Hold | None = None) -> None:
    """Begin a write, and make everything read from here on what no other writer can change.

    `articles` are ids whose rows are locked (with all their comments and closures); `people` and `site` are what the
    decision depends on (shared) or changes (exclusive). Locks are taken in the order site, people, articles by id;
    the ledger's head comes last, taken by `ledger.actions`. Take `now()` after it. Raises Busy when the wait was vain.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        _begin_immediate(connection)
    else:
        _lock_rows(connection, _locks(articles, people or {}, site))
    connection.info["writing"] = True
    session.expire_all()


def lock_schema(connection: Connection) -> None:
    """Begin a migration, which `lock()` cannot: its tables may not be there yet.

    It is counted like any write. A keeper on another machine is not asked to stop; it sees the change a second later.
    """
    connection.info["writing"] = True
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _count(connection)
    else:
        connection.info["ended"] = cast(Keeper, seqlock()).counted(connection)


def commit() -> None:
    """Make everything since `lock()` durable, and let the next writer in."""
    session.commit()


def rollback() -> None:
    """Undo everything since `lock()`."""
    session.rollback()


@contextmanager
def snapshot() -> Iterator[Connection]:
    """Give a connection whose reads all show one moment, however long they take; writers go on meanwhile."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield connection
        finally:
            connection.rollback()


def seqlock() -> Seqlock | Keeper:
    """Return what tells cheaply whether the database changed, on SQLite or on PostgreSQL."""
    return cast(Seqlock | Keeper, current_app.extensions["seqlock"])


def drop_if_broken(connection: Connection, error: Exception) -> None:
    """Keep a connection that the server closed out of the pool, after an error that SQLAlchemy has not seen.

    Whatever speaks to the driver itself calls this; else rolling back would fail too, and with it the next request.
    """
    if connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None):  # type: ignore[arg-type]
        connection.invalidate(error)


def engine() -> Engine:
    """Return the engine of the current app."""
    return db.engine


def _begin_immediate(connection: Connection) -> None:
    if connection.info.get("writing"):
        return
    if not _turn.acquire(timeout=BUSY_SECONDS):
        raise Busy(BUSY)
    connection.info["turn"] = True
    try:
        _take_lock(cast(sqlite3.Connection, connection.connection.dbapi_connection))
    except sqlite3.OperationalError as error:
        session.rollback()
        raise Busy(BUSY) from error
    _count(connection)


def _count(connection: Connection) -> None:
    counters = cast(Seqlock, seqlock())
    connection.info["ended"] = partial(counters.end, counters.begin())


def _take_lock(raw: sqlite3.Connection) -> None:
    """Take SQLite's write lock as soon as another process lets it go. Raises OperationalError when that was too late.

    SQLite's own way of waiting looks again after 1, 2, 5 ... 100 ms: whoever waits is passed by all who come later, and
    a second process stands idle most of the time.
    """
    until = time.monotonic() + BUSY_SECONDS
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(LOOK_AGAIN)
            else:
                return
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def _locks(articles: tuple[int, ...], people: Mapping[int, Hold], site: Hold | None) -> list[str]:
    wanted = [("site", 0, site)] if site else []
    wanted += [("person", key, hold) for key, hold in sorted(people.items())]
    steps = [
        f"SELECT pg_advisory_xact_lock{hold.value}({_SPACES[space]}, {int(key) % 2**31})" for space, key, hold in wanted
    ]
    if articles:
        ids = ", ".join(str(int(id)) for id in articles)
        steps.append(f"SELECT id FROM articles WHERE id IN ({ids}) ORDER BY id FOR UPDATE")  # noqa: S608 -- numbers
    return steps


def _lock_rows(connection: Connection, steps: list[str]) -> None:
    try:
        if not connection.info.get("writing"):
            first = f"SELECT set_config('lock_timeout', '{BUSY_SECONDS}s', true), {keeper.HOLD}"
            connection.info["ended"] = cast(Keeper, seqlock()).entered(connection, [keeper.BEGIN, first, *steps])
        elif steps:
            connection.exec_driver_sql("; ".join(steps))
    except (OperationalError, connection.dialect.loaded_dbapi.OperationalError, NoWay) as error:
        drop_if_broken(connection, error)
        session.rollback()
        raise Busy(BUSY) from error


def _pragmas(raw: Any, synchronous: str) -> None:
    cursor = raw.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"synchronous={synchronous}", f"cache_size=-{CACHE_KIB}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _refuse_broken(raw: Any, record: Any, proxy: Any) -> None:
    """Let the pool open another connection where the server has closed this one.

    It says so unasked, so a connection on which nothing waits to be read is good; asking would be one more way there
    and back for each request.
    """
    door = select.poll()
    try:
        door.register(raw.fileno(), select.POLLIN)
        if door.poll(0):
            raw.execute("SELECT 1")
    except raw.Error as error:
        raise DisconnectionError from error


def _refuse_unlocked_writes(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> None:
    if _WRITES.match(statement) and not connection.info.get("writing"):
        raise UnlockedWrite(f"a write outside lock(): {statement[:80]}")


def _forget(connection: Connection) -> None:
    if not connection.invalidated:  # what was known of one that broke is gone with it
        connection.info.pop("writing", None)


def _give_turn_back(raw: Any, record: Any) -> None:
    # At check-in, because only then has the commit reached the disk.
    record.info.pop("writing", None)
    if ended := record.info.pop("ended", None):
        ended()
    if record.info.pop("turn", False):
        _turn.release()


def _count_end(raw: Any, record: Any) -> None:
    record.info.pop("writing", None)
    ended = record.info.pop("ended", None)
    # Where the connection broke, the server may still be at the commit: `Keeper` finds out when it is over.
    if ended and raw is not None and not raw.pgconn.transaction_status:  # 0: idle
        ended()
