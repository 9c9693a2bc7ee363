"""A PostgreSQL whose operator chose another way to write dates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg

from forum import config, create_app, db
from tests.cast import Cast
from tests.scale.conftest import Fresh


def test_a_discussion_is_read_and_written_where_dates_are_written_otherwise(
    fresh: Fresh, settings: config.Settings, tmp_path: Path
) -> None:
    url = fresh()
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET datestyle = 'SQL, DMY'")  # type: ignore[call-overload]
    app = create_app(replace(settings, instance=tmp_path, database_url=url))
    with app.app_context():
        cast = Cast(app)
        browser = cast.browser(cast.tom)
        address = f"/articles/{cast.article.slug}"
        made = browser.post(f"{address}/comments", body="Written on the thirteenth.", key="a")
        assert made.status_code == 303
        edited = browser.post(f"{made.location}/edit", body="Written on the fourteenth.")
        assert edited.status_code == 303
        assert "Written on the fourteenth." in browser.get(address).text
        assert "Written on the fourteenth." in cast.browser().get(address).text
        db.session.remove()
        db.engine().dispose()
