"""Behind a pooler that hands a connection on after each transaction, nothing may be kept on the connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from forum import config, create_app, db
from tests.cast import Cast
from tests.scale.conftest import Fresh

PREPARED = "SELECT count(*) FROM pg_prepared_statements"


@pytest.fixture(params=[True, False])
def app(request: pytest.FixtureRequest, fresh: Fresh, settings: config.Settings, tmp_path: Path) -> Iterator[Flask]:
    """Yield the app on PostgreSQL, with prepared statements and without."""
    asked = {"database_url": fresh(), "prepared_statements": request.param}
    made = create_app(replace(settings, instance=tmp_path, **asked))  # type: ignore[arg-type]
    with made.app_context():
        yield made
        db.session.remove()
        db.engine().dispose()


def test_statements_are_prepared_only_where_they_may_be(app: Flask) -> None:
    cast, reader = Cast(app), db.Reader(db.engine())
    browser = cast.browser(cast.tom)
    for _ in range(10):
        assert browser.get(f"/articles/{cast.article.slug}").status_code == 200
        assert reader.row("SELECT id FROM articles WHERE slug = ?", (cast.article.slug,)) == (cast.article.id,)
    found = reader.row(PREPARED, ())
    assert found is not None
    own = db.session.connection().exec_driver_sql(PREPARED).scalar()
    assert [found[0] > 0, bool(own)] == [app.extensions["forum"].prepared_statements] * 2
