"""A site to measure: discussions of every size, the people who write there, and how to reach it as they would."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import text

from bench import trees
from forum import config, create_app, db, schema
from forum.clock import now
from forum.people import sessions
from forum.people.models import NameKey, Person
from forum.people.tokens import new_token
from forum.site.models import Site
from forum.web.sessions import csrf_value

PEOPLE = 8  # as many as there are clients
CHAIN = 10_000
SECRET = "known to the benchmark only"


@dataclass(frozen=True)
class Planted:
    """A site that stands: its settings, its articles' ids by slug, and a session cookie of each person."""

    settings: config.Settings
    app: Flask
    articles: dict[str, int]
    people: tuple[int, ...]
    cookies: tuple[str, ...]
    csrf: tuple[str, ...]  # of each cookie

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment that makes a server serve this site."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
        return {
            **kept,
            "FORUM_INSTANCE": str(self.settings.instance),
            "FORUM_DATABASE_URL": self.settings.database_url,
            "FORUM_SECRET_KEY": SECRET,
            "FORUM_RATE_LIMITS": "off",
        }

    @property
    def trees(self) -> list[str]:
        """Return the slugs of its trees, smallest first."""
        return sorted((slug for slug in self.articles if slug.startswith("tree")), key=size)


def plant(folder: Path, database_url: str, sizes: Sequence[int], *, chain: int = CHAIN) -> Planted:
    """Make a site in an empty database: a tree of each size and, unless 0, a chain."""
    settings = config.Settings(instance=folder, database_url=database_url, rate_limits=False, secret_key=SECRET)
    app = create_app(settings)
    with app.app_context():
        schema.upgrade()
        people = _people()
        articles = {f"tree-{size}": trees.plant(people, size) for size in sizes}
        if chain:
            articles[f"chain-{chain}"] = trees.plant(people, chain, chain=True)
        _settle()
        ids = tuple(person.id for person in people)
        cookies = tuple(_session(person_id) for person_id in ids)
        db.session.remove()
        db.engine().dispose()
    signed = URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token")
    csrf = tuple(str(signed.dumps(csrf_value(SECRET, cookie, member=True))) for cookie in cookies)
    return Planted(settings, app, articles, ids, cookies, csrf)


def size(slug: str) -> int:
    """Return how many comments an article was planted with."""
    return int(slug.rpartition("-")[2])


def _people() -> list[Person]:
    db.lock()
    site = db.session.get_one(Site, 1)
    site.set_up_at, site.name = now(), "The Reading Room"
    names = [f"Reader {number}" for number in range(1, PEOPLE + 1)]
    people = [
        Person(username=name.lower().replace(" ", "-"), display_name=name, role=role, approved_at=now())
        for name, role in zip(names, ["author", *["reader"] * (PEOPLE - 1)], strict=True)
    ]
    db.session.add_all(people)
    db.session.flush()
    db.session.add_all(NameKey(key=f"bench {person.username}", person_id=person.id) for person in people)
    db.commit()
    return people


def _settle() -> None:
    """Do what a database does by itself soon after much was written."""
    with db.engine().connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        else:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("SET default_transaction_read_only = off"))  # until this connection is closed
            # The trees brought their own ids; the next comment's must come after them.
            connection.execute(text("SELECT setval(pg_get_serial_sequence('comments', 'id'), max(id)) FROM comments"))
            connection.execute(text("VACUUM ANALYZE"))


def _session(person_id: int) -> str:
    token = new_token()
    sessions.begin(token, {"_user_id": str(person_id), "_fresh": True}, person_id, now())
    return token
