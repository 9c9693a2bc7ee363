"""Migrations: up, down and up again, empty and with data, on both databases (bar: 46)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, select, text

from forum import config, create_app, db, schema
from forum.articles.models import Article
from forum.db import Base
from forum.ledger.actions import record
from forum.ledger.queries import first_broken
from forum.people.models import Person
from tests.cast import Cast


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, settings: config.Settings, tmp_path: Path) -> Iterator[Flask]:
    """Be the app on a database without any table."""
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    if request.param == "postgresql":
        cluster, name = request.getfixturevalue("cluster"), f"empty_{uuid.uuid4().hex[:12]}"
        cluster.create(name)
        url = cluster.url(name)
    app = create_app(replace(settings, instance=tmp_path, database_url=url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine().dispose()


def shape() -> dict[str, list[str]]:
    """Return every table with its columns, indexes and constraints, and every trigger, as the database tells them."""
    seen = inspect(db.engine())
    found = {
        table: sorted(
            [str((column["name"], str(column["type"]), column["nullable"])) for column in seen.get_columns(table)]
            + [str((index["name"], index["column_names"], index["unique"])) for index in seen.get_indexes(table)]
            + [str((key["name"], key["constrained_columns"])) for key in seen.get_foreign_keys(table)]
            + [str((key["name"], key["column_names"])) for key in seen.get_unique_constraints(table)]
        )
        for table in seen.get_table_names()
    }
    kind = db.engine().dialect.name
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if kind == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with db.engine().connect() as connection:
        found["triggers"] = sorted(connection.execute(text(query)).scalars())
    return found


def test_up_down_and_up_again_gives_the_same_schema(empty: Flask) -> None:
    schema.upgrade()
    first = shape()
    schema.downgrade("base")
    assert [table for table in inspect(db.engine()).get_table_names() if table != "alembic_version"] == []
    assert shape()["triggers"] == []
    schema.upgrade()
    assert shape() == first
    assert schema.current() == schema.head()


def test_the_models_and_the_schema_agree(empty: Flask) -> None:
    schema.upgrade()
    with db.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_run_twice_does_nothing_more(empty: Flask) -> None:
    schema.upgrade()
    with db.engine().connect() as connection:
        origin = connection.execute(text("SELECT origin FROM site")).scalar_one()
    schema.upgrade()
    with db.engine().connect() as connection:
        assert connection.execute(text("SELECT origin FROM site")).scalar_one() == origin


def test_one_step_down_and_up_keeps_what_people_wrote(cast: Cast) -> None:
    before = db.session.execute(select(Article.slug, Article.html, Person.username).join(Person)).all()
    db.session.remove()
    schema.downgrade("0001")
    schema.upgrade()
    assert db.session.execute(select(Article.slug, Article.html, Person.username).join(Person)).all() == before


def test_all_the_way_down_works_with_data(cast: Cast) -> None:
    db.lock()
    record("test.act", cast.tom.created_at, actor_id=cast.tom.id)
    db.commit()
    db.session.remove()
    schema.downgrade("base")
    schema.upgrade()
    assert db.session.execute(select(Person.id)).all() == []
    assert first_broken() is None
