"""Tell the log that the database does not answer: one line a minute for each kind of error, with a count."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from forum.clock import now

EVERY = timedelta(minutes=1)  # between two lines of one kind
log = logging.getLogger("forum")


class Outages:
    """What a process logged of outages, by kind of error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[datetime, int]] = {}  # kind -> when it was last logged, how many came since

    def report(self, error: BaseException) -> None:
        """Log an outage, or count it where its kind was logged a moment ago.

        Neither the statement nor its values are logged: they hold what people typed.
        """
        cause = getattr(error, "orig", None) or error
        kind, moment = type(cause).__name__, now()
        with self._lock:
            last, more = self._known.get(kind, (None, 0))
            if last is not None and timedelta(0) <= moment - last < EVERY:
                self._known[kind] = last, more + 1
                return
            self._known[kind] = moment, 0
        words = str(cause).partition("\n")[0][:200]
        log.error("the database does not answer: %s: %s (%d more since this was last logged)", kind, words, more)
