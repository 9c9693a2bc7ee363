"""Versions of pages: whatever changes what a page shows raises one, no matter who writes, and none comes again.

The statements here go through a connection of the test's own, as SQL by hand does.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.engine import make_url

from forum import db
from forum.articles.models import Article
from forum.cli import triggers
from forum.closures.models import Closure
from forum.comments.models import Comment, Move
from forum.db import Base
from forum.site.models import Document
from tests import factories
from tests.cast import Browser, Cast
from tests.comments.talk import let, say
from tests.postgres import Cluster

pytestmark = pytest.mark.both_kinds

SITE, FIRST, SECOND = "site", "first article", "second article"
EVERYTHING = (SITE, FIRST, SECOND)
COPY = "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE id = (SELECT min(id) FROM {table})"
WIDE = (
    "INSERT INTO closures (words, note, took_part, staff_may, reopen_reason, created_at)"
    " SELECT words, note, took_part, staff_may, reopen_reason, created_at FROM closures"
)

BY_HAND = [
    ("UPDATE comments SET html = 'x' WHERE article_id = :first", {FIRST}),
    ("UPDATE comments SET html = html", {FIRST, SECOND}),
    ("UPDATE comments SET article_id = :second WHERE article_id = :first", {FIRST, SECOND}),
    ("DELETE FROM comment_sources; DELETE FROM comments WHERE article_id = :second", {SECOND}),
    ("UPDATE closures SET words = 'x'", {FIRST}),
    ("UPDATE closures SET article_id = :second", {FIRST, SECOND}),
    ("DELETE FROM closures", {FIRST}),
    ("UPDATE closures SET article_id = NULL", {FIRST, SITE}),
    (WIDE, {SITE}),
    (f"{WIDE}; UPDATE closures SET words = 'x' WHERE article_id IS NULL", {SITE}),
    (f"{WIDE}; DELETE FROM closures WHERE article_id IS NULL", {SITE}),
    ("UPDATE articles SET title = 'x' WHERE id = :second", {SECOND, SITE}),
    ("UPDATE articles SET comment_count = 7 WHERE id = :second", {SECOND}),
    ("UPDATE articles SET status = 'draft' WHERE id = :second", {SECOND, SITE}),
    ("INSERT INTO article_tags SELECT :second, id FROM tags", {SECOND, SITE}),
    ("UPDATE article_tags SET article_id = :second", {FIRST, SECOND, SITE}),
    ("DELETE FROM article_tags", {FIRST, SITE}),
    ("UPDATE tags SET name = 'x'", {SITE}),
    ("UPDATE site SET tagline = 'x'", {SITE}),
    ("UPDATE people SET display_name = 'Thomas' WHERE username = 'tom'", {SITE}),
    ("UPDATE people SET username = 'thomas' WHERE username = 'tom'", {SITE}),
    ("UPDATE people SET role = 'author' WHERE username = 'tom'", {SITE}),
    ("UPDATE people SET deactivated_at = created_at WHERE username = 'tom'", {SITE}),
    ("UPDATE documents SET html = 'x'", {SITE}),
    ("DELETE FROM documents", {SITE}),
    ("DELETE FROM article_tags; DELETE FROM tags", {FIRST, SITE}),
    ("DELETE FROM name_keys WHERE person_id = :dora; DELETE FROM people WHERE id = :dora", {SITE}),
    # What no page shows raises nothing.
    ("UPDATE people SET about = 'x', password_hash = 'x', suspended_until = created_at", set()),
    ("DELETE FROM sessions", set()),
    ("INSERT INTO tags (slug, name) VALUES ('x', 'x')", set()),
]


class Scene:
    """Two articles with a comment each; the first has a tag and is closed; and one page of the site."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.first, self.second = cast.article.id, factories.article(cast.ida, "The ferry is late").id
        say(cast.tom, cast.article, "Hello.")
        say(cast.tom, db.session.get_one(Article, self.second), "Hello.")
        db.lock()
        db.session.add(Closure(article_id=self.first, words="Enough."))
        db.session.add(Document(slug="rules", source="Be kind.", html="<p>Be kind.</p>"))
        db.session.execute(text("INSERT INTO tags (slug, name) VALUES ('town', 'Town')"))
        db.session.execute(text("INSERT INTO article_tags SELECT :id, id FROM tags"), {"id": self.first})
        db.commit()
        self.values = {"first": self.first, "second": self.second, "dora": cast.dora.id}

    def versions(self) -> dict[str, int]:
        """Return the version of the site and of each article."""
        with by_hand() as connection:
            found = {SITE: connection.execute(text("SELECT version FROM site")).scalar_one()}
            query = text("SELECT article_id, version FROM article_versions")
            rows = dict(connection.execute(query).all())
        return found | {FIRST: rows[self.first], SECOND: rows[self.second]}

    def raised_by(self, write: Callable[[Connection], object]) -> set[str]:
        """Return what got a new version by something written by hand."""
        before = self.versions()
        with by_hand() as connection:
            write(connection)
        after = self.versions()
        return {name for name in EVERYTHING if before[name] != after[name]}


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """Return a scene with something of all that pages show."""
    return Scene(cast)


