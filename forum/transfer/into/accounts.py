"""Tell which people here an import may write for without being told to: those whom nobody has become.

A file's word on who somebody is can be forged, for origins and ids are public. So an account that somebody uses is a
stranger to every file, unless the admin says that the people are the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import exists, select

from forum.db import session
from forum.people.models import Person, Session
from forum.policy import Role

Identity = tuple[str, str]  # origin, foreign id
_PLAIN = (Role.READER, Role.AUTHOR)
_UNUSED = (
    Person.origin.is_not(None),  # made by an import
    Person.password_hash.is_(None),
    Person.role.in_(_PLAIN),
    ~exists().where(Session.person_id == Person.id),
)


def unused(ids: Iterable[int]) -> set[int]:
    """Return those of some people whom an import made and nobody has taken over."""
    return set(session.scalars(select(Person.id).where(Person.id.in_(list(ids)), *_UNUSED)))


def stand_in(identity: Identity) -> tuple[Identity, int | None]:
    """Return by what a person is known whose account somebody uses, and their id if an earlier import made them."""
    origin, foreign_id = identity
    number = 2
    while True:
        other = (origin, f"{foreign_id[:90]} {number}")
        query = select(Person.id).where(Person.origin == other[0], Person.foreign_id == other[1])
        id = session.scalar(query)
        if id is None or unused([id]):
            return other, id
        number += 1
