"""The worker's loop: seal the log, do the jobs that are due, take care of what the clock ends, and wait a moment."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from flask import Flask

from forum import db
from forum.clock import now
from forum.jobs import actions as jobs
from forum.jobs.actions import Hopeless, LostLease, NotNow, Taken
from forum.ledger import actions as ledger
from forum.ledger.actions import AT_ONCE
from forum.site.queries import site
from forum.worker.duties import JOBS, ROUNDS, SLOW, TOGETHER

log = logging.getLogger("forum")
PAUSE = 0.5  # seconds between two looks: what is told at once is told within one
SHORT = 0.05  # where more may be due
SEEN = timedelta(seconds=30)  # how often a worker says that it is there
NOWHERE = "http://localhost:8000"  # a site whose address nobody has told
OUTAGE = 5.0  # seconds to wait where the database does not answer


class Loop:
    """One of a worker's two loops: `run()` goes on until `stop` is set; what was begun is finished then.

    The `slow` one does only what waits for a server elsewhere, the other all the rest.
    """

    def __init__(self, app: Flask, stop: threading.Event, *, slow: bool = False) -> None:
        self._slow = slow
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"[:100]
        self._app, self._stop = app, stop
        self._next: dict[Callable[[datetime], int], datetime] = {}
        self._seen: datetime | None = None
        self._quiet_until = 0.0

    def run(self) -> None:
        """Work until asked to stop."""
        while not self._stop.is_set():
            self._stop.wait(self._guarded(self.once, PAUSE))
        self._guarded(self._leave, 0)

    def once(self) -> float:
        """Do some of what is due; return how many seconds to wait before the next look.

        The pauses let others write: a worker that always had something to do would hold the write lock all the time.
        """
        if self._slow:
            return self._once_slowly()
        moment = now()
        if self._seen is None or moment - self._seen >= SEEN:
            jobs.seen(self.name, moment)
            self._seen = moment
        sealed, taken = ledger.seal(), jobs.take(moment, TOGETHER, but=SLOW)
        db.commit()
        if len(taken) == 1 or (taken and not self._together(taken)):
            for job in taken:
                self._one(job)
        did = sum(self._round(*duty, moment) for duty in ROUNDS)
        is_more = sealed == AT_ONCE or len(taken) == jobs.TOGETHER or (taken and taken[0].kind not in TOGETHER) or did
        return SHORT if is_more else PAUSE

    def _once_slowly(self) -> float:
        taken = jobs.take(now(), only=SLOW)
        db.commit()
        for job in taken:
            self._one(job)
        return SHORT if taken else PAUSE

    def _together(self, taken: Sequence[Taken]) -> bool:
        """Do jobs of one kind in one transaction; tell whether it was possible: one that fails must not hold others."""
        try:
            self._do(taken)
        except Exception as error:
            db.rollback()
            if db.is_unavailable(error):
                raise
            return False
        return True

    def _one(self, job: Taken) -> None:
        try:
            self._do([job])
        except LostLease:
            db.rollback()
        except NotNow as not_now:
            db.rollback()
            jobs.postpone(job, not_now.due)
            db.commit()
        except Exception as error:
            db.rollback()
            if db.is_unavailable(error):
                raise  # the lease runs out, and the job is done then
            given_up = jobs.fail(job, f"{type(error).__name__}: {error}", for_good=isinstance(error, Hopeless))
            db.commit()
            level = logging.ERROR if given_up else logging.WARNING
            log.log(level, "job %s, %s: attempt %s failed: %s", job.id, job.kind, job.attempts, type(error).__name__)

    def _do(self, taken: Sequence[Taken]) -> None:
        """Do one job, or several of a kind that is done together, and commit."""
        kind = taken[0].kind
        if kind not in JOBS and kind not in TOGETHER:
            raise Hopeless("this program knows no such job")
        # A request of nobody's, so that addresses, templates and languages are those of a page.
        address = self._app.extensions["forum"].site_url or site().url or NOWHERE
        with self._app.test_request_context(base_url=address):
            left = TOGETHER[kind](taken) if kind in TOGETHER else {taken[0].id: JOBS[kind](taken[0])}
        db.lock()  # where the job itself wrote nothing
        jobs.finish(taken, {id: later for id, later in left.items() if later})
        db.commit()

    def _round(self, every: timedelta, duty: Callable[[datetime], int], moment: datetime) -> int:
        if moment < self._next.get(duty, moment):
            return 0
        did = duty(moment)
        if did:
            db.commit()
            db.checkpoint()  # what was erased is in no log of the database either
        else:
            self._next[duty] = moment + every
        return did

    def _leave(self) -> float:
        jobs.gone(self.name)  # the slow one was never there by itself
        db.commit()
        return 0

    def _guarded(self, act: Callable[[], float], pause: float) -> float:
        """Do something in a context of its own; trouble is logged, once a minute, and ends nothing."""
        try:
            with self._app.app_context():
                try:
                    return act()
                finally:
                    db.session.remove()
        except Exception as error:
            with self._app.app_context():
                if not db.is_unavailable(error):
                    log.exception("the worker met a mistake of the program")
                elif time.monotonic() >= self._quiet_until:
                    log.warning("the worker waits for the database: %s", type(error).__name__)
                    self._quiet_until = time.monotonic() + 60
            return max(OUTAGE, pause)
