"""The real server while PostgreSQL is restarted under it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from forum import config, create_app, db, schema
from forum.comments.models import Comment
from tests.cast import Cast
from tests.db.test_server import TEXT, Answer, ask
from tests.postgres import Cluster
from tests.test_serve import wait_for
from tests.test_workers import on, serving


@pytest.fixture
def crashing(settings: config.Settings, tmp_path: Path) -> Iterator[tuple[Cluster, Flask]]:
    """Yield a PostgreSQL server that may be stopped, and a migrated app on it."""
    with Cluster() as cluster:
        app = create_app(replace(settings, instance=tmp_path, database_url=cluster.url("postgres")))
        with app.app_context():
            schema.upgrade()
            yield cluster, app
            db.session.remove()
            db.engine().dispose()


def test_postgresql_restarted_under_load_loses_no_text(crashing: tuple[Cluster, Flask], tmp_path: Path) -> None:
    cluster, app = crashing
    cast = Cast(app)
    page, rosa = f"/articles/{cast.article.slug}", cast.browser(cast.rosa)
    settings, article_id = on(cast), cast.article.id
    db.session.remove()
    answers: list[tuple[str, Answer]] = []
    stop = threading.Event()

    def post(number: int) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            word = f"{TEXT} {number}-{count}"
            answers.append((word, ask(base, f"{page}/comments", rosa, body=word, key=f"{number}-{count}")))
            answers.append(("", ask(base, page)))

    with serving(tmp_path, "--workers", "1", **settings) as (process, base):
        wait_for(process, base + page)
        posting = [threading.Thread(target=post, args=(number,)) for number in range(4)]
        for thread in posting:
            thread.start()
        for _ in range(2):
            cluster.stop()
            before = len(answers)
            while len(answers) < before + 20:
                stop.wait(0.05)
            cluster.start()
            before = len(answers)
            while len(answers) < before + 20:
                stop.wait(0.05)
        stop.set()
        for thread in posting:
            thread.join(60)
        assert ask(base, page).status == 200
    assert {answer.status for _, answer in answers} == {200, 303, 503}
    for word, answer in answers:
        if answer.status == 503:
            assert answer.headers["Retry-After"]
            assert word in answer.body
    acknowledged = sum(answer.status == 303 for _, answer in answers)
    found = db.session.scalars(select(Comment.id).where(Comment.article_id == article_id)).all()
    assert len(found) >= acknowledged > 0
