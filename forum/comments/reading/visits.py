"""Note when members were last at a discussion. The caller commits; it stands in no log and in no archive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select, text, tuple_

from forum import db, policy
from forum.comments.models import Visit
from forum.db import session

AT_ONCE = 500  # rows deleted in one transaction
_NOTE = text(
    "INSERT INTO visits (person_id, article_id, since, until, at) VALUES (:person, :article, :since, :until, :at)"
    " ON CONFLICT (person_id, article_id) DO UPDATE SET since = excluded.since, until = excluded.until,"
    " at = excluded.at"
).bindparams(*(bindparam(name, type_=db.Moment) for name in ("since", "until", "at")))


def note(person_id: int, article_id: int, since: datetime | None, until: datetime, at: datetime) -> None:
    """Note that a member has seen a discussion up to a moment.

    Raises Busy at once where the write lock is taken: reading waits for nobody.
    """
    db.lock(wait=False)
    values = {"person": person_id, "article": article_id, "since": since, "until": until, "at": at}
    session.execute(_NOTE, values)


def purge_visits(moment: datetime) -> int:
    """Delete some visits that are too long ago to be worth keeping, and return how many."""
    key = Visit.person_id, Visit.article_id
    old = Visit.at <= moment - policy.VISITS_KEPT
    some = session.execute(select(*key).where(old).limit(AT_ONCE)).all()
    if not some:
        return 0
    db.lock()
    # Asked once more inside the lock: somebody may have come back at this moment.
    gone = delete(Visit).where(tuple_(*key).in_([tuple(row) for row in some]), old)
    session.execute(gone, execution_options={"synchronize_session": False})
    return len(some)
