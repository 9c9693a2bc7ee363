"""People with passwords, for tests of signing in; hashing once is enough for all of them."""

from __future__ import annotations

from forum import db
from forum.people import actions, passwords, queries
from forum.people.models import Person
from forum.people.queries import Viewer

PHRASE = "three owls on a wire"
HASH = passwords.hashed(PHRASE)


def member(username: str = "wanda", display_name: str = "Wanda", role: str = "reader", email: str = "") -> Person:
    """Add somebody who can sign in with PHRASE."""
    person = actions.add_person(None, username, display_name=display_name, email=email, role=role, password_hash=HASH)
    db.commit()
    return person


def as_actor(person: Person) -> Viewer:
    """Return a person as an actor."""
    found = queries.viewer_of(person.id)
    assert found is not None
    return found
