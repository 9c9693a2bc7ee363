"""Read a person's notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from forum.db import session, view
from forum.notifications.models import Notice

PAGE = 30  # notices: two screens
MANY = 100  # the head of every page counts no further


@dataclass(frozen=True)
class NoticeView:
    """One notice as the page shows it. `words` is empty where they were erased."""

    id: int
    kind: str
    comment_id: int | None
    title: str
    words: str
    rule: str
    by: str
    outcome: str
    more: int
    reach: str
    other: str
    until: datetime | None
    created_at: datetime
    is_new: bool


@dataclass(frozen=True)
class Notices:
    """One page of notices, newest first. `older` is the cursor of the next page, `newest` the newest id of this one."""

    items: list[NoticeView]
    newest: int
    older: int | None
    unseen: int


_FEW = select(Notice.id).where(Notice.person_id == bindparam("person"), Notice.seen_at.is_(None)).limit(MANY)
_UNSEEN = select(func.count()).select_from(_FEW.subquery())


def unseen(person_id: int) -> int:
    """Return how many notices a person has not read, at most MANY."""
    return session.connection().execute(_UNSEEN, {"person": person_id}).scalar_one()


def notices(person_id: int, before: int | None = None) -> Notices:
    """Return a page of a person's notices, those before an id where one is given."""
    query = select(Notice).where(Notice.person_id == person_id).order_by(Notice.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(Notice.id < before)
    rows = list(session.scalars(query))
    items = [_view(row) for row in rows[:PAGE]]
    older = items[-1].id if len(rows) > PAGE else None
    return Notices(items, items[0].id if items else 0, older, unseen(person_id))


def _view(row: Notice) -> NoticeView:
    empty = {"title": "", "words": "", "rule": "", "by": "", "outcome": "", "more": 0, "reach": "", "other": ""}
    said = {name: row.details.get(name, nothing) for name, nothing in empty.items()}
    until = row.details.get("until")
    return view(
        NoticeView, row, is_new=row.seen_at is None, until=datetime.fromisoformat(until) if until else None, **said
    )
