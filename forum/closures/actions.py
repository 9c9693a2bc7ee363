"""Write closure records. Ranges of comments they cover are counted in `comments.ending.actions`, which calls these."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from forum.closures.models import Closure
from forum.db import session
from forum.policy import ClosureFacts


def make(article_id: int | None, **values: Any) -> Closure:
    """Write a record; `values` are columns of Closure.

    Call it inside `db.lock(article_id)`; without an article inside `db.lock(writing=Hold.EXCLUSIVE)`.
    """
    closure = Closure(article_id=article_id, **values)
    session.add(closure)
    session.flush()
    return closure


def use_once(closure: ClosureFacts, moment: datetime) -> None:
    """Note that the person who might answer once more has done so."""
    session.execute(update(Closure).where(Closure.id == closure.id).values(once_used_at=moment))
