"""The worker's loop: seal the log, do the jobs that are due, take care of what the clock ends, and wait a moment."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from flask import Flask

from forum import db
from forum.clock import now
from forum.jobs import actions as jobs
from forum.jobs.actions import Hopeless, LostLease, NotNow, Taken
from forum.ledger import actions as ledger
from forum.ledger.actions import AT_ONCE
from forum.site.queries import site
from forum.worker.duties import JOBS, LONG, ROUNDS, SLOW, TOGETHER

log = logging.getLogger("forum")
T = TypeVar("T")
PAUSE = 0.5  # seconds between two looks: what is told at once is told within one
SHORT = 0.05  # where more may be due
SEEN = timedelta(seconds=30)  # how often a worker says that it is there
NOWHERE = "http://localhost:8000"  # a site whose address nobody has told
OUTAGE = 5.0  # seconds to wait where the database does not answer


class Loop:
    """One of a worker's loops: `run()` goes on until `stop` is set; what was begun is finished then.

    One with `only` some kinds of jobs does nothing else, the other all the rest.
    """

    def __init__(self, app: Flask, stop: threading.Event, *, only: Collection[str] = ()) -> None:
        self._only = only
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"[:100]
        self._app, self._stop = app, stop
        self._rested: dict[Callable[[datetime], int], datetime] = {}  # when a round last found nothing
        self._seen: datetime | None = None
        self._held: list[Taken] = []  # taken, and not tried to the end
        self._quiet_until = 0.0
        self._logged: dict[str, float] = {}  # until when a mistake is not logged again

    def run(self) -> None:
        """Work until asked to stop."""
        while not self._stop.is_set():
            self._stop.wait(self._guarded(self.once, PAUSE))
        self._guarded(self._leave, 0)

    def once(self) -> float:
        """Do some of what is due; return how many seconds to wait before the next look.

        The pauses let others write: a worker that always had something to do would hold the write lock all the time.
        """
        if self._only:
            return self._once_slowly()
        moment = now()
        if self._is_over(self._seen, SEEN, moment):
            jobs.seen(self.name, moment)
            self._seen = moment
        rounds = [partial(self._round, *duty, moment) for duty in ROUNDS]
        sealed, taken = self._begin(moment)
        self._apart(partial(self._try, taken), None)
        did = sum([self._apart(act, 0) for act in rounds])
        is_more = sealed == AT_ONCE or len(taken) == jobs.TOGETHER or (taken and taken[0].kind not in TOGETHER) or did
        return SHORT if is_more else PAUSE

    def _once_slowly(self) -> float:
        taken: list[Taken] = self._apart(partial(jobs.take, now(), only=self._only), [])
        # What could not be ended is not put back: it may be sent already, and would be sent again every few seconds.
        for job in taken:
            self._apart(partial(self._one, job), None)
        return SHORT if taken else PAUSE

    def _begin(self, moment: datetime) -> tuple[int, list[Taken]]:
        """Seal the log and take jobs in one transaction; where the program fails at one of them, each by itself."""
        self._give_back(moment)
        seal, take = ledger.seal, partial(jobs.take, moment, TOGETHER, but=SLOW | LONG)
        both = self._apart(lambda: (seal(), take()), None)
        return both or (self._apart(seal, 0), self._apart(take, []))

    def _apart(self, act: Callable[[], T], nothing: T) -> T:
        """Do one of several things and commit; where the program fails at it, the others are done all the same."""
        try:
            found = act()
            db.commit()
        except Exception as error:
            db.rollback()
            if db.is_unavailable(error):
                raise
            self._mistake(error)
            return nothing
        return found

    def _try(self, taken: list[Taken]) -> None:
        try:
            if len(taken) == 1 or (taken and not self._together(taken)):
                for job in taken:
                    self._one(job)
        except Exception as error:
            self._held = taken if db.is_unavailable(error) else []
            raise

    def _give_back(self, moment: datetime) -> None:
        """Put jobs back that could not be tried to the end, because the database did not answer meanwhile."""
        if self._held:
            for job in self._held:
                jobs.postpone(job, moment)
            db.commit()
            self._held = []

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
                raise  # `_give_back` follows
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
        before = self._rested.get(duty)
        if not self._is_over(before, every, moment):
            return 0
        self._rested[duty] = moment  # also where it fails
        did = duty(moment)
        if did:
            db.commit()
            db.checkpoint()  # what was erased is in no log of the database either
            del self._rested[duty]
        return did

    @staticmethod
    def _is_over(before: datetime | None, wait: timedelta, moment: datetime) -> bool:
        """Tell whether a wait is over: also where the clock was put back, which may be by years."""
        return before is None or moment < before or moment - before >= wait

    def _mistake(self, error: Exception) -> None:
        """Log a mistake of the program; the same one once a minute, or it would fill the disk."""
        same = f"{type(error).__name__} in {_place(error)}"
        if time.monotonic() >= self._logged.get(same, 0):
            self._logged[same] = time.monotonic() + 60
            log.error("the worker met a mistake of the program", exc_info=error)

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
                    self._mistake(error)
                elif time.monotonic() >= self._quiet_until:
                    log.warning("the worker waits for the database: %s", type(error).__name__)
                    self._quiet_until = time.monotonic() + 60
            return max(OUTAGE, pause)


def _place(error: Exception) -> str:
    """Return where an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
