"""Read what waits, what failed, and whether a worker is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from forum.clock import now
from forum.db import session, view
from forum.jobs.models import Job, Worker

GONE = timedelta(minutes=3)  # a worker says every half minute that it is there
LATE = timedelta(minutes=5)  # what is due for so long has nobody who does it
SHOWN = 50  # failed jobs on the page of admins: one screen or two


@dataclass(frozen=True)
class FailedJob:
    """A job that failed: what it was, and why.

    `failed_at` is when it was given up, or when it is tried again.
    """

    id: int
    kind: str
    subject: dict[str, Any]
    error: str
    attempts: int
    created_at: datetime
    failed_at: datetime


@dataclass(frozen=True)
class Work:
    """The state of what is done in the background.

    `seen_at` is when a worker was last there, None where none ever was; `waiting` counts what is due and not done for
    minutes, `failed` what was given up, both up to SHOWN.
    """

    seen_at: datetime | None
    is_there: bool
    waiting: int
    failed: int


def work() -> Work:
    """Return whether a worker is there and how much waits."""
    moment = now()
    # One that was seen later than now had another clock, and says nothing.
    seen_at = session.scalar(select(func.max(Worker.seen_at)).where(Worker.seen_at < moment + GONE))
    late = select(Job.id).where(Job.failed_at.is_(None), Job.due_at < moment - LATE)
    failed = select(Job.id).where(Job.failed_at.is_not(None))
    counts = (session.scalar(select(func.count()).select_from(few.limit(SHOWN).subquery())) for few in (late, failed))
    waiting, given_up = (count or 0 for count in counts)
    return Work(seen_at, seen_at is not None and seen_at > moment - GONE, waiting, given_up)


def tried() -> list[FailedJob]:
    """Return jobs whose last attempt failed and that are tried again, those of the longest wait first."""
    query = select(Job).where(Job.failed_at.is_(None), Job.error != "").order_by(Job.created_at, Job.id).limit(SHOWN)
    return [view(FailedJob, row, failed_at=row.due_at) for row in session.scalars(query)]


def failed() -> list[FailedJob]:
    """Return the jobs that were given up, newest first."""
    query = select(Job).where(Job.failed_at.is_not(None)).order_by(Job.failed_at.desc(), Job.id.desc()).limit(SHOWN)
    return [view(FailedJob, row) for row in session.scalars(query)]
