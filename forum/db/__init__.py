"""The database: base class, session, column types, and `lock()`, the one way to begin a write.

Reads take no lock: connections run in autocommit, each statement by itself, and the database refuses their writes. A
write begins with `lock()`, which takes SQLite's write lock at once (a transaction that reads first and writes later
fails with "database is locked" however long it is told to wait) or PostgreSQL's row and advisory locks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from flask import Flask, has_request_context, request
from sqlalchemy import Connection, Engine, event

from forum.config import Settings
from forum.db import sqlite
from forum.db.columns import Base, Id, Moment, ids_of, partial_index, view
from forum.db.locking import BUSY, Hold, db, lock, lock_schema, session, write
from forum.db.reader import Reader
from forum.db.trouble import Unavailable, UnlockedWrite, is_full, is_unavailable, name_unlocked_write

log = logging.getLogger("forum")
_COMMITTED = "forum.committed"  # of a request's environment
CHECKPOINT_TRIES, CHECKPOINT_PAUSE = 5, 0.05  # seconds; a page that is being read holds a checkpoint up that long


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the app to its database and set the connections up."""
    kind = sqlite if settings.database.startswith("sqlite") else _postgresql()
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    # The values of a statement are what people typed, and tokens: no log has them.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {**kind.options(settings), "hide_parameters": True}
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    kind.listen(engine, settings)
    event.listen(engine, "handle_error", name_unlocked_write)


def create() -> None:
    """Make an empty database where a file for it is missing. Nothing else makes one: reading an absent file fails."""
    if db.engine.dialect.name == "sqlite":
        sqlite.create(db.engine)


def exists() -> bool:
    """Tell whether there is a file for the database; a server's own databases are always there."""
    return db.engine.dialect.name != "sqlite" or sqlite.exists(db.engine)


def commit() -> None:
    """Make everything since `lock()` durable, and let the next writer in."""
    session.commit()
    if has_request_context():
        request.environ[_COMMITTED] = True


def has_committed() -> bool:
    """Tell whether something was committed for the request that is being answered."""
    return has_request_context() and _COMMITTED in request.environ


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


def checkpoint() -> None:
    """Move SQLite's write-ahead log into the database and empty it, so that no erased text stays in it.

    Call it after the commit. Readers of an older moment hold it up: then it is tried a few times, and left to the next
    one with a line in the log. PostgreSQL keeps its own log.
    """
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.connect() as connection:
        for _ in range(CHECKPOINT_TRIES):
            if sqlite.checkpoint(connection):
                return
            time.sleep(CHECKPOINT_PAUSE)
    log.warning("the write-ahead log could not be emptied: the database is in use; the next checkpoint tries again")


def engine() -> Engine:
    """Return the engine of the current app."""
    return db.engine


def _postgresql() -> ModuleType:
    from forum.db import postgresql  # here, because a site on SQLite has no use for psycopg

    return postgresql
