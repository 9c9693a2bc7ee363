"""Let a worker work until nothing is due."""

from __future__ import annotations

import threading

from flask import Flask
from sqlalchemy import select

from forum import db
from forum.clock import now
from forum.jobs.models import Job
from forum.ledger.queries import unsealed
from forum.worker.duties import LONG, SLOW
from forum.worker.loop import SHORT, Loop


def work(app: Flask) -> None:
    """Run the loops of a new worker by turns, without their pauses."""
    loops = [Loop(app, threading.Event(), only=only) for only in ((), SLOW, LONG)]
    while SHORT in [loop.once() for loop in loops] or is_due():
        pass
    db.session.expire_all()


def is_due() -> bool:
    """Tell whether something could be done now."""
    due = Job.failed_at.is_(None) & (Job.due_at <= now())
    return unsealed() > 0 or db.session.scalars(select(Job.id).where(due).limit(1)).first() is not None
