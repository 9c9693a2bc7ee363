"""Behind a pooler that hands a connection on after each transaction, nothing may be kept on the connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from forum import config, create_app, db
from forum.accounts.models import Site
from forum.pages import Store
from forum.seqlock import Seqlock
from forum.web.front import Front
from tests.cast import Cast
from tests.scale.conftest import Fresh

PREPARED = "SELECT count(*) FROM pg_prepared_statements"


@pytest.fixture(params=[True, False])
def app(request: pytest.FixtureRequest, fresh: Fresh, settings: config.Settings, tmp_path: Path) -> Iterator[Flask]:
    """Be the app on PostgreSQL, with prepared statements and without."""
    asked = {"database_url": fresh(), "prepared_statements": request.param}
    made = create_app(replace(settings, instance=tmp_path, **asked))  # type: ignore[arg-type]
    with made.app_context():
        yield made
        db.session.remove()
        db.engine().dispose()


def test_statements_are_prepared_only_where_they_may_be(app: Flask, tmp_path: Path) -> None:
    cast = Cast(app)
    browser, front = cast.browser(cast.tom), Front(app, Store())
    front._asker._seqlock = Seqlock(tmp_path / "gone" / "counters")  # nobody can count: the database is asked each time
    for _ in range(10):
        assert browser.get(f"/articles/{cast.article.slug}").status_code == 200
        assert front.versions(("article", cast.article.slug, ())) is not None
    held = front._asker._connection().cursor().execute(PREPARED).fetchone()[0]
    own = db.session.connection().exec_driver_sql(PREPARED).scalar()
    assert [held > 0, bool(own)] == [app.extensions["forum"].prepared_statements] * 2


def test_the_keeper_is_found_and_asked_to_stop_with_and_without(app: Flask, tmp_path: Path) -> None:
    """What it rests on lasts one transaction: the connection may be another one with each."""
    cast = Cast(app)
    asked = ("article", cast.article.slug, ())
    front, keeper = Front(app, Store()), app.extensions["seqlock"]
    for _ in range(10):  # more often than a statement is sent before it is prepared
        keeper._lease, keeper._next = None, 0.0
        assert front.versions(asked) is not None
        assert keeper.stamp() is not None
    before = front.versions(asked)
    other = create_app(replace(app.extensions["forum"], instance=tmp_path / "another"))
    with other.app_context():
        db.lock()
        db.session.execute(update(Site).values(version=Site.version + 1))
        db.commit()
        db.session.remove()
        db.engine().dispose()
    after = front.versions(asked)
    assert before is not None
    assert after is not None
    assert after[0] == before[0] + 1
    assert keeper.stamp() is None