@contextmanager
def by_hand(url: str | None = None) -> Iterator[Connection]:
    """Give a connection that is not the forum's, and commit at the end."""
    engine = create_engine(url or db.engine().url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@pytest.mark.parametrize(("statements", "raised"), BY_HAND, ids=[statement for statement, _ in BY_HAND])
def test_sql_by_hand_raises_what_it_changes(scene: Scene, statements: str, raised: set[str]) -> None:
    def write(connection: Connection) -> None:
        for statement in statements.split("; "):
            names = {name: value for name, value in scene.values.items() if f":{name}" in statement}
            connection.execute(text(statement), names)

    assert scene.raised_by(write) == raised


BESIDE = [
    ("UPDATE moves SET reason = 'x'", {FIRST, SECOND}),
    ("DELETE FROM moves", {FIRST, SECOND}),
    ("UPDATE articles SET title = 'x' WHERE slug = 'the-ferry-is-late'", {FIRST, SECOND}),
    ("UPDATE articles SET status = 'draft' WHERE slug = 'the-ferry-is-late'", {FIRST, SECOND}),
    ("UPDATE articles SET html = 'x' WHERE slug = 'the-ferry-is-late'", {SECOND}),
]


@pytest.mark.parametrize(("statement", "raised"), BESIDE, ids=[statement for statement, _ in BESIDE])
def test_what_the_line_about_a_move_shows_raises_both_articles(scene: Scene, statement: str, raised: set[str]) -> None:
    comment = db.session.scalars(select(Comment.id).where(Comment.article_id == scene.second)).one()
    places = {"comment_id": comment, "from_article_id": scene.first, "to_article_id": scene.second}
    db.lock()
    db.session.add(Move(**places, comment_count=1))
    db.commit()
    assert scene.raised_by(lambda connection: connection.execute(text(statement))) - {SITE} == raised


@pytest.mark.parametrize("table", ["comments", "closures", "documents"])
def test_a_row_put_in_by_hand_raises_a_version(scene: Scene, table: str) -> None:
    columns = [column.name for column in Base.metadata.tables[table].columns]
    columns = [name for name in columns if name not in ("id", "post_key")]
    values = ["pos + 1" if name == "pos" else f'"{name}"' for name in columns]
    named = ", ".join(f'"{name}"' for name in columns)
    copy = text(COPY.format(table=table, columns=named, values=", ".join(values)))
    assert scene.raised_by(lambda connection: connection.execute(copy)) == ({SITE} if table == "documents" else {FIRST})


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["comments", "closures", "article_tags", "documents", "tags"])
def test_an_emptied_table_raises_the_version_of_every_page(scene: Scene, table: str) -> None:
    truncate = text(f"TRUNCATE {table} CASCADE")
    assert SITE in scene.raised_by(lambda connection: connection.execute(truncate))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_second_transaction_raises_a_version_that_the_first_raised_already(scene: Scene) -> None:
    """A version is raised once a transaction; a part that is rolled back must not count."""
    update = text("UPDATE comments SET html = html || 'x' WHERE article_id = :first")
    with by_hand() as connection:
        connection.execute(text("SAVEPOINT here"))
        connection.execute(update, {"first": scene.first})
        connection.execute(text("ROLLBACK TO SAVEPOINT here"))
        before = scene.versions()
        connection.execute(update, {"first": scene.first})
    assert scene.versions()[FIRST] != before[FIRST]
    assert scene.raised_by(lambda connection: connection.execute(update, {"first": scene.first})) == {FIRST}


