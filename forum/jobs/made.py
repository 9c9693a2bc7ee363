"""Make a file piece by piece, keep it for a day, and delete it. The caller commits.

Its bytes are in the database, because no folder is shared between machines.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from forum import db
from forum.clock import now
from forum.db import session
from forum.jobs import actions as jobs
from forum.jobs.models import KEPT, MadeFile, MadePart

LEVEL = 1  # of compression: text becomes a quarter, at 100 MB a second
_QUIET: Mapping[str, Any] = {"synchronize_session": False}


class Superseded(Exception):
    """Somebody else makes this file since, it is to be begun anew, or it is not wanted any more."""


def put(kind: str, file: MadeFile) -> int:
    """Put a file down, to be made by a job of a kind, and return its id."""
    session.add(file)
    session.flush()
    jobs.put(kind, file.created_at, {"file": file.id})
    return file.id


def begin(file_id: int) -> str | None:
    """Begin a file from nothing; return the mark of the job that makes it, None where it is not wanted any more."""
    mark = secrets.token_hex(16)
    fresh = {"mark": mark, "done": 0, "size": 0}
    wanted = MadeFile.id == file_id, MadeFile.ready_at.is_(None), MadeFile.failed == ""
    found: Any = session.execute(update(MadeFile).where(*wanted).values(fresh), execution_options=_QUIET)
    session.execute(delete(MadePart).where(MadePart.file_id == file_id), execution_options=_QUIET)
    return mark if found.rowcount else None


def add(file_id: int, mark: str, number: int, data: bytes, done: int) -> None:
    """Keep the next piece. Raises Superseded."""
    _held(file_id, mark, done=done, size=MadeFile.size + len(data))
    piece = {"file_id": file_id, "number": number, "data": zlib.compress(data, LEVEL)}
    session.connection().execute(insert(MadePart), piece)


def finish(file_id: int, mark: str, done: int) -> None:
    """Offer the file. Raises Superseded."""
    _held(file_id, mark, done=done, total=done, ready_at=now())


def fail(file_id: int, code: str) -> None:
    """Say why there is no file, and let go of what there was of it."""
    session.execute(delete(MadePart).where(MadePart.file_id == file_id), execution_options=_QUIET)
    ended = update(MadeFile).where(MadeFile.id == file_id).values(failed=code, mark="", ready_at=None)
    session.execute(ended, execution_options=_QUIET)


def content(file_id: int) -> Iterator[bytes]:
    """Yield a file, piece by piece."""
    number = 0
    while data := session.scalar(select(MadePart.data).where(MadePart.file_id == file_id, MadePart.number == number)):
        yield zlib.decompress(data)
        number += 1


def forget() -> None:
    """Delete all files, because what is in them was erased; those that are being made are begun anew.

    Call it in the transaction of the erasure.
    """
    session.execute(delete(MadePart), execution_options=_QUIET)
    begun = update(MadeFile).where(MadeFile.ready_at.is_(None)).values(mark="", done=0, size=0)
    session.execute(begun, execution_options=_QUIET)
    ready = update(MadeFile).where(MadeFile.ready_at.is_not(None)).values(failed="erased", ready_at=None, size=0)
    session.execute(ready, execution_options=_QUIET)


def drop(file_id: int) -> None:
    """Delete a file, ready or not."""
    session.execute(delete(MadePart).where(MadePart.file_id == file_id), execution_options=_QUIET)
    session.execute(delete(MadeFile).where(MadeFile.id == file_id), execution_options=_QUIET)


def purge_files(moment: datetime) -> int:
    """Delete a file whose day is over; return 0 where there is none."""
    old = session.scalar(select(MadeFile.id).where(MadeFile.created_at < moment - KEPT).limit(1))
    if old is None:
        return 0
    db.lock()
    drop(old)
    return 1


def _held(file_id: int, mark: str, **values: Any) -> None:
    mine = update(MadeFile).where(MadeFile.id == file_id, MadeFile.mark == mark).values(values)
    found: Any = session.execute(mine, execution_options=_QUIET)
    if not found.rowcount:
        raise Superseded
