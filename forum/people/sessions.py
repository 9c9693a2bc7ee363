"""Write session rows. All but `end_all` commit, unlike other actions: a session is written after the page is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, Executable, delete, insert, select, update

from forum import db
from forum.people.models import Session
from forum.people.tokens import token_hash

IDLE = timedelta(days=30)  # a member who comes once a month stays signed in
NOBODYS = timedelta(days=1)  # how long a visitor's row lasts: the numbers of a guest's comments
ABSOLUTE = timedelta(days=365)  # a stolen cookie dies some day
TOUCH = timedelta(hours=6)  # how stale `seen_at` may be, so that reading is not writing
PURGE = 100  # ended rows that go when one begins: more than ever begin at once, and few enough to hold nobody up


MOST = {"guest": 50, "reported": 50, "_flashes": 5}  # entries of a session's parts; the latest are kept


def living(moment: datetime) -> dict[str, datetime]:
    """Return after which moments a session must have been seen and created to be alive."""
    return {
        "seen_after": moment - IDLE,
        "nobodys_seen_after": moment - NOBODYS,
        "created_after": moment - ABSOLUTE,
    }


def begin(
    token: str, data: dict[str, Any], person_id: int | None, moment: datetime, *, instead_of: int | None = None
) -> None:
    """Begin the session of a token, of which only the hash is kept, in place of another session's row."""
    row = {"token_hash": token_hash(token), "person_id": person_id, "data": _bounded(data)}
    _write(
        *_purge(moment),
        delete(Session).where((Session.token_hash == row["token_hash"]) | (Session.id == instead_of)),
        insert(Session).values(**row, created_at=moment, seen_at=moment),
    )


def save(session_id: int, data: dict[str, Any], moment: datetime, *, wait: bool | float = True) -> None:
    """Keep what a request put into its session. Raises Busy where the write lock stays taken; `wait` as of `lock()`."""
    _write(update(Session).where(Session.id == session_id).values(data=_bounded(data), seen_at=moment), wait=wait)


def touch(session_id: int, moment: datetime) -> None:
    """Note that the session is in use. Raises Busy at once where the write lock is taken: reading waits for nobody."""
    _write(update(Session).where(Session.id == session_id).values(seen_at=moment), wait=False)


def end(session_id: int) -> None:
    """End one session."""
    _write(delete(Session).where(Session.id == session_id))


def end_all(person_id: int) -> None:
    """End every session of a person. Call inside `db.lock()`; the caller commits."""
    ended = delete(Session).where(Session.person_id == person_id)
    db.session.execute(ended, execution_options={"synchronize_session": False})


def purge(moment: datetime) -> int:
    """Delete some sessions that have ended, and return how many; so that none stays where nobody signs in any more."""
    ended = (Session.seen_at < moment - IDLE) | (Session.created_at < moment - ABSOLUTE)
    ended |= Session.person_id.is_(None) & (Session.seen_at < moment - NOBODYS)
    gone = list(db.session.scalars(select(Session.id).where(ended).limit(PURGE)))
    if gone:
        _write(delete(Session).where(Session.id.in_(gone), ended))
    return len(gone)


def _bounded(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data, of each part the latest entries."""
    kept = dict(data)
    for key, most in MOST.items():
        if isinstance(part := kept.get(key), dict):
            kept[key] = dict(list(part.items())[-most:])
        elif part is not None:
            kept[key] = list(part)[-most:]
    return kept


def _purge(moment: datetime) -> Iterable[Delete]:
    yield _delete_some(Session.seen_at < moment - IDLE)
    yield _delete_some(Session.person_id.is_(None), Session.seen_at < moment - NOBODYS)


def _delete_some(*ended: ColumnElement[bool]) -> Delete:
    some = select(Session.id).where(*ended).order_by(Session.seen_at).limit(PURGE).with_for_update(skip_locked=True)
    return delete(Session).where(Session.id.in_(some))


def _write(*statements: Executable, wait: bool | float = True) -> None:
    db.lock(wait=wait)
    for statement in statements:
        db.session.execute(statement, execution_options={"synchronize_session": False})
    db.commit()
