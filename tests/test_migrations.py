"""Migrations: up, down and up again, empty and with data, on both databases (bar: 46)."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import JSON, Boolean, LargeBinary, String, Table, create_engine, inspect, select, text

from forum import config, create_app, db, schema
from forum.articles.models import Article
from forum.cli import triggers
from forum.clock import now
from forum.comments import consistency
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.models import Comment
from forum.db import Base, Moment, lock_schema
from forum.errors import Conflict
from forum.ledger.actions import record
from forum.ledger.queries import first_broken
from forum.moderation import actions as moderation
from forum.moderation import consistency as cases
from forum.people.models import Person
from forum.people.queries import viewer_of
from forum.policy import NOBODY
from forum.search import consistency as search
from forum.search.actions import index_some
from tests.cast import Cast
from tests.comments.talk import let, put, say

pytestmark = pytest.mark.both_kinds

# All that is known of cases but their ids, with the reports of each.
MOVED = text(
    "SELECT kind, cases.comment_id, cases.person_id, article_id, state, queue, priority, report_count, since, outcome,"
    " cases.decision_id, decided_by_id, decided_at, held_reason IS NOT NULL AS held,"
    " (SELECT min(reporter) FROM flags WHERE case_id = cases.id) AS reporter,"
    " (SELECT count(*) FROM flags WHERE case_id = cases.id) AS reports"
    " FROM cases ORDER BY kind, cases.comment_id"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, settings: config.Settings, tmp_path: Path) -> Iterator[Flask]:
    """Return the app on a database without any table."""
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
    found["triggers"] = sorted(triggers.working())
    return found


def test_up_down_and_up_again_gives_the_same_schema(empty: Flask) -> None:
    schema.upgrade()
    first = shape()
    schema.downgrade("base")
    assert [table for table in inspect(db.engine()).get_table_names() if table != "alembic_version"] == []
    assert shape()["triggers"] == []
    schema.upgrade()
    assert shape() == first
    assert set(first["triggers"]) == triggers.wanted()
    assert schema.current() == schema.head()


def is_ours(name: str | None, kind: str, parents: Any) -> bool:
    """Tell whether SQLAlchemy knows of a table or index: of the full-text indexes it does not."""
    return not (name or "").startswith(("search_index", "ix_search_texts"))


def test_the_models_and_the_schema_agree(empty: Flask) -> None:
    schema.upgrade()
    with db.engine().connect() as connection:
        options = {"compare_type": True, "render_as_batch": True, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_the_models_and_the_schema_agree_on_which_rows_an_index_has(empty: Flask) -> None:
    schema.upgrade()
    said = {
        str(index.name): index.info["where"]
        for table in Base.metadata.tables.values()
        for index in table.indexes
        if "where" in index.info
    }
    kind = db.engine().dialect.name
    found = [index for indexes in inspect(db.engine()).get_multi_indexes().values() for index in indexes]
    conditions = {str(index["name"]): index.get("dialect_options", {}).get(f"{kind}_where") for index in found}
    made = {name: str(where) for name, where in conditions.items() if where is not None}
    assert made.keys() == said.keys()
    if kind == "sqlite":  # PostgreSQL tells a condition in its own words
        assert made == said


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
    schema.downgrade("0017")
    schema.upgrade()
    assert db.session.execute(select(Article.slug, Article.html, Person.username).join(Person)).all() == before
    assert versions() == 1
    assert triggers.working() == triggers.wanted()


def test_all_the_way_down_works_with_data(cast: Cast) -> None:
    db.lock()
    record("test.act", cast.tom.created_at, actor_id=cast.tom.id)
    db.commit()
    db.session.remove()
    schema.downgrade("base")
    schema.upgrade()
    assert db.session.execute(select(Person.id)).all() == []
    assert first_broken() is None


def test_each_step_goes_down_and_up_with_data(cast: Cast) -> None:
    db.session.remove()
    for revision in (
        "0028",
        "0027",
        "0026",
        "0025",
        "0024",
        "0023",
        "0022",
        "0021",
        "0020",
        "0019",
        "0018",
        "0017",
        "0016",
        "0015",
        "0014",
    ):
        schema.downgrade(revision)
        schema.upgrade()
    assert db.session.execute(select(Person.username).order_by(Person.id)).scalars().first() == "ida"
    assert triggers.working() == triggers.wanted()


def test_reports_of_members_outlive_the_step_down_and_those_of_guests_cannot(cast: Cast) -> None:
    comment = say(cast.tom, cast.article)
    for reporter in (viewer_of(cast.rosa.id), NOBODY, NOBODY):
        assert reporter
        moderation.flag(reporter, comment, "abuse", "Look.")
    db.commit()
    query = text("SELECT person_id, reason, note FROM flags ORDER BY id")
    rosas = (cast.rosa.id, "abuse", "Look.")
    assert db.session.execute(query).all() == [rosas, (None, "abuse", "Look."), (None, "abuse", "Look.")]
    db.session.remove()
    schema.downgrade("0020")
    assert db.session.execute(query).all() == [rosas]
    db.session.remove()
    schema.upgrade()
    assert db.session.execute(query).all() == [rosas]


def test_what_was_reported_held_waiting_and_decided_becomes_cases(cast: Cast) -> None:
    """Down and up again: the migration makes of reports and decisions the cases that the actions made."""
    let(who_may_comment="guests")
    removed, kept, child, held = (say(cast.tom, cast.article) for _ in range(4))
    put(held, "held")
    below = say(cast.tom, cast.article, parent=child)
    unasked, reopened, waiting = say(cast.tom, cast.article), say(cast.tom, cast.article), say(None, cast.article)
    rosa, quill = viewer_of(cast.rosa.id), viewer_of(cast.quill.id)
    assert rosa and quill
    for comment, reason in ((removed, "danger"), (kept, "abuse"), (below, "illegal"), (reopened, "abuse")):
        moderation.flag(rosa, comment, reason)
    moderation.flag(NOBODY, reopened, "danger")
    decisions = ((removed, "hide"), (kept, "keep"), (child, "hide-replies"), (unasked, "spam"), (held, "keep"))
    for comment, decision in decisions:
        moderation.decide(quill, comment, decision, "1" if "hide" in decision else "")
    moderation.undo(quill, moderation.decide(quill, reopened, "keep").id)
    db.commit()
    before = db.session.execute(MOVED).all()
    assert len(before) == 9 and consistency_of_cases() == []
    db.session.remove()
    schema.downgrade("0028")
    assert db.session.execute(text("SELECT count(*) FROM flags")).scalar_one() == 5
    db.session.remove()
    schema.upgrade()
    assert db.session.execute(MOVED).all() == before
    assert consistency_of_cases() == []
    assert waiting in {row.comment_id for row in before}


def test_closures_of_other_kinds_cannot_be_kept_on_the_step_down(cast: Cast) -> None:
    """The program before would read them as closed for all, or at once; the others stay, and the counts are right."""
    article_id, top = cast.article.id, say(cast.tom, cast.article)
    below = say(cast.rosa, cast.article, parent=top)
    ada = viewer_of(cast.ada.id)
    assert ada
    kept = closing.close_branch(ada, below, Ending(words="Kept.", start_id=top)).id
    soon = now() + timedelta(days=1)
    closing.close_branch(ada, below, Ending(words="One.", people="one", start_id=top))
    closing.close_branch(ada, below, Ending(words="Soon.", begins=soon, start_id=below))
    closing.close_article(ada, article_id, Ending(words="Not you.", people="one", person="tom"))
    newest = closing.close_many(ada, None, Ending(words="The site.", begins=soon)).id
    db.commit()
    query = text("SELECT id, words FROM closures ORDER BY id")
    counts = select(Comment.id, Comment.closure_count).order_by(Comment.id)
    assert dict(db.session.execute(counts).all()) == {top: 2, below: 3}
    db.session.remove()
    schema.downgrade("0043")
    assert db.session.execute(query).all() == [(kept, "Kept.")]
    assert dict(db.session.execute(counts).all()) == {top: 1, below: 1}
    db.session.remove()
    schema.upgrade()
    assert db.session.execute(query).all() == [(kept, "Kept.")]
    assert triggers.working() == triggers.wanted()
    assert consistency.differences(article_id) == ([], [])
    again = closing.close_many(ada, None, Ending(words="The site."))
    assert again.id > newest
    db.rollback()


def test_what_is_searched_waits_for_the_worker_after_each_step(cast: Cast) -> None:
    noted = [(say(cast.tom, cast.article), None), (None, cast.article.id)]
    while index_some(now()):
        db.commit()
    db.commit()
    query = text("SELECT comment_id, article_id FROM search_changes ORDER BY id")
    assert db.session.execute(query).all() == []
    for step in (lambda: schema.downgrade("0057"), schema.upgrade):
        db.session.remove()
        step()
        assert db.session.execute(query).all() == noted
    index_some(now())
    db.commit()
    assert search.differences() == (2, [])
    assert triggers.working() == triggers.wanted()


def consistency_of_cases() -> list[str]:
    """Return what `forum doctor` says of cases."""
    return cases.differences()[1]


def test_partners_answers_are_put_behind_all_others_and_back(cast: Cast) -> None:
    # Down and up again with an exchange of two among remarks, a guest's too, and a thread beside it that stays.
    let(who_may_comment="guests")
    article_id = cast.article.id
    first = say(cast.tom, cast.article)
    second = say(cast.ida, cast.article, parent=first)
    third = say(cast.tom, cast.article, parent=second)
    remark = say(cast.rosa, cast.article, parent=second)
    fourth = say(cast.ida, cast.article, parent=third)
    other = say(None, cast.article, parent=third)
    put(other, "published")
    beside = say(cast.rosa, cast.article)
    query = select(Comment.id).order_by(Comment.root_id, Comment.pos)
    partners_last = [first, second, remark, third, other, fourth, beside]
    assert list(db.session.scalars(query)) == partners_last
    versions_before = dict(db.session.execute(text("SELECT article_id, version FROM article_versions")).all())
    db.session.remove()
    schema.downgrade("0019")
    assert list(db.session.scalars(query)) == [first, second, third, fourth, other, remark, beside]
    db.session.remove()
    schema.upgrade()
    assert list(db.session.scalars(query)) == partners_last
    versions = dict(db.session.execute(text("SELECT article_id, version FROM article_versions")).all())
    assert versions[article_id] != versions_before[article_id]
    assert consistency.differences(article_id) == ([], [])


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "9999"])
def test_a_database_of_another_line_is_refused_as_it_is(app: Flask, revision: str) -> None:
    """Revisions 0001 to 0003 were a schema that was never released; 9999 is one of a later program."""
    at(revision)
    with pytest.raises(Conflict, match="forum export"):
        schema.upgrade()
    assert schema.current() == revision


@pytest.mark.parametrize("command", [["db", "upgrade"], ["serve", "--port", "1"], ["demo"]])
def test_the_command_says_in_one_line_what_to_do_with_it(app: Flask, tmp_path: Path, command: list[str]) -> None:
    at("0003")
    url = app.extensions["forum"].database
    program = Path(sys.executable).with_name("forum")
    environment = {**os.environ, "FORUM_INSTANCE": str(tmp_path), "FORUM_DATABASE_URL": url}
    ran = subprocess.run([program, *command], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.startswith("Error: The database")
    assert "delete the file" in ran.stderr
    assert ran.stderr.count("\n") == 1


def versions() -> int:
    """Return how many articles have a version."""
    return db.session.execute(text("SELECT count(*) FROM article_versions")).scalar_one()


def at(revision: str) -> None:
    """Let the database say that it is at a revision."""
    with db.engine().connect() as connection:
        lock_schema(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        connection.commit()


def numbered() -> list[Table]:
    """Return the tables whose rows get a number from the database."""
    return [table for table in Base.metadata.sorted_tables if table.autoincrement_column is not None]


@pytest.mark.parametrize("table", numbered(), ids=lambda table: table.name)
def test_no_id_is_given_twice(app: Flask, table: Table) -> None:
    """Else what was kept, linked or logged of a deleted row would be taken for another's."""
    engine = create_engine(db.engine().url)
    lax = "PRAGMA foreign_keys=OFF" if engine.dialect.name == "sqlite" else "SET session_replication_role = replica"
    key = table.autoincrement_column
    assert key is not None
    with engine.connect() as connection:
        connection.exec_driver_sql(lax)
        given = []
        for _ in range(3):
            given.append(connection.execute(table.insert().values(anything(table)).returning(key)).scalar_one())
            if table.name != "ledger_entries":  # of which nothing can be deleted
                connection.execute(table.delete())
            connection.commit()
        if engine.dialect.name == "sqlite":
            query = text("SELECT sql FROM sqlite_master WHERE name = :name")
            assert "AUTOINCREMENT" in str(connection.execute(query, {"name": table.name}).scalar_one())
    engine.dispose()
    assert given == sorted(set(given))


def anything(table: Table) -> dict[str, Any]:
    """Return a value for each column that needs one."""
    kinds: dict[type, Any] = {String: "x", LargeBinary: b"x", Boolean: False, JSON: {}, Moment: now()}
    needed = [column for column in table.columns if not column.nullable and not column.primary_key]
    values = {column: [kinds[kind] for kind in kinds if isinstance(column.type, kind)] for column in needed}
    found = {column.name: (found or [1])[0] for column, found in values.items()}
    return {**found, "person_id": 1} if "address_id" in table.columns else found  # of the two one is needed
