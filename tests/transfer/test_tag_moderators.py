"""Who moderates in which tag comes back with a whole site, and gives nobody rights on a site that has its own."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from forum import db
from forum.moderation.tags import choose_tags
from forum.people.models import TagModerator
from forum.people.queries import viewer_of
from tests import factories
from tests.cast import Cast
from tests.moderation.scene import actor
from tests.transfer import scene

ROWS = select(TagModerator.person_id, TagModerator.tag_id, TagModerator.created_at).order_by(TagModerator.id)


def furnish(cast: Cast) -> None:
    """Let Rosa moderate in two tags, and Tom in none any more."""
    factories.tag("boats", cast.article)
    factories.tag("books")
    for person, names in ((cast.rosa, ["boats"]), (cast.tom, ["boats"]), (cast.rosa, ["boats", "books"])):
        choose_tags(actor(cast.ada), person.id, names)
    choose_tags(actor(cast.ada), cast.tom.id, [])
    db.commit()


def test_they_come_back_as_they_were(cast: Cast, empty: Flask) -> None:
    furnish(cast)
    data, before, rosa = scene.taken_out(), db.session.execute(ROWS).all(), cast.rosa.id
    assert len(before) == 2
    db.session.rollback()
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data
        assert db.session.execute(ROWS).all() == before
        assert viewer_of(rosa).moderated_tags == {row.tag_id for row in before}


def test_on_a_site_with_discussions_of_its_own_nobody_moderates_by_an_archive(cast: Cast, empty: Flask) -> None:
    furnish(cast)
    data = scene.taken_out()
    db.session.rollback()
    with empty.app_context():
        here = Cast(empty)
        factories.tag("boats", here.article)
        scene.bring_in(data)
        assert db.session.execute(ROWS).all() == []


def test_an_archive_of_one_article_does_not_say_it(cast: Cast) -> None:
    furnish(cast)
    assert "tag-moderator" not in {line["type"] for line in scene.lines(scene.taken_out(cast.article.slug))}
