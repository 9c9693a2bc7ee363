"""Write session rows. All but `end_all` commit, unlike other actions: a session is written after the page is done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from forum import db
from forum.people.models import Session
from forum.people.tokens import new_token, token_hash


def start(data: dict[str, Any], person_id: int | None, moment: datetime) -> str:
    """Begin a session and return its token."""
    token = new_token()
    row = {"token_hash": token_hash(token), "person_id": person_id, "data": data}
    _write(insert(Session).values(**row, created_at=moment, seen_at=moment))
    return token


def save(session_id: int, data: dict[str, Any], moment: datetime) -> None:
    """Keep what a request put into its session."""
    _write(update(Session).where(Session.id == session_id).values(data=data, seen_at=moment))


def touch(session_id: int, moment: datetime) -> None:
    """Note that the session is in use."""
    _write(update(Session).where(Session.id == session_id).values(seen_at=moment))


def end(session_id: int) -> None:
    """End one session."""
    _write(delete(Session).where(Session.id == session_id))


def end_all(person_id: int) -> None:
    """End every session of a person. Call inside `db.lock()`; the caller commits."""
    ended = delete(Session).where(Session.person_id == person_id)
    db.session.execute(ended, execution_options={"synchronize_session": False})


def _write(statement: Any) -> None:
    db.lock()
    db.session.execute(statement, execution_options={"synchronize_session": False})
    db.commit()
