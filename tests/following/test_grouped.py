"""What one follows stays short: the answers to one's comments under one article are one line."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert, select

from forum import db
from forum.articles import actions as articles
from forum.clock import now
from forum.following import followed
from forum.notifications import queries
from forum.notifications.models import Subscription
from tests import factories
from tests.comments.talk import counted, put, say
from tests.moderation.scene import actor
from tests.web.acting import act
from tests.worker import resting


@pytest.fixture
def two(cast):
    """Tom wrote four comments under Ida's article, and one under another of hers."""
    other = factories.article(cast.ida, "Ferries")
    own = [say(cast.tom, cast.article, f"Word {n}.") for n in range(4)]
    return cast, other, own, say(cast.tom, other)


def lines(cast):
    """Return what Tom's page lists: how many comments of his, under which article, and whether it is paused."""
    db.session.rollback()
    items, _older = followed.followed(actor(cast.tom))
    return [(item.count, item.name, item.paused_at is not None) for item in items]


def follows(cast):
    """Return of how many of Tom's comments he hears answers."""
    db.session.rollback()
    mine = select(Subscription.id).where(Subscription.person_id == cast.tom.id, Subscription.paused_at.is_(None))
    return len(db.session.scalars(mine).all())


def test_answers_under_one_article_are_one_line(two):
    cast, _other, _own, _last = two
    assert lines(cast) == [(1, "Ferries", False), (4, cast.article.title, False)]
    page = cast.browser(cast.tom).get("/following").text
    assert "Answers to your 4 comments under" in page
    assert page.count("Answers to your comment under") == 1


def test_a_line_is_paused_resumed_ended_and_followed_again_at_once(two):
    cast, _other, own, _last = two
    tom = cast.browser(cast.tom)
    newest = db.session.scalar(select(Subscription.id).where(Subscription.subject_id == own[-1]))
    assert tom.post(f"/following/{newest}/pause").status_code == 303
    assert lines(cast) == [(1, "Ferries", False), (4, cast.article.title, True)]
    say(cast.tom, cast.article, "Another.")
    assert lines(cast) == [(1, cast.article.title, False), (1, "Ferries", False), (4, cast.article.title, True)]
    assert tom.post(f"/following/{newest}/resume").status_code == 303
    assert lines(cast) == [(5, cast.article.title, False), (1, "Ferries", False)]
    assert cast.browser(cast.rosa).post(f"/following/{newest}/end").status_code == 404
    assert follows(cast) == 6
    assert tom.post(f"/following/{newest}/end").status_code == 303
    assert follows(cast) == 1
    undo = re.search(r'action="(/following/answers/\d+)"', tom.get("/following").text)[1]
    assert tom.post(undo).status_code == 303
    assert lines(cast)[0] == (5, cast.article.title, False)


def test_a_line_stays_where_its_newest_comment_is_gone(two):
    cast, _other, own, _last = two
    put(own[-1], "spam")
    assert lines(cast) == [(1, "Ferries", False), (4, cast.article.title, False)]
    act(cast, "ida", articles.unpublish, cast.article.id)
    assert lines(cast) == [(1, "Ferries", False)]


def test_all_lines_are_reached_by_paging_once_each(two, monkeypatch):
    cast, _other, _own, _last = two
    monkeypatch.setattr(followed, "FOLLOWED", 3)
    tags = [{"kind": "tag", "subject_id": 50 + n, "person_id": cast.tom.id, "created_at": now()} for n in range(7)]
    made = act(cast, "ida", articles.create, articles.check_words("Tags", "Words.", ["A", "B", "C", "D", "E", "F"]))
    act(cast, "ida", articles.publish, made.id)
    for row, tag in zip(tags, made.tags, strict=False):
        row["subject_id"] = tag.id
    db.lock()
    db.session.execute(insert(Subscription), tags)
    db.commit()
    found, before = [], None
    while True:
        items, before = followed.followed(actor(cast.tom), before)
        found += [(item.kind, item.name) for item in items]
        if before is None:
            break
    assert len(found) == len(set(found)) == 8


def test_a_page_costs_the_same_however_much_one_wrote(two):
    cast, _other, _own, _last = two
    tom = cast.browser(cast.tom)
    tom.get("/following")
    with counted() as few:
        tom.get("/following")
    for n in range(40):
        say(cast.tom, cast.article, f"More {n}.")
    with counted() as many:
        assert "Answers to your 44 comments" in tom.get("/following").text
    assert len(few) == len(many)


def test_notices_of_an_article_that_is_taken_back_are_not_counted(two):
    cast, _other, own, last = two
    say(cast.rosa, cast.article, parent=own[0])
    say(cast.rosa, _other, parent=last)
    resting.work(cast.app)
    assert queries.unseen(cast.tom.id) == 2
    act(cast, "ida", articles.unpublish, cast.article.id)
    assert queries.unseen(cast.tom.id) == 1
    assert "(1)" in cast.browser(cast.tom).get("/").text
