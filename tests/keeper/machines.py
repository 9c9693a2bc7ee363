"""What the tests of the keeper look at: processes of one machine and of others, and the row that names the keeper."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import update

from forum import db
from forum.accounts.models import Site
from forum.keeper import BEGUN, ENDED, Keeper, clock
from forum.pages import Store
from forum.tally import Tally
from forum.web.front import Front

VERSION = "SELECT version FROM site"


class Machine:
    """Be one process of a machine: an app with an instance folder, what stands in front of it, and its keeper."""

    def __init__(self, app: Flask, slug: str) -> None:
        self.app, self.front, self._asked = app, Front(app, Store()), ("article", slug, ())
        self.keeper: Keeper = app.extensions["seqlock"]

    def version(self) -> int:
        """Return the site's version as a page would be made or kept under."""
        row = self.front.versions(self._asked)
        assert row is not None
        return row[0]

    def remembers(self) -> bool:
        """Tell whether it may answer from memory now."""
        return self.keeper.stamp() is not None

    def write(self) -> None:
        """Raise the version."""
        with self.app.app_context():
            db.lock()
            raise_version()
            db.commit()

    def look(self) -> None:
        """Let its next reader look who is the keeper, as the first one after a while would."""
        self.keeper._lease, self.keeper._next = None, 0.0
        self.version()

    @property
    def tally(self) -> Tally:
        """Return what it counts in."""
        found = self.keeper._mapped.look()
        assert found is not None
        return found


Make = Callable[..., Machine]


class Row:
    """Be the row of the table, read and written by hand."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    @property
    def state(self) -> tuple[str | None, str]:
        """Return whose machine stands there, and how."""
        found = self.connection.execute("SELECT machine, state FROM keeper").fetchone()
        assert found is not None
        return found[0], found[1]

    def put(self, **values: str | None) -> None:
        """Write columns."""
        for name, value in values.items():
            self.connection.execute(f"UPDATE keeper SET {name} = %s", (value,))

    def age(self, minutes: int) -> None:
        """Make as if it had stood so for that long."""
        self.connection.execute("UPDATE keeper SET since = since - make_interval(mins => %s)", (minutes,))

    def version(self) -> int:
        """Return the version in the database."""
        found = self.connection.execute(VERSION).fetchone()
        assert found is not None
        return int(found[0])


def raise_version() -> None:
    """Write what every reader looks at."""
    db.session.execute(update(Site).values(version=Site.version + 1))


def until_it_remembers(machine: Machine) -> None:
    """Read until a lease is over and the next has begun."""
    until = clock() + 10
    while not machine.remembers() and clock() < until:
        machine.version()
        time.sleep(0.02)
    assert machine.remembers()
    assert machine.tally.counters[BEGUN] == machine.tally.counters[ENDED]
