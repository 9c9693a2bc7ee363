"""Bring the database to the newest schema, or tell that it is behind. Imports every room's tables."""

from __future__ import annotations

import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

import forum.accounts.models
import forum.articles.models
import forum.closures.models
import forum.comments.models
import forum.ledger.models
import forum.moderation.models
import forum.notifications.models  # noqa: F401 -- imported so that their tables are known
from forum.db import engine
from forum.paths import MIGRATIONS


def upgrade(revision: str = "head") -> None:
    """Run the migrations up to a revision."""
    flask_migrate.upgrade(str(MIGRATIONS), revision)


def downgrade(revision: str) -> None:
    """Run the migrations down to a revision ("base" is the empty database)."""
    flask_migrate.downgrade(str(MIGRATIONS), revision)


def head() -> str:
    """Return the newest revision there is."""
    config = current_app.extensions["migrate"].migrate.get_config(str(MIGRATIONS))
    return str(ScriptDirectory.from_config(config).get_current_head())


def current() -> str | None:
    """Return the revision the database is at, None for an empty one."""
    with engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
