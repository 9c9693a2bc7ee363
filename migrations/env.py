"""Run migrations on the app's own database, each run as one transaction: a killed upgrade can simply be run again."""

from __future__ import annotations

from alembic import context
from flask import current_app

from forum.db import Base, engine, lock_schema


def run() -> None:
    """Upgrade or downgrade on one connection."""
    with engine().connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transactional_ddl=True,
            **current_app.extensions["migrate"].configure_args,
        )
        if connection.dialect.name == "sqlite":
            # Batch operations drop and rename tables; with foreign keys on, that would delete what points at them.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        try:
            lock_schema(connection)
            context.run_migrations()
            connection.commit()
        finally:
            # The pragma does nothing inside a transaction, so a migration that failed is undone first.
            connection.rollback()
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
