"""Bring the database to the newest schema, or tell that it is behind. `create_app()` has imported every room's tables.

Alembic is loaded only where the schema is changed: a server has no use for it, and starts sooner and smaller without.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import inspect, text

from forum import db
from forum.paths import MIGRATIONS

_NAMES = re.compile(r"^(down_)?revision(?:: [^=]+)? = [\"'](\w+)[\"']", re.MULTILINE)


def upgrade(revision: str = "head") -> None:
    """Run the migrations up to a revision, on a new database where there is none."""
    db.create()
    _migrate().upgrade(str(MIGRATIONS), revision)


def downgrade(revision: str) -> None:
    """Run the migrations down to a revision ("base" is the empty database)."""
    _migrate().downgrade(str(MIGRATIONS), revision)


@cache
def head() -> str:
    """Return the newest revision there is: the one that no other begins from."""
    found = [_NAMES.findall(path.read_text("utf-8")) for path in MIGRATIONS.glob("versions/*.py")]
    names = {name for pairs in found for down, name in pairs if not down}
    (newest,) = names - {name for pairs in found for down, name in pairs if down}
    return str(newest)


def current() -> str | None:
    """Return the revision the database is at, None for an empty one."""
    if not db.exists():
        return None
    with db.engine().connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def _migrate() -> Any:
    import flask_migrate

    if "migrate" not in current_app.extensions:
        # batch: SQLite changes a table by making it anew.
        options = {"render_as_batch": True, "compare_type": True}
        flask_migrate.Migrate(current_app, db.db, directory=str(MIGRATIONS), **options)
    return flask_migrate
