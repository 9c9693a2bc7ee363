"""Write people and the keys of their names, by which look-alikes are refused.

Call inside `db.lock(site=Hold.EXCLUSIVE)`: of two people who claim one name at once, the second waits there.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from forum.db import session
from forum.errors import Invalid
from forum.people.letters import ask_to_verify
from forum.people.lookalikes import looks
from forum.people.models import NameKey, Person
from forum.people.queries.people import other_holder


def insert_person(
    username: str,
    display_name: str,
    email: str | None,
    password_hash: str | None,
    role: str,
    moment: datetime,
    approved: bool,
) -> Person:
    """Add a person under names and an address that are free. Raises Invalid for `username`, `display_name`, `email`."""
    keep_free(username, "username", None)
    keep_free(display_name, "display_name", None)
    keep_address_free(email, None)
    person = Person(
        username=username,
        display_name=display_name,
        email=email,
        password_hash=password_hash,
        role=role,
        created_at=moment,
        approved_at=moment if approved else None,
    )
    session.add(person)
    session.flush()
    claim(person.id, username, display_name)
    ask_to_verify(person, moment)
    return person


def claim(person_id: int, *names: str) -> None:
    """Give the keys of these names to a person. The keys of former names stay theirs, so no one else can take them."""
    wanted = {key for name in names for key in looks(name)}
    own = set(session.scalars(select(NameKey.key).where(NameKey.key.in_(wanted))))
    session.add_all(NameKey(key=key, person_id=person_id) for key in sorted(wanted - own))
    session.flush()


def keep_free(name: str, field: str, person_id: int | None) -> None:
    """Raise Invalid for `field` where another person has a name like this one."""
    taken = other_holder([name], person_id) is not None
    # Names that came before their looks were kept (or through a test) still count.
    query = select(Person.id).where(Person.username == name)
    if person_id is not None:
        query = query.where(Person.id != person_id)
    if taken or session.execute(query).first():
        raise Invalid({field: _("Somebody here has this name, or one that looks like it. Choose another.")})


def keep_address_free(email: str | None, person_id: int | None) -> None:
    """Raise Invalid for `email` where another account has this address."""
    if email is None:
        return
    holder = session.execute(select(Person.id).where(Person.email == email)).scalar_one_or_none()
    if holder not in (None, person_id):
        raise Invalid(
            {"email": _("Another account has this address. Sign in with that account, or leave the address out.")}
        )
