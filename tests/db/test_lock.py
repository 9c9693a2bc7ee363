"""The one way to begin a write, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, event, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from forum import db
from forum.articles.models import Article
from forum.clock import now
from forum.db import Hold, UnlockedWrite
from forum.errors import Busy
from forum.people.models import NameKey, Person
from forum.site.models import Site
from tests.cast import Cast

pytestmark = pytest.mark.both_kinds

WRITES = [
    pytest.param(lambda cast: update(Site).values(tagline="x"), id="update"),
    pytest.param(lambda cast: insert(NameKey).values(key="x", person_id=cast.tom.id), id="insert"),
    pytest.param(lambda cast: text("  delete from name_keys"), id="delete"),
    pytest.param(lambda cast: text("WITH x AS (SELECT 1) UPDATE site SET tagline = 'x'"), id="with"),
    pytest.param(lambda cast: text("/* a word before */ DELETE FROM name_keys"), id="comment"),
    pytest.param(lambda cast: text("CREATE TABLE another (id INTEGER)"), id="create"),
]


@pytest.mark.parametrize("write", WRITES)
def test_a_write_outside_lock_is_refused(cast: Cast, write: Any) -> None:
    with pytest.raises(UnlockedWrite):
        db.session.execute(write(cast))
    db.rollback()


def test_a_write_after_the_commit_is_refused(cast: Cast) -> None:
    db.lock()
    db.session.execute(update(Site).values(tagline="first"))
    db.commit()
    with pytest.raises(UnlockedWrite):
        db.session.execute(update(Site).values(tagline="second"))
    db.rollback()
    assert db.session.execute(select(Site.tagline)).scalar() == "first"


def test_a_lock_that_does_not_wait_is_refused_at_once(cast: Cast) -> None:
    article_id = cast.article.id
    db.lock(article_id, people={cast.tom.id: Hold.EXCLUSIVE})
    found = []

    def attempt() -> None:
        try:
            db.lock(article_id, people={cast.tom.id: Hold.EXCLUSIVE}, wait=False)
        except Busy as error:
            found.append(error)

    in_thread(cast.app, attempt)
    assert len(found) == 1
    db.rollback()
    db.lock(article_id, people={cast.tom.id: Hold.EXCLUSIVE}, wait=False)
    db.rollback()


def test_a_rollback_leaves_nothing_and_lets_the_next_in(cast: Cast) -> None:
    db.lock(cast.article.id)
    db.session.execute(update(Article).values(title="x"))
    db.rollback()
    db.lock(cast.article.id)
    assert db.session.execute(select(Article.title)).scalar() == "The library opens on Saturday"
    db.rollback()


def test_after_lock_everything_is_read_again(cast: Cast) -> None:
    article = db.session.get_one(Article, cast.article.id)
    assert article.comment_count == 0
    in_thread(cast.app, lambda: add_one(cast.article.id, 1))
    db.lock(article.id)
    assert article.comment_count == 1
    db.rollback()


def test_eight_writers_at_once_lose_nothing(cast: Cast) -> None:
    article_id = cast.article.id
    db.session.remove()
    writers = [threading.Thread(target=in_context, args=(cast.app, lambda: add_one(article_id, 25))) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert db.session.execute(select(Article.comment_count)).scalar() == 8 * 25


def test_locks_of_people_and_site_are_taken_and_given_back(cast: Cast) -> None:
    people = {cast.tom.id: Hold.SHARED, cast.rosa.id: Hold.EXCLUSIVE}
    for _ in range(2):
        db.lock(cast.article.id, people=people, site=Hold.SHARED)
        db.session.execute(update(Person).where(Person.id == cast.rosa.id).values(about="x"))
        db.commit()


def test_a_writer_who_has_begun_does_not_wait_for_those_who_wait_for_it(cast: Cast) -> None:
    """An import puts comments under an article before it locks it: then somebody may be waiting for the article."""
    article_id, locked = cast.article.id, threading.Event()
    db.lock(site=Hold.EXCLUSIVE)
    db.session.execute(update(Article).where(Article.id == article_id).values(comment_count=7))

    def attempt() -> None:
        db.lock(article_id)
        locked.set()
        db.rollback()

    other = threading.Thread(target=in_context, args=(cast.app, attempt))
    other.start()
    assert not locked.wait(0.5)
    db.lock(article_id, wait=False)
    db.commit()
    other.join(timeout=60)
    assert locked.is_set()


def test_writes_that_go_together_are_all_there_or_fail_as_one(cast: Cast) -> None:
    key = insert(NameKey)
    db.lock()
    db.write((key, {"key": "x", "person_id": cast.tom.id}), (update(Site), {"tagline": "together"}))
    db.commit()
    assert db.session.execute(select(Site.tagline)).scalar() == "together"
    db.lock()
    with pytest.raises((IntegrityError, psycopg.IntegrityError)):
        db.write((update(Site), {"tagline": "again"}), (key, {"key": "x", "person_id": cast.tom.id}))
    db.rollback()
    assert db.session.execute(select(Site.tagline)).scalar() == "together"


def test_a_snapshot_shows_one_moment_while_others_write(cast: Cast) -> None:
    query = select(Article.comment_count)
    with db.snapshot() as connection:
        first = connection.execute(query).scalar()
        in_thread(cast.app, lambda: add_one(cast.article.id, 1))
        assert connection.execute(query).scalar() == first
    assert db.session.execute(query).scalar() == 1


def test_moments_come_back_aware_and_in_utc(cast: Cast) -> None:
    moment = datetime(2021, 9, 17, 11, 32, 5, 123456, tzinfo=timezone(timedelta(hours=9)))
    db.lock()
    cast.tom.renamed_at = moment
    db.commit()
    found = db.session.execute(select(Person.renamed_at).where(Person.id == cast.tom.id)).scalar()
    assert found == moment
    assert found is not None
    assert found.tzinfo == UTC


def test_a_moment_without_a_zone_is_refused(cast: Cast) -> None:
    with pytest.raises(Exception, match="without a time zone"):
        db.session.execute(select(Person.id).where(Person.created_at < now().replace(tzinfo=None)))
    db.rollback()


def add_one(article_id: int, times: int) -> None:
    """Read a number and write it back greater by one, as two steps: without a lock, some get lost."""
    for _ in range(times):
        db.lock(article_id)
        article = db.session.get_one(Article, article_id)
        article.comment_count += 1
        db.commit()


def in_context(app: Flask, act: Any) -> None:
    """Do something with a session of its own."""
    with app.app_context():
        act()


def in_thread(app: Flask, act: Any) -> None:
    """Do something as another person's request would, and wait for it."""
    other = threading.Thread(target=in_context, args=(app, act))
    other.start()
    other.join(timeout=60)


