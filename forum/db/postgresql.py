"""PostgreSQL: how connections are opened and watched, what a write begins with, and questions of one row."""

from __future__ import annotations

import select
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from forum.config import Settings
from forum.db.trouble import Unavailable

_NUMBERS = frozenset({20, 21, 23})  # the types int8, int2 and int4
_GOOD = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})


CONNECT_SECONDS = 5
LOOK_SECONDS = 0.1  # how often a wait is interrupted, so that Ctrl-C is heard
# Over TCP the system notices by these a server that is gone; `Connection` one that is there and silent.
_ALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class Connection(psycopg.Connection[Any]):
    """A connection that is closed where the server gives no answer in time: over a socket nothing else would tell."""

    answer_seconds: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = LOOK_SECONDS, timeout: float | None = None) -> RV:
        """Wait for an answer. Raises psycopg.OperationalError, and closes the connection, where it is too late."""
        try:
            return super().wait(gen, interval, timeout or self.answer_seconds)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise


def options(settings: Settings) -> dict[str, Any]:
    """Return the engine's options."""
    arguments: dict[str, Any] = {"client_encoding": "UTF8", "connect_timeout": CONNECT_SECONDS, **_ALIVE}
    if settings.database_seconds:
        arguments["tcp_user_timeout"] = settings.database_seconds * 1000
    if not settings.prepared_statements:  # a pooler hands the connection on after each transaction
        arguments["prepare_threshold"] = None
    # AUTOCOMMIT, else each look at the database would send BEGIN and ROLLBACK too.
    return {"isolation_level": "AUTOCOMMIT", "connect_args": arguments}


def listen(engine: Engine, settings: Settings) -> None:
    """Set every connection of an engine up, and replace those that the server has closed."""
    seconds = settings.database_seconds or None
    event.listen(engine, "do_connect", lambda _, record, args, options: _open(seconds, args, options))
    event.listen(engine, "connect", _speak_iso)
    if settings.prepared_statements:
        event.listen(engine, "connect", _refuse_writes)
    event.listen(engine, "checkout", _refuse_broken)
    event.listen(engine, "checkin", lambda _, record: record.info.pop("writing", None))


def _open(seconds: float | None, args: Sequence[Any], options: Mapping[str, Any]) -> Connection:
    made = Connection.connect(*args, **options)
    made.answer_seconds = seconds
    return made


def _speak_iso(raw: Any, record: Any) -> None:
    # psycopg reads no moment in another style, which an operator may have set for the database. Poolers know this one.
    raw.execute("SET datestyle = 'ISO'")


def _refuse_writes(raw: Any, record: Any) -> None:
    # The server itself refuses a write outside lock(). Behind a pooler a session's setting would reach other clients.
    raw.execute("SET default_transaction_read_only = on")


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


class Line:
    """A connection for questions of one row, through libpq: a third of what psycopg's cursors cost."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._libpq = connection, connection.pgconn
        self._prepares = connection.prepare_threshold is not None
        self._names: dict[str, bytes] = {}
        self._patience = connection.answer_seconds and connection.answer_seconds * 1000  # milliseconds
        self._door = select.poll()
        self._door.register(self._libpq.socket, select.POLLIN)

    def row(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return the first row. Raises psycopg.Error, and Unavailable where no answer came in time.

        Values are numbers and texts; a column is one of both, whatever its type is called.
        """
        given = [None if value is None else str(value).encode() for value in values]
        if self._prepares:
            self._libpq.send_query_prepared(self._name(statement), given)
        else:
            self._libpq.send_query_params(numbered(statement), given)
        found = self._answer()
        if not found.ntuples:
            return None
        return tuple([_value(found, column) for column in range(found.nfields)])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _name(self, statement: str) -> bytes:
        name = self._names.get(statement)
        if name is None:
            name = b"forum_%d" % len(self._names)
            self._libpq.send_prepare(name, numbered(statement))
            self._answer()
            self._names[statement] = name
        return name

    def _answer(self) -> PGresult:
        first = found = self._next()
        while found is not None:  # the server is ready for another statement when there are no more
            found = self._next()
        if first is None or first.status not in _GOOD:
            raise _error(first)
        return first

    def _next(self) -> PGresult | None:
        while self._libpq.is_busy():
            if not self._door.poll(self._patience):
                raise Unavailable
            self._libpq.consume_input()
        return self._libpq.get_result()


@lru_cache
def numbered(statement: str) -> bytes:
    """Return a statement with `$1`, `$2` ... instead of its question marks."""
    parts = statement.split("?")
    return "".join([f"{part}${number}" for number, part in enumerate(parts[:-1], 1)] + parts[-1:]).encode()


def _value(found: PGresult, column: int) -> Any:
    raw = found.get_value(0, column)
    if raw is None:
        return None
    return int(raw) if found.ftype(column) in _NUMBERS else raw.decode()


def _error(found: PGresult | None) -> psycopg.Error:
    state = found.error_field(DiagnosticField.SQLSTATE) if found is not None else None
    words = found.error_message if found is not None else b"no result"
    kind = psycopg.errors.lookup(state.decode()) if state else psycopg.OperationalError
    return kind(words.decode("utf-8", "replace").strip())
