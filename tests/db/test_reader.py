"""Questions of one row, past Flask and SQLAlchemy's session."""

from __future__ import annotations

import gc
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import psycopg
import pytest
from sqlalchemy import text

from forum import db
from forum.db import Reader, Unavailable
from tests.cast import Cast
from tests.postgres import OWN


@pytest.fixture
def reader(cast: Cast) -> Reader:
    """Return a reader of the test's own site."""
    return Reader(db.engine())


def test_it_gives_numbers_and_texts(cast: Cast, reader: Reader) -> None:
    for _ in range(3):
        assert reader.row("SELECT title FROM articles WHERE slug = ?", ("é",)) is None
        found = reader.row("SELECT a.id, a.title, s.id FROM site s JOIN articles a ON a.slug = ?", (cast.article.slug,))
        assert found == (cast.article.id, "The library opens on Saturday", 1)
        assert reader.row("SELECT title FROM articles WHERE id = ?", (cast.article.id,)) == (found[1],)
    reader.close()


def test_what_was_committed_is_seen_at_once(cast: Cast, reader: Reader) -> None:
    for line in ("one", "Ωmega"):
        db.lock()
        db.session.execute(text("UPDATE site SET tagline = :line"), {"line": line})
        db.commit()
        assert reader.row("SELECT tagline FROM site WHERE id = ?", (1,)) == (line,)
    reader.close()


def test_it_cannot_write(cast: Cast, reader: Reader) -> None:
    with pytest.raises(Unavailable):
        reader.row("UPDATE site SET tagline = ? RETURNING id", ("x",))
    assert reader.row("SELECT tagline FROM site WHERE tagline = ?", ("x",)) is None
    reader.close()


def test_a_mistake_in_a_statement_is_no_trouble_of_the_database(cast: Cast, reader: Reader) -> None:
    with pytest.raises(Exception, match="nonsense"):
        reader.row("SELECT nonsense FROM site WHERE id = ?", (1,))
    assert reader.row("SELECT id FROM site", ()) == (1,)
    reader.close()


def test_threads_share_connections_and_leave_none_behind(cast: Cast, reader: Reader) -> None:
    """The server begins and ends threads; a connection of a thread's own would end with it."""
    assert reader.row("SELECT id FROM site", ()) == (1,)
    count = connections(cast)
    for _ in range(5):
        other = threading.Thread(target=reader.row, args=("SELECT id FROM site", ()))
        other.start()
        other.join()
    gc.collect()
    assert come_down(cast, count) == count
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: reader.row("SELECT id FROM site", ()), range(400))) == {(1,)}
    assert connections(cast) <= count + 4
    db.session.remove()
    db.engine().dispose()
    assert come_down(cast, 0) == 0


def come_down(cast: Cast, wanted: int) -> int:
    """Return how many connections there are, as soon as they are no more than wanted: a server takes its time."""
    patience = 200
    while (count := connections(cast)) > wanted and patience:
        patience -= 1
        time.sleep(0.05)
    return count


def connections(cast: Cast) -> int:
    """Return how many connections this process has to the test's database, that of the question not counted."""
    url = db.engine().url
    if url.get_backend_name() == "sqlite":
        return sum(file.path == url.database for file in psutil.Process(os.getpid()).open_files())
    with psycopg.connect(url.render_as_string(False).replace("+psycopg", "")) as other:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        found = other.execute(f"{query} AND application_name <> %s", [OWN]).fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_connections_that_the_server_closed_are_replaced(cast: Cast, reader: Reader) -> None:
    pid = "SELECT pg_backend_pid(), CAST(? AS integer)"
    before = reader.row(pid, (1,))
    assert before is not None
    with psycopg.connect(db.engine().url.render_as_string(False).replace("+psycopg", "")) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", before[:1])
    after = reader.row(pid, (1,))
    assert after is not None
    assert after != before
    assert reader.row(pid, (1,)) == after
    reader.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_changed_table_is_asked_anew(cast: Cast, reader: Reader) -> None:
    """A prepared statement ends with the shape of its result; a migration may come while the site is served."""
    with psycopg.connect(db.engine().url.render_as_string(False).replace("+psycopg", ""), autocommit=True) as other:
        other.execute("CREATE TABLE changing AS SELECT 1 AS one")
        assert reader.row("SELECT * FROM changing", ()) == (1,)
        other.execute("ALTER TABLE changing ADD COLUMN two integer DEFAULT 2")
        assert reader.row("SELECT * FROM changing", ()) == (1, 2)
    reader.close()
