"""Read the log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.db import session, snapshot
from forum.ledger.chain import FIELDS, chain_digest, details_digest
from forum.ledger.models import GENESIS, Entry, LedgerHead

MANY = 10_000  # entries without a seal are counted no further


@dataclass(frozen=True)
class Act:
    """One act as the log tells it; `details` is None where it was erased."""

    id: int
    act: str
    at: datetime
    actor_id: int | None
    person_id: int | None
    article_id: int | None
    comment_id: int | None
    closure_id: int | None
    rule: str | None
    details: dict[str, Any] | None


@dataclass(frozen=True)
class Head:
    """The newest sealed entry's number and hash. Kept elsewhere, they prove that nothing before was changed."""

    number: int
    hash: str


def head() -> Head | None:
    """Return the head of the chain, None where somebody deleted it."""
    row = session.execute(select(LedgerHead.number, LedgerHead.hash)).one_or_none()
    return Head(*row) if row else None


def unsealed() -> int:
    """Return how many entries wait for their seal, at most MANY."""
    waiting = select(Entry.id).where(Entry.number.is_(None)).limit(MANY)
    return session.execute(select(func.count()).select_from(waiting.subquery())).scalar_one()


def acts(*names: str, before: int | None = None, comments: Collection[int] | None = None, limit: int = 50) -> list[Act]:
    """Return acts, newest first: those named, those about some comments, those before an id."""
    query = select(*(getattr(Entry, field.name) for field in fields(Act))).order_by(Entry.id.desc()).limit(limit)
    if names:
        query = query.where(Entry.act.in_(names))
    if before is not None:
        query = query.where(Entry.id < before)
    if comments is not None:
        query = query.where(Entry.comment_id.in_(comments))
    return [Act(**row._asdict()) for row in session.execute(query)]


def first_broken() -> int | None:
    """Return the number of the first sealed entry that does not fit the chain, or None where all of it holds."""
    before, last = GENESIS, 0
    columns = (getattr(Entry, name) for name in (*FIELDS, "details_hash", "hash", "salt", "details"))
    query = select(*columns).where(Entry.number.is_not(None)).order_by(Entry.number).execution_options(yield_per=1000)
    # Of one moment, for somebody may act meanwhile; the rows are closed also where a broken one ends the reading.
    with snapshot() as connection, Session(connection) as reading, reading.execute(query) as rows:
        for entry in rows:
            altered = entry.salt is not None and details_digest(entry.salt, entry.details) != entry.details_hash
            if altered or entry.number != last + 1 or chain_digest(before, entry._asdict()) != entry.hash:
                return int(entry.number)
            before, last = entry.hash, entry.number
        newest = reading.execute(select(LedgerHead.number, LedgerHead.hash)).one_or_none()
    return None if newest is not None and (newest.number, newest.hash) == (last, before) else last + 1
