"""Let one machine at a time answer from memory what stands in PostgreSQL, as long as no other machine writes.

The row of the table `keeper` names it. Every write looks at the row; who finds another machine there first asks it to
stop and waits until it has. After ten minutes in which one machine alone wrote, that machine may be the keeper again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CheckConstraint, Column, Connection, DateTime, Integer, MetaData, String, Table

from forum.tally import BEGUN, ENDED, Tally, in_folder

log = logging.getLogger("forum")
STEPS = 6  # how often a writer looks; asking and waiting are one each
# How long a process believes that its machine is the keeper. Never raise it while servers with the old value run.
LEASE_SECONDS = 1.0
LEAVE_SECONDS = 1.2  # how long a writer waits for a keeper to stop: a lease, and a fifth for clocks that go unevenly
LOOK_SECONDS = 5.0  # how soon a process of another machine looks again
CLAIM_SECONDS = 600.0  # how long a machine must have been the only one that wrote

# Taken by each write. Nobody becomes the keeper and nothing is evened out meanwhile (db.py has the other such locks).
# Whatever the server's default is: each statement of a write must see what was committed before it.
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
HOLD = "pg_advisory_xact_lock_shared(3, 0)"
_WHO = "SELECT machine, state, since FROM keeper"
_ASK = "SELECT machine, state, since, since < clock_timestamp() - make_interval(secs => ?) FROM keeper"
_CLAIM = (
    "UPDATE keeper SET machine = ?, state = 'kept', since = clock_timestamp() WHERE state = 'shared' AND since = ?"
    " AND pg_try_advisory_xact_lock(3, 0) RETURNING id"
)
_NOTE = "UPDATE keeper SET machine = ?, since = clock_timestamp() WHERE state = 'shared' AND since = ? RETURNING id"
_DISMISS = "UPDATE keeper SET state = 'leaving', since = clock_timestamp() WHERE state = 'kept' RETURNING id"
_RELEASE = (
    "UPDATE keeper SET state = 'shared', since = clock_timestamp() WHERE state = 'leaving' AND since = ? RETURNING id"
)
_OVER = "SELECT pg_try_advisory_xact_lock(3, 0)"

Row = tuple[Any, ...]
Ask = Callable[[str, Sequence[Any]], Row | None]
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while the computer sleeps


def clock() -> float:
    """Return seconds that never go back."""
    return time.clock_gettime(_CLOCK)


def table(metadata: MetaData) -> Table:
    """Be the one row that says who may answer from memory; unused on SQLite.

    shared: nobody may; `machine` wrote last, alone `since` then. kept: `machine` may. leaving: it may no longer, but
    processes of it may believe so for a second.
    """
    return Table(
        "keeper",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("machine", String(32)),
        Column("state", String(8), nullable=False),
        Column("since", DateTime(timezone=True), nullable=False),
        CheckConstraint("id = 1 AND state IN ('shared', 'kept', 'leaving')", name="one_row"),
    )


class NoWay(Exception):
    """Say that a writer found other machines to be the keeper whenever it looked."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Be the leave to answer from memory until a moment of `clock()`; each has a number of its own."""

    counters: memoryview
    until: float
    number: int