def test_a_new_version_is_no_successor_of_the_one_before(scene: Scene) -> None:
    """A counter would come again after a backup was restored."""
    seen = []
    for _ in range(20):
        scene.raised_by(lambda connection: connection.execute(text("UPDATE comments SET html = html")))
        seen.append(scene.versions()[FIRST])
    assert len(set(seen)) == 20
    assert all(abs(after - before) > 2**20 for before, after in pairwise(seen))


def test_a_restored_copy_never_shows_a_version_seen_before(scene: Scene, request: pytest.FixtureRequest) -> None:
    change = text("UPDATE comments SET html = html || 'x'")
    restored = copied(request)
    seen = [scene.versions()]
    for _ in range(3):
        scene.raised_by(lambda connection: connection.execute(change))
        seen.append(scene.versions())
    with by_hand(restored) as connection:
        assert connection.execute(text("SELECT version FROM site")).scalar_one() == seen[0][SITE]
        connection.execute(change)
    with by_hand(restored) as connection:
        after = set(connection.execute(text("SELECT version FROM article_versions")).scalars())
    assert after.isdisjoint(version for versions in seen for version in versions.values())


def copied(request: pytest.FixtureRequest) -> str:
    """Return the address of a copy of the database."""
    db.session.remove()
    db.engine().dispose()
    url = make_url(request.getfixturevalue("database"))
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        with by_hand() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(path, path.with_name("copy.sqlite3"))
        return f"sqlite:///{path.with_name('copy.sqlite3')}"
    cluster: Cluster = request.getfixturevalue("cluster")
    with psycopg.connect(cluster.url("postgres")) as connection:  # a database is copied when nobody is connected to it
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(ended, [url.database])
    cluster.create(f"{url.database}_copy", str(url.database))
    return cluster.url(f"{url.database}_copy").replace("postgresql:", "postgresql+psycopg:")


def test_a_draft_is_never_shown_as_another_that_was_deleted(cast: Cast) -> None:
    """A member's page is looked for under the article's id and version."""
    first = draft(cast.browser(cast.ida), "Idas secret plan")
    assert "Idas secret plan" in cast.browser(cast.ida).get(f"/articles/{first.slug}").text
    before = first.id, version_of(first.id)
    assert cast.browser(cast.ida).post(f"/articles/{first.slug}/delete").status_code == 303
    second = draft(cast.browser(cast.otto), "Ottos own words")
    assert second.id != before[0]
    assert version_of(second.id) != before[1]
    page = cast.browser(cast.otto).get(f"/articles/{second.slug}").text
    assert "Ottos own words" in page
    assert "secret plan" not in page


def test_a_comment_that_waits_is_seen_by_moderators_at_once(cast: Cast) -> None:
    let(who_may_comment="guests")
    moderator, path = cast.browser(cast.quill), f"/articles/{cast.article.slug}"
    before = moderator.get(path).text, version_of(cast.article.id)
    cast.browser().post(f"{path}/comments", body="Who painted the boat?", guest_name="Moss")
    assert "Who painted the boat?" not in before[0]
    assert version_of(cast.article.id) != before[1]
    assert "Who painted the boat?" in moderator.get(path).text


def test_the_database_has_every_trigger_and_no_other(cast: Cast) -> None:
    assert triggers.working() == triggers.wanted()


def test_a_trigger_that_is_gone_is_missed(cast: Cast) -> None:
    on = " ON comments" if db.engine().dialect.name == "postgresql" else ""
    with by_hand() as connection:
        connection.execute(text(f"DROP TRIGGER comments_update_version{on}"))
    assert triggers.wanted() - triggers.working() == {"comments_update_version"}


def version_of(article_id: int) -> int:
    """Return an article's version."""
    with by_hand() as connection:
        query = text("SELECT version FROM article_versions WHERE article_id = :id")
        return int(connection.execute(query, {"id": article_id}).scalar_one())


def draft(browser: Browser, words: str) -> Article:
    """Let somebody write a draft, and return it."""
    answer = browser.post("/articles/new", act="save", title=words, body=words, tags="")
    assert answer.status_code == 303
    return db.session.scalars(select(Article).order_by(Article.id.desc()).limit(1)).one()


def test_every_comment_has_an_article_with_a_version(scene: Scene) -> None:
    with by_hand() as connection:
        rows = set(connection.execute(text("SELECT article_id FROM article_versions")).scalars())
        assert rows == set(connection.execute(select(Comment.article_id)).scalars())
