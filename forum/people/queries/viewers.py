"""Read who is asking: the person behind a session, or a person as an actor."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, column, func, select, table

from forum import policy
from forum.clock import now
from forum.db import ids_of, session
from forum.people.models import Person, Session, TagModerator
from forum.site.models import Site


@dataclass(frozen=True)
class Viewer:
    """The person behind a request. Satisfies `policy.Actor`."""

    id: int
    username: str
    display_name: str
    role: str
    approved_at: datetime | None
    suspended_until: datetime | None
    suspension_reason: str
    held_until: datetime | None
    slow_until: datetime | None
    slow_minutes: int
    deactivated_at: datetime | None
    follows_answers: bool
    language: str  # empty: the site's
    moderated_tags: frozenset[int]
    unseen: int  # notices not read
    guest_comments: frozenset[int] = frozenset()


@dataclass(frozen=True)
class SessionRow:
    """One session with its person, if one is signed in."""

    id: int
    data: dict[str, Any]
    seen_at: datetime
    viewer: Viewer | None
    site_version: int  # read along, so that a process that has this version of the settings need not read them


_BESIDE = ("moderated_tags", "unseen", "guest_comments")  # what is no column of the person's row
PERSON = tuple(field.name for field in fields(Viewer) if field.name not in _BESIDE)
_people, _sessions, _site = Person.__table__.c, Session.__table__.c, Site.__table__.c
# In the words of the database, because the room of notices comes later; with the person, so that no page asks for it.
_notices = table("notices", column("id"), column("person_id"), column("seen_at"))
_unseen = select(func.count(_notices.c.id)).where(_notices.c.person_id == _people.id, _notices.c.seen_at.is_(None))
_moderators = TagModerator.__table__.c
_tags = ids_of(_moderators.tag_id, _moderators.person_id == _people.id)
_PERSON = [*(_people[name] for name in PERSON), _tags, _unseen.correlate(Person.__table__).scalar_subquery()]
_VIEWER = select(*_PERSON).where(_people.id == bindparam("person"))
_SESSION = (
    select(_sessions.id, _sessions.data, _sessions.seen_at, select(_site.version).scalar_subquery(), *_PERSON)
    .outerjoin(Person.__table__, _people.id == _sessions.person_id)
    .where(
        _sessions.token_hash == bindparam("token_hash"),
        (_sessions.seen_at > bindparam("nobodys_seen_after"))
        | (_sessions.person_id.is_not(None) & (_sessions.seen_at > bindparam("seen_after"))),
        _sessions.created_at > bindparam("created_after"),
    )
)


def language_of(person_id: int | None) -> str:
    """Return the language that somebody chose for pages and mails; empty where it is the site's."""
    return session.scalar(select(Person.language).where(Person.id == person_id)) or ""


def uses_keys(person_id: int | None) -> bool:
    """Tell whether somebody decides with single keys."""
    return bool(session.scalar(select(Person.uses_keys).where(Person.id == person_id)))


def session_row(token_hash: str, **living: datetime) -> SessionRow | None:
    """Return the session with this hash and its person; `living` are the bounds of `sessions.living()`."""
    row = session.connection().execute(_SESSION, {"token_hash": token_hash, **living}).one_or_none()
    if row is None:
        return None
    person = _viewer(*row[4:]) if row[4] is not None else None
    if person and person.deactivated_at:
        return None
    return SessionRow(row[0], row[1], row[2], person, row[3])


def viewer_of(person_id: int) -> Viewer | None:
    """Return a person as an actor, for commands and imports."""
    row = session.connection().execute(_VIEWER, {"person": person_id}).one_or_none()
    return _viewer(*row) if row else None


def _viewer(*columns: Any) -> Viewer:
    person = Viewer(*columns)
    return replace(person, **policy.standing(person, now())) if policy.is_sanctioned(person) else person
