"""A furnished site whose database is put back before each test, so that two apps are made once for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import create_engine, text

from forum import config, create_app, db
from tests.cast import Cast
from tests.front.acts import Scene
from tests.front.readers import Readers
from tests.postgres import Cluster


class Stage:
    """Two apps on one database, and the scene as it was when the database was kept."""

    def __init__(self, settings: config.Settings, keep: Callable[[], None], restore: Callable[[], None]) -> None:
        self._restore, self.kind = restore, settings.database.partition(":")[0].partition("+")[0]
        self.app, unkept = create_app(settings), create_app(settings)
        self._apps: tuple[Flask, ...] = (self.app, unkept)
        with self.app.app_context():
            cast = Cast(self.app)
            ids = cast.ids()
            self._place = cast.article.id, cast.article.slug, settings.instance
            self.readers = Readers(self.app, unkept, ids)
            self._ids = ids
            self.scene().furnish()
            self.readers.sign_in()
        self.close()
        keep()

    def scene(self) -> Scene:
        """Return the scene as its furniture is."""
        return Scene(self._ids, *self._place)

    def restore(self) -> None:
        """Put the database back; call it outside of any app context."""
        self.close()
        self._restore()

    def by_hand(self, statement: str) -> int:
        """Execute a statement on a connection that is none of the forum's; return how many rows it concerned."""
        engine = create_engine(self.app.extensions["forum"].database)
        with engine.begin() as connection:
            rows = connection.execute(text(statement)).rowcount
        engine.dispose()
        return rows

    def close(self) -> None:
        """Close the connections of both apps."""
        for app in self._apps:
            with app.app_context():
                db.session.remove()
                db.engine().dispose()


def on_sqlite(settings: config.Settings, template: Path) -> Stage:
    """Return a stage on a file."""
    path, before = settings.instance / "forum.sqlite3", settings.instance / "before.sqlite3"
    shutil.copy(template, path)

    def restore() -> None:
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        shutil.copy(before, path)

    return Stage(settings, lambda: shutil.copy(path, before) and None, restore)


def on_postgresql(settings: config.Settings, cluster: Cluster, name: str) -> Stage:
    """Return a stage on a database of a server."""

    def restore() -> None:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        cluster.create(name, f"{name}_before")

    return Stage(settings, lambda: cluster.create(f"{name}_before", name), restore)
