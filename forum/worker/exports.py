"""Exports as jobs: read from one moment of the database, kept piece by piece, offered when the last piece is there."""

from __future__ import annotations

from datetime import timedelta

from forum import db
from forum.clock import now
from forum.errors import Refusal
from forum.jobs import actions as jobs
from forum.jobs import made
from forum.jobs.actions import NotNow, Taken
from forum.jobs.made import Superseded
from forum.transfer import queries
from forum.transfer.views import draw, seal_log

PIECE = 1_000_000  # bytes that are kept at once: a second's work, after which the page shows how far it is
LEASE = timedelta(minutes=1)  # anew with each piece; then another worker begins what one left that was killed


def make_file(job: Taken) -> None:
    """Make the file of an export. One that cannot be made says why; one that is to be made anew waits for its turn."""
    file_id = int(job.subject["file"])
    try:
        _make(job, file_id)
    except Superseded as superseded:
        raise NotNow(now()) from superseded
    except Refusal as refusal:
        if db.is_unavailable(refusal):
            raise
        _give_up(file_id, "gone")
    except Exception as error:
        if not db.is_full(error):
            raise
        _give_up(file_id, "full")


def _make(job: Taken, file_id: int) -> None:
    from forum.transfer.out import files  # seldom asked for, and large

    seal_log()
    asked = queries.asked(file_id)
    db.lock()
    # The mark is there before the moment that is read: an erasure afterwards takes it away, one before is seen.
    mark = made.begin(file_id)
    db.commit()
    if mark is None or asked is None:
        return
    with files.opened(*asked, draw) as (export, chunks):
        for number, piece in enumerate(files.in_pieces(chunks, PIECE)):
            db.lock()
            made.add(file_id, mark, number, piece, export.done)
            jobs.prolong(job, LEASE)
            db.commit()
    db.lock()
    made.finish(file_id, mark, export.done)


def _give_up(file_id: int, code: str) -> None:
    db.rollback()
    db.lock()
    made.fail(file_id, code)
