"""Bring the database to the newest schema, or tell what it is at. `create_app()` has imported every room's tables.

Alembic is loaded only where the schema is changed: a server has no use for it, and starts sooner and smaller without.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import inspect, text

from forum import db
from forum.errors import Conflict
from forum.paths import MIGRATIONS

_NAMES = re.compile(r"^(down_)?revision(?:: [^=]+)? = [\"'](\w+)[\"']", re.MULTILINE)


def upgrade(revision: str = "head") -> None:
    """Run the migrations up to a revision, on a new database where there is none.

    Raises Conflict where the database was made by a program of another line.
    """
    db.create()
    refuse_unknown()
    _migrate().upgrade(str(MIGRATIONS), revision)


def downgrade(revision: str) -> None:
    """Run the migrations down to a revision ("base" is the empty database)."""
    _migrate().downgrade(str(MIGRATIONS), revision)


@cache
def head() -> str:
    """Return the newest revision there is: the one that no other begins from."""
    revisions = _revisions()
    (newest,) = set(revisions) - set(revisions.values())
    return newest


def current() -> str | None:
    """Return the revision the database is at, None for an empty one."""
    if not db.exists():
        return None
    with db.engine().connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def make_ready() -> None:
    """Make the tables of an empty database. Raises Conflict where there are others than the newest."""
    revision = current()
    if revision is None:
        upgrade()
    elif revision != head():
        refuse_unknown()
        raise Conflict(f"The database is at {revision}, this program needs {head()}. Please run: forum db upgrade")


def refuse_unknown() -> None:
    """Raise Conflict, saying what to do, where the database is at a revision that this program does not know."""
    revision = current()
    if revision is None or revision in _revisions():
        return
    url = db.engine().url
    where = f"{url.database} " if url.drivername == "sqlite" else ""
    raise Conflict(
        f"The database {where}was made by another version of this program (its revision is {revision}), and this one"
        " cannot bring it up to date. Take everything out with the program that made it (forum export), and import it"
        " into a new site. If it is only the demo, delete the file and start again."
    )


@cache
def _revisions() -> dict[str, str | None]:
    """Return every revision of this program with the one it begins from."""
    found = {}
    for path in MIGRATIONS.glob("versions/*.py"):
        names = dict(_NAMES.findall(path.read_text("utf-8")))
        found[names[""]] = names.get("down_")
    return found


def _migrate() -> Any:
    import flask_migrate

    if "migrate" not in current_app.extensions:
        # batch: SQLite changes a table by making it anew.
        options = {"render_as_batch": True, "compare_type": True}
        flask_migrate.Migrate(current_app, db.db, directory=str(MIGRATIONS), **options)
    return flask_migrate
