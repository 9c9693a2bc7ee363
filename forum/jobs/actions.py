"""Put jobs down, take them under a lease, and end them: done, tried again later, or failed. The caller commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Insert, Table, bindparam, delete, insert, select, text, update

from forum import db, policy
from forum.acting import lock_as
from forum.clock import now
from forum.db import session, write
from forum.errors import NotFound
from forum.jobs.models import Job, Worker
from forum.policy import Actor

LEASE = timedelta(minutes=5)  # longer than any attempt takes: a mail server that is slow, a thousand notices
ATTEMPTS = 8  # with the waits below over half a day: a mail server that is down over night
WAITS = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 3600, 3 * 3600, 6 * 3600))  # after each failed attempt
TOGETHER = 200  # jobs done in one transaction: some ten milliseconds, in which SQLite lets nobody else write
FORGET = timedelta(days=1)  # a worker that was not seen for so long is no longer known
_jobs = cast(Table, Job.__table__)
_NEW = insert(_jobs).inline()
_COLUMNS = ("kind", "subject", "key", "due_at", "attempts", "error", "created_at")
# In words that both databases know: what SQLAlchemy has for it is one class for each.
_ONCE = text(
    f"INSERT INTO jobs ({', '.join(_COLUMNS)}) VALUES (:{', :'.join(_COLUMNS)}) ON CONFLICT (key) DO NOTHING"  # noqa: S608
).bindparams(*(bindparam(name, type_=_jobs.c[name].type) for name in _COLUMNS))


class LostLease(Exception):
    """Another worker has this job: the lease ran out while it was being done. Nothing may be committed."""


class Hopeless(Exception):
    """A job that no further attempt can do."""


class NotNow(Exception):
    """A job that cannot be tried at the moment, for a reason that is not its own."""

    def __init__(self, due: datetime) -> None:
        super().__init__()
        self.due = due


@dataclass
class Taken:
    """A job under this worker's lease; `attempts` counts the one that is made now.

    A lease is known by the moment at which it ends (`prolong` moves it): attempts are counted anew now and then.
    """

    id: int
    kind: str
    subject: dict[str, Any]
    attempts: int
    created_at: datetime
    leased_until: datetime


@dataclass(frozen=True)
class Later:
    """What is left of a job of which a part is done, and when that is due."""

    subject: Mapping[str, Any]
    due: datetime


def new(
    kind: str, moment: datetime, subject: Mapping[str, Any], due: datetime | None = None
) -> tuple[Insert, dict[str, Any]]:
    """Return the write that puts a job down, for `db.write()` and `ledger.record(beside=...)`."""
    row = {"kind": kind, "subject": dict(subject), "due_at": due or moment, "created_at": moment}
    return _NEW, {**row, "attempts": 0, "error": ""}


def put(kind: str, moment: datetime, subject: Mapping[str, Any], *, due: datetime | None = None, key: str = "") -> None:
    """Put a job down, in the transaction of its cause, to be done at `due`, at once if not given.

    With a `key` it is put down once until it is done: a second one changes nothing, and the first one's time stays.
    """
    statement, row = new(kind, moment, subject, due)
    if not key:
        write((statement, row))
        return
    session.execute(_ONCE, {**row, "key": key})


def put_each(kind: str, moment: datetime, wanted: Sequence[tuple[Mapping[str, Any], datetime, str]]) -> None:
    """Put many jobs of a kind down at once, each with its subject, its time and its key, as `put` does one."""
    rows = [{**new(kind, moment, subject, due)[1], "key": key} for subject, due, key in wanted]
    if rows:
        session.connection().execute(_ONCE, rows)


def take(
    moment: datetime, together: Collection[str] = (), *, only: Collection[str] = (), but: Collection[str] = ()
) -> list[Taken]:
    """Take the job that is due longest under a lease; nothing where nothing is due.

    Of a kind that is done `together`, take up to TOGETHER that are due, but one that was tried before by itself: the
    worker may have ended because of it. One at which workers ended ATTEMPTS times is given up. Take
    `only` some kinds, or all `but` some.
    """
    due = _jobs.c.failed_at.is_(None) & (_jobs.c.due_at <= moment) & _jobs.c.kind.not_in(but)
    if only:
        due &= _jobs.c.kind.in_(only)
    oldest = select(_jobs).where(due).order_by(_jobs.c.due_at, _jobs.c.id)
    first = session.execute(oldest.with_only_columns(_jobs.c.kind, _jobs.c.attempts).limit(1)).one_or_none()
    if first is None:
        return []
    db.lock()
    same = oldest.where(_jobs.c.kind == first.kind).limit(1)
    if first.kind in together and not first.attempts:
        same = same.where(_jobs.c.attempts == 0).limit(TOGETHER)
    rows = session.execute(same.with_for_update(skip_locked=True)).all()
    _give_up([row.id for row in rows if row.attempts >= ATTEMPTS])
    rows, until = [row for row in rows if row.attempts < ATTEMPTS], now() + LEASE
    leased = update(_jobs).where(_jobs.c.id.in_([row.id for row in rows]))
    session.execute(leased.values(due_at=until, attempts=_jobs.c.attempts + 1))
    return [Taken(row.id, row.kind, row.subject, row.attempts + 1, row.created_at, until) for row in rows]


def finish(taken: Sequence[Taken], left: Mapping[int, Later] | None = None) -> None:
    """Delete jobs that are done, and keep those of which something is left, by id; their attempts are counted anew.

    Call it inside the write that does them. Raises LostLease where one is not this worker's any more.
    """
    leases = {job.id: (job.attempts, job.leased_until) for job in taken}
    mine = select(_jobs.c.id, _jobs.c.attempts, _jobs.c.due_at)
    mine = mine.where(_jobs.c.id.in_(list(leases)), _jobs.c.failed_at.is_(None)).with_for_update()
    if {id: (attempts, due_at) for id, attempts, due_at in session.execute(mine)} != leases:
        raise LostLease
    for id, later in (left or {}).items():
        kept = {"subject": dict(later.subject), "due_at": later.due, "attempts": 0}
        session.execute(update(_jobs).where(_jobs.c.id == id).values(kept))
    session.execute(delete(_jobs).where(_jobs.c.id.in_(list(leases.keys() - (left or {}).keys()))))


def fail(job: Taken, error: str, *, for_good: bool = False) -> bool:
    """Note that an attempt failed: try again later, or no more; return whether it was given up."""
    moment = now()
    ended = for_good or job.attempts >= ATTEMPTS
    later = {"failed_at": moment} if ended else {"due_at": moment + WAITS[min(job.attempts, len(WAITS)) - 1]}
    db.lock()
    # PostgreSQL keeps no NUL, neither database half of a surrogate pair: what a program says may hold both.
    words = "".join(sign if sign.isprintable() else " " for sign in error[:500])
    session.execute(update(_jobs).where(*_mine(job)).values(error=words, **later))
    return ended


def postpone(job: Taken, due: datetime) -> None:
    """Put a job back that was taken and not tried: the attempt does not count."""
    db.lock()
    session.execute(update(_jobs).where(*_mine(job)).values(due_at=due, attempts=job.attempts - 1))


def prolong(job: Taken, lease: timedelta) -> None:
    """Let a lease end so much later than now, for work that takes long and says so. Raises LostLease."""
    until = now() + lease
    if not cast(Any, session.execute(update(_jobs).where(*_mine(job)).values(due_at=until))).rowcount:
        raise LostLease
    job.leased_until = until


def set_right(moment: datetime) -> int:
    """Let jobs be due that wait only because the clock was ahead when they were put down or taken; return how many.

    No failed attempt and no lease makes a job wait for longer than the last of WAITS, and what was put down later than
    now was put down by another clock. What is due at a moment of its own stays.
    """
    longest = moment + WAITS[-1] + LEASE
    taken = (_jobs.c.attempts > 0) & (_jobs.c.due_at > longest)
    fresh = (_jobs.c.created_at > moment + LEASE) & (_jobs.c.due_at == _jobs.c.created_at)
    late = _jobs.c.failed_at.is_(None), _jobs.c.due_at > moment, taken | fresh
    if session.execute(select(_jobs.c.id).where(*late).limit(1)).first() is None:
        return 0
    db.lock()
    return int(cast(Any, session.execute(update(_jobs).where(*late).values(due_at=moment))).rowcount)


def forget_failed(kind: str, before: datetime) -> int:
    """Delete jobs of a kind that were given up before a moment, because of what they hold; return how many."""
    old = _jobs.c.kind == kind, _jobs.c.failed_at < before
    if session.execute(select(_jobs.c.id).where(*old).limit(1)).first() is None:
        return 0
    db.lock()
    return int(cast(Any, session.execute(delete(_jobs).where(*old))).rowcount)


def retry(actor: Actor, job_id: int) -> None:
    """Let a job that failed be tried again, from the first attempt. Raises Forbidden and NotFound."""
    _failed(actor, job_id)
    session.execute(update(Job).where(Job.id == job_id).values(failed_at=None, attempts=0, due_at=now()))


def drop(actor: Actor, job_id: int) -> None:
    """Give a job that failed up. Raises Forbidden and NotFound."""
    _failed(actor, job_id)
    session.execute(delete(Job).where(Job.id == job_id))


def seen(name: str, moment: datetime) -> None:
    """Note that a worker is at work; forget those that are long gone."""
    db.lock()
    known = update(Worker).where(Worker.name == name).values(seen_at=moment)
    if cast(Any, session.execute(known)).rowcount == 0:
        session.add(Worker(name=name, seen_at=moment))
    session.execute(delete(Worker).where(Worker.seen_at < moment - FORGET))


def gone(name: str) -> None:
    """Note that a worker has ended."""
    db.lock()
    session.execute(delete(Worker).where(Worker.name == name))


def _mine(job: Taken) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of a job as long as nobody else has taken it."""
    same = _jobs.c.id == job.id, _jobs.c.attempts == job.attempts, _jobs.c.due_at == job.leased_until
    return *same, _jobs.c.failed_at.is_(None)


def _give_up(ids: Collection[int]) -> None:
    """Give jobs up at which workers ended, so that no attempt could be noted as failed."""
    if ids:
        ended = update(_jobs).where(_jobs.c.id.in_(ids)).values(failed_at=now())
        session.execute(ended.values(error="The worker ended during the attempts, each time."))


def _failed(actor: Actor, job_id: int) -> None:
    """Begin a write as an admin about a job that failed."""
    actor = lock_as(actor)
    policy.may_administer(actor).require()
    if session.scalar(select(Job.id).where(Job.id == job_id, Job.failed_at.is_not(None)).with_for_update()) is None:
        raise NotFound()
