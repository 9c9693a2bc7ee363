"""Read a person's notices, and what somebody follows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select

from forum.db import session, view
from forum.notifications import mailing
from forum.notifications.mailing import Follower
from forum.notifications.models import Address, Notice, Subscription

PAGE = 30  # notices: two screens
MANY = 100  # more unread notices are not counted
MOST_FOLLOWED = 200  # subscriptions of an address, and addresses, on one page
_FOLLOWS = select(Subscription.id).where(
    Subscription.person_id == bindparam("person"),
    Subscription.kind == bindparam("kind"),
    Subscription.subject_id == bindparam("subject"),
    Subscription.paused_at.is_(None),
)


@dataclass(frozen=True)
class NoticeView:
    """One notice as the page shows it. `words` is empty where they were erased."""

    id: int
    kind: str
    article_id: int | None
    comment_id: int | None
    title: str
    words: str
    rule: str
    by: str
    outcome: str
    more: int
    reach: str
    other: str
    begins_at: datetime | None
    until: datetime | None
    text: str
    minutes: str
    cause: str
    taken_back: str  # empty or "yes": an archive holds words
    created_at: datetime
    is_new: bool


@dataclass(frozen=True)
class Notices:
    """One page of notices, newest first. `older` is the cursor of the next page, `newest` the newest id of this one."""

    items: list[NoticeView]
    newest: int
    older: int | None
    unseen: int


def unseen(person_id: int) -> int:
    """Return how many notices a person has not read, at most MANY."""
    few = select(Notice.id).where(Notice.person_id == person_id, Notice.seen_at.is_(None)).limit(MANY)
    return session.execute(select(func.count()).select_from(few.subquery())).scalar_one()


def unseen_about(person_id: int, article_id: int, comments: Collection[int], *, itself: bool) -> list[int]:
    """Return the unread notices by which a person was told of these comments, and of their article where `itself`."""
    about: ColumnElement[bool] = Notice.comment_id.in_(comments)
    if itself:
        about |= Notice.comment_id.is_(None)
    mine = Notice.person_id == person_id, Notice.seen_at.is_(None), Notice.article_id == article_id
    return list(session.scalars(select(Notice.id).where(*mine, Notice.key.is_not(None), about)))


def follows(person_id: int, kind: str, subject_id: int) -> bool:
    """Tell whether a person hears of something: subscribed, and not paused."""
    values = {"person": person_id, "kind": kind, "subject": subject_id}
    return session.connection().execute(_FOLLOWS, values).first() is not None


def one(person_id: int, id: int) -> NoticeView | None:
    """Return one notice of a person."""
    row = session.scalars(select(Notice).where(Notice.id == id, Notice.person_id == person_id)).one_or_none()
    return _view(row) if row else None


def notices(person_id: int, before: int | None = None, limit: int = PAGE) -> Notices:
    """Return a page of a person's notices, those before an id where one is given."""
    query = select(Notice).where(Notice.person_id == person_id).order_by(Notice.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(Notice.id < before)
    rows = list(session.scalars(query))
    items = [_view(row) for row in rows[:limit]]
    older = items[-1].id if len(rows) > limit else None
    return Notices(items, items[0].id if items else 0, older, unseen(person_id))


def to_mail(follower: Follower, kinds: Collection[str], since: datetime, limit: int) -> list[NoticeView]:
    """Return what of these kinds of mail somebody was told `since` and has neither read nor got, the newest first."""
    of = [Notice.kind.in_(kinds)]
    if "decision" in kinds:
        of.append(Notice.kind.not_in(mailing.KINDS))
    open_ = *_unmailed(follower), or_(*of)
    rows = session.scalars(
        select(Notice).where(*open_, Notice.created_at > since).order_by(Notice.id.desc()).limit(limit)
    )
    return [_view(row) for row in rows]


def one_to_mail(follower: Follower, id: int | None, key: str | None) -> NoticeView | None:
    """Return one notice, by its id or key, if whom it is for has neither read nor got it."""
    which = Notice.id == id if id is not None else Notice.key == key
    row = session.scalars(select(Notice).where(*_unmailed(follower), which)).one_or_none()
    return _view(row) if row else None


def address(id: int | None) -> Address | None:
    """Return an address without an account that follows something."""
    return session.get(Address, id) if id is not None else None


def followed_by_address(id: int) -> list[Subscription]:
    """Return what an address follows, the newest first, as much as a page holds."""
    mine = select(Subscription).where(Subscription.address_id == id).order_by(Subscription.id.desc())
    return list(session.scalars(mine.limit(MOST_FOLLOWED)))


def addresses(before: int | None = None) -> tuple[list[Address], int]:
    """Return a page of addresses, the newest first, and how many there are."""
    query = select(Address).order_by(Address.id.desc()).limit(MOST_FOLLOWED)
    if before is not None:
        query = query.where(Address.id < before)
    count = session.execute(select(func.count(Address.id))).scalar_one()
    return list(session.scalars(query)), count


def _unmailed(follower: Follower) -> tuple[ColumnElement[bool], ...]:
    whose = Notice.person_id == follower.person_id
    if follower.person_id is None:
        whose = Notice.address_id == follower.address_id
    return whose, Notice.seen_at.is_(None), Notice.mailed_at.is_(None)


def _view(row: Notice) -> NoticeView:
    empty: dict[str, Any] = {
        "title": "",
        "words": "",
        "rule": "",
        "by": "",
        "outcome": "",
        "more": 0,
        "reach": "",
        "other": "",
    }
    empty |= {"text": "", "minutes": "", "cause": "", "taken_back": ""}
    said = {name: row.details.get(name, nothing) for name, nothing in empty.items()}
    moments = {name: _moment(row.details.get(name)) for name in ("begins_at", "until")}
    return view(NoticeView, row, is_new=row.seen_at is None, **moments, **said)


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
