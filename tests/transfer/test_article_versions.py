"""Earlier versions of articles in archives."""

from __future__ import annotations

from flask import Flask

from forum import db
from forum.articles import actions
from tests.articles.test_versions import change, kept
from tests.articles.test_write import write
from tests.cast import Cast
from tests.transfer import scene


def test_the_archive_carries_them_and_brings_them_in_once(cast: Cast, empty: Flask) -> None:
    article = write(cast, "publish", standfirst="First.")
    change(cast, "Second.")
    actions.erase_article_version(cast.ada, kept()[0].id)
    db.commit()
    change(cast, "Third.", source_name="The Gazette", source_url="https://gazette.example/x", foreword="See.")
    change(cast, "Fourth.")
    data, one = scene.taken_out(), scene.taken_out(article.slug)
    assert len(scene.of_type(one, "article-version")) == 3
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data
        scene.bring_in(one)
        assert len(kept()) == 3
        assert kept()[2].foreword == "See."