class Keeper:
    """Be this process's knowledge of the keeper.

    Why nobody is served less than anybody has read. An answer is remembered with its stamp: the number of a lease and
    of the last write counted here. It is used only while this lease holds and that number stands still. Take a write
    that is in the database and not in the answer.

    *A write of this machine* was counted as begun before it wrote anything and is counted as ended after its commit.
    So between the moments when the two stamps were taken, both of them with as many ended as begun, it was either
    over before the first, and then is in the answer, or begins after the second.

    *A write of another machine* found `shared` when it held the advisory lock, and holds that until it is over. Nobody
    becomes keeper meanwhile, since that takes the lock alone; so whoever asked and was told "you are the keeper" asked
    after the write was over, or before it began. In the first case the write is in all that is asked afterwards. In
    the second, `kept` became `leaving` and then `shared` in between, the last by somebody who had seen `leaving`
    LEAVE_SECONDS before. A question asked before `leaving` gives a lease that ended LEASE_SECONDS later; one asked
    after it gives none. So the lease was over before the write began.

    *Any other write*, by hand or by a restore, is seen when the lease ends: everything is asked anew under the next.
    """

    def __init__(self, instance: Path) -> None:
        self._mapped = in_folder(instance)
        self._lease: Lease | None = None
        self._renewing = threading.Lock()
        self._next = 0.0  # when to ask again
        self._number = 0
        self._wrote = self._warned = False
        self._leaving: tuple[datetime, float] | None = None

    def stamp(self) -> tuple[int, int] | None:
        """Return under what an answer may be remembered and used, None where the database has to be asked."""
        lease = self._lease
        if lease is None:
            return None
        ended = lease.counters[ENDED]  # first, so that all had ended at the moment the other is read
        begun = lease.counters[BEGUN]
        return (lease.number, begun) if begun == ended and clock() < lease.until else None

    def renewed(self, ask: Ask) -> tuple[int, int] | None:
        """Ask whether this machine is the keeper, if that is due and no other thread is at it, and return the stamp.

        `ask` sends a statement as a transaction of its own.
        """
        if clock() < self._next or not self._renewing.acquire(blocking=False):
            return None
        try:
            self._lease = self._renew(ask)
            self._next = self._lease.until if self._lease else clock() + LOOK_SECONDS
        finally:
            self._renewing.release()
        return self.stamp()

    def entered(self, connection: Connection, locks: Sequence[str]) -> Callable[[], None]:
        """Take the locks of a write on one way there and back, in this order, and count it; HOLD is among them.

        Return what counts its end, to be called when its transaction is known to be over. While another machine
        answers from memory, ask it to stop, wait until it has, and begin anew. Raises NoWay where it is kept at once
        again and again, and the driver's error where a lock could not be had.
        """
        for _ in range(STEPS):
            # The last statement sees whatever was committed before the lock was granted.
            row = _last_row(connection, "; ".join([*locks, _WHO]))
            if ended := self._admitted(row):
                return ended
            _make_way(connection, row)
        raise NoWay

    def counted(self, connection: Connection) -> Callable[[], None]:
        """Count a write whoever is the keeper, as where this table may not be there yet."""
        connection.exec_driver_sql(f"{BEGIN}; SELECT {HOLD}")
        ended = self._admitted(None)
        assert ended is not None
        return ended

    def _admitted(self, row: Row | None) -> Callable[[], None] | None:
        tally = self._mapped.look()
        if row is not None and row[1] != "shared" and (tally is None or row[0] != tally.machine):
            return None
        self._wrote = True
        return partial(tally.end, tally.begin()) if tally is not None else _nothing

    def _renew(self, ask: Ask) -> Lease | None:
        tally = self._mapped.look()
        if tally is None:
            if not self._warned:
                log.warning("%s cannot be opened for writing: every page asks the database", self._mapped.path)
            self._warned = True
            return None
        begun = clock()
        row = ask(_ASK, (CLAIM_SECONDS,))
        if row is not None and row[1] == "shared" and self._claimed(ask, tally.machine, row):
            begun = clock()
            row = ask(_ASK, (CLAIM_SECONDS,))
        if row is None or row[:2] != (tally.machine, "kept"):
            self._see_off(ask, row)
            return None
        self._heal(ask, tally)
        self._number += 1
        return Lease(tally.counters, begun + LEASE_SECONDS, self._number)

    def _claimed(self, ask: Ask, machine: str, row: Row) -> bool:
        """Become the keeper where this machine alone wrote for long; else note that it wrote."""
        last, _, since, long = row
        if long and last in (machine, None):
            return ask(_CLAIM, (machine, since)) is not None
        if self._wrote and last != machine:
            ask(_NOTE, (machine, since))
        self._wrote = False
        return False

    def _see_off(self, ask: Ask, row: Row | None) -> None:
        """Let go of a keeper that was asked to stop by somebody who did not live to see it."""
        if row is None or row[1] != "leaving":
            self._leaving = None
        elif self._leaving is None or self._leaving[0] != row[2]:
            self._leaving = row[2], clock()
        elif clock() - self._leaving[1] > LEAVE_SECONDS:
            ask(_RELEASE, (row[2],))

    def _heal(self, ask: Ask, tally: Tally) -> None:
        """Even out what killed writers, and those whose connection broke, have left uncounted.

        A write is counted while it holds the advisory lock, which the server frees when its transaction is over, be it
        that a client died and its commit went on. So once that lock was free, all that were counted before are over.
        """
        begun = tally.counters[BEGUN]
        if tally.counters[ENDED] != begun and ask(_OVER, ()) == (True,) and tally.even_out(begun):
            log.info("a write that was not seen to end is over")


def _last_row(connection: Connection, statements: str) -> Row:
    # Past SQLAlchemy, which lets go of the results when the first statement has none. Raises the driver's errors.
    with cast(Any, connection.connection.dbapi_connection).cursor() as cursor:
        cursor.execute(statements)
        while cursor.nextset():
            pass
        return cast(Row, cursor.fetchone())


def _make_way(connection: Connection, row: Row) -> None:
    """Take one step towards a row that is shared: ask the keeper to stop, or wait until it has.

    Each is a transaction of its own, past the session: that may go on as it is, for nothing was written yet.
    """
    driver = cast(Any, connection.connection.dbapi_connection)
    driver.rollback()
    if row[1] == "kept":
        driver.execute(_DISMISS)
    else:
        time.sleep(LEAVE_SECONDS)
        driver.execute(_RELEASE.replace("?", "%s"), (row[2],))
    driver.commit()


def _nothing() -> None:
    """Be the end of a write that could not be counted: its machine is never the keeper."""