def test_a_commit_is_on_disk_before_it_is_acknowledged(cast: Cast) -> None:
    """SQLite waits for the disk at every commit; PostgreSQL does unless somebody told it not to."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    else:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_reading_begins_no_transaction_and_a_write_ends_its_own(cast):
    """Else each page would send BEGIN and ROLLBACK besides what it asks."""

    def state():
        raw = db.session.connection().connection.dbapi_connection
        return raw.in_transaction if db.engine().dialect.name == "sqlite" else bool(raw.pgconn.transaction_status)

    db.session.execute(text("SELECT 1"))
    assert not state()
    db.lock(cast.article.id)
    assert state()
    db.commit()
    assert not state()
    db.lock(cast.article.id)
    db.rollback()
    assert not state()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_closed_is_replaced(cast: Cast, database: str) -> None:
    """Servers are restarted; the next person who asks must not be told of it."""
    pid = text("SELECT pg_backend_pid()")
    before = db.session.execute(pid).scalar_one()
    db.session.remove()
    with psycopg.connect(database) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    assert db.session.execute(pid).scalar_one() != before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_on_which_the_server_only_said_something_is_kept(cast: Cast, database: str) -> None:
    db.session.execute(text("LISTEN something"))
    before = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    db.session.remove()
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("NOTIFY something")
    assert db.session.execute(text("SELECT pg_backend_pid()")).scalar_one() == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("words", ["FROM articles", "FROM closures", "FROM comments"])
def test_a_server_that_closes_in_the_middle_of_a_page_costs_that_page_only(cast: Cast, words: str) -> None:
    browser, path, killed = cast.browser(cast.rosa), f"/articles/{cast.article.slug}?unknown=1", []

    def close(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if words in statement and not killed:
            killed.append(connection.connection.dbapi_connection.info.backend_pid)
            with psycopg.connect(db.engine().url.render_as_string(False).replace("+psycopg", "")) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", killed)

    event.listen(db.engine(), "before_cursor_execute", close)
    try:
        assert browser.get(path).status_code == 503
    finally:
        event.remove(db.engine(), "before_cursor_execute", close)
    assert killed
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_server_that_closes_before_a_lock_is_told_as_busy(cast: Cast, database: str) -> None:
    before, article_id = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one(), cast.article.id
    with psycopg.connect(database) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    with pytest.raises(Busy):
        db.lock(article_id)
    db.lock(article_id)
    db.rollback()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_of_a_deleted_text_stays_in_the_files_of_the_database(cast: Cast, tmp_path: Path) -> None:
    """SQLite keeps deleted rows in free pages, and each version of a page in its write-ahead log."""
    word = "onomatopoeia-" + "x" * 3000
    db.lock()
    db.session.execute(update(Site).values(tagline=word))
    db.commit()
    assert any(b"onomatopoeia" in path.read_bytes() for path in tmp_path.glob("forum.sqlite3*"))
    db.lock()
    db.session.execute(update(Site).values(tagline=""))
    db.commit()
    db.checkpoint()
    assert not any(b"onomatopoeia" in path.read_bytes() for path in tmp_path.glob("forum.sqlite3*"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_checkpoint_that_a_reader_holds_up_fails_nothing(cast: Cast, tmp_path: Path) -> None:
    with db.snapshot() as connection:
        connection.execute(select(Site.tagline))
        db.lock()
        db.session.execute(update(Site).values(tagline="later"))
        db.commit()
        db.checkpoint()
        assert (tmp_path / "forum.sqlite3-wal").stat().st_size > 0
    db.checkpoint()
    assert (tmp_path / "forum.sqlite3-wal").stat().st_size == 0
