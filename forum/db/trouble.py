"""What can go wrong between the program and its database, and what of it passes by itself."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy import ExceptionContext, exc

from forum.errors import Busy

NO_ANSWER = "The site cannot reach its database right now. Please try again in a moment."
# SQLite's primary result codes that are no mistake of a statement: another process, the disk or the file is the cause.
_SQLITE = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY),
        *(sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PERM),
    }
)
_DISK_FULL = "53100"  # PostgreSQL
_READ_ONLY = "25006"  # PostgreSQL: the transaction, or after a failover the whole server, may only read


class UnlockedWrite(Exception):
    """A write outside `lock()`: a mistake in our code, never a person's."""


class Unavailable(Busy):
    """The database does not answer; trying again later may work."""

    def __init__(self, reason: str = NO_ANSWER) -> None:
        super().__init__(reason)


def is_unavailable(error: BaseException) -> bool:
    """Tell whether an error means that the database cannot be reached, read or written right now.

    False means a mistake in a statement or in its values. Takes errors of SQLAlchemy, of both drivers, and our own.
    """
    if isinstance(error, Busy | exc.TimeoutError | exc.DisconnectionError):  # the second: the pool had none in time
        return True
    if isinstance(error, exc.DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_unavailable(error.orig))
    if isinstance(error, sqlite3.Error):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _SQLITE
    # Not imported for it: a site on SQLite has no use for psycopg.
    kinds = {kind.__name__ for kind in type(error).__mro__ if kind.__module__.startswith("psycopg")}
    return bool(kinds & {"OperationalError", "InterfaceError"}) or _is_read_only(error)


def is_full(error: BaseException) -> bool:
    """Tell whether an error means that there is no room on the disk, of the database or of this machine."""
    if isinstance(error, exc.DBAPIError):
        return error.orig is not None and is_full(error.orig)
    if isinstance(error, sqlite3.Error):
        # What SQLite cannot write is no more than that to it; a file that may not grow is such a case.
        code = getattr(error, "sqlite_errorcode", 0)
        return (code & 0xFF) == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_WRITE
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return bool(getattr(error, "sqlstate", None) == _DISK_FULL)


def name_unlocked_write(context: ExceptionContext) -> None:
    """Raise UnlockedWrite where a database refused a write because no `lock()` had begun it."""
    error, connection = context.original_exception, context.connection
    if connection is not None and not connection.info.get("writing") and _is_read_only(error):
        raise UnlockedWrite(f"a write outside lock(): {(context.statement or '')[:80]}") from error


def _is_read_only(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_READONLY
    return bool(getattr(error, "sqlstate", None) == _READ_ONLY)
