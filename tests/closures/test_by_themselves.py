"""Discussions that close by themselves: announced an hour before, closed at that moment, kept open where reopened."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from sqlalchemy import update

from forum import db, policy
from forum.articles import actions as articles
from forum.articles.models import Article
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.ending import actions as ending
from forum.comments.ending.automatic import announce_some, close_some
from forum.comments.ending.request import Ending
from forum.comments.writing import actions as writing
from forum.errors import Conflict, Forbidden, Invalid
from forum.ledger import queries as ledger
from tests.closures.test_close import closures, may
from tests.comments.talk import let, say

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = now().replace(microsecond=0)


def rounds(moment):
    """Let a worker look until there is nothing to do."""
    for look in (close_some, announce_some):
        while look(moment):
            db.commit()
    db.commit()
    db.session.expire_all()


def row(cast) -> Article:
    return db.session.get_one(Article, cast.article.id)


def page(cast, person=None) -> str:
    return cast.browser(person).get(f"/articles/{cast.article.slug}").text


def published(cast, ago, **values):
    db.lock()
    changed = {"published_at": START - ago, **values}
    db.session.execute(update(Article).where(Article.id == cast.article.id).values(**changed))
    db.commit()
    db.session.expire_all()


@pytest.mark.parametrize(
    ("site", "own", "heard", "expected"),
    [
        ((0, 0), (None, None), None, None),
        ((10, 0), (None, None), None, (10, "age")),
        ((10, 0), (0, None), None, None),
        ((0, 0), (3, None), None, (3, "age")),
        ((10, 4), (None, None), None, (4, "silence")),
        ((10, 4), (None, None), 5, (9, "silence")),
        ((10, 4), (None, None), 8, (10, "age")),
        ((10, 4), (None, 0), 1, (10, "age")),
        ((0, 4), (None, 2), 1, (3, "silence")),
    ],
)
def test_the_first_of_age_and_silence_decides_and_an_articles_own_days_come_first(site, own, heard, expected):
    settings = SimpleNamespace(auto_close_days=site[0], auto_close_silent_days=site[1])
    article = SimpleNamespace(
        published_at=START,
        last_comment_at=None if heard is None else START + heard * DAY,
        auto_close_days=own[0],
        auto_close_silent_days=own[1],
    )
    found = policy.auto_close(settings, article)
    assert (found and (found.at - START, found.cause)) == (expected and (expected[0] * DAY, expected[1]))


def test_it_is_announced_an_hour_before_and_closed_then(cast):
    let(auto_close_days=10, auto_close_words="Ten days are over.")
    published(cast, 10 * DAY - 2 * HOUR)
    rounds(START + 59 * timedelta(minutes=1))
    assert row(cast).closes_at is None
    rounds(START + HOUR)
    assert (row(cast).closes_at, row(cast).closes_for) == (START + 2 * HOUR, "age")
    for person in (None, cast.tom):
        assert "This discussion closes on " in page(cast, person)
    assert may(cast.tom, cast.article, None)
    rounds(START + 2 * HOUR)
    (made,) = closures()
    assert (made.cause, made.closed_by_id, made.words, made.until) == ("age", None, "Ten days are over.", None)
    assert row(cast).closes_at is None
    shown = page(cast)
    assert "Ten days are over." in shown
    assert "It closed by itself on " in shown
    assert "This discussion closes on " not in shown
    assert [act.actor_id for act in ledger.acts("article.close")] == [None]
    rounds(START + 3 * HOUR)
    assert len(closures()) == 1


def test_what_is_overdue_has_its_hour_too(cast):
    published(cast, 100 * DAY)
    let(auto_close_days=10)
    rounds(START)
    assert row(cast).closes_at == START + HOUR
    assert closures() == []
    rounds(START + HOUR)
    assert len(closures()) == 1


def test_without_a_worker_the_announced_moment_holds(cast):
    let(auto_close_days=1)
    published(cast, 2 * DAY)
    rounds(START - 2 * HOUR)
    assert closures() == []
    assert not may(cast.tom, cast.article, None)
    answer = cast.browser(cast.tom).post(f"/articles/{cast.article.slug}/comments", body="What I was writing.")
    assert answer.status_code == 409
    assert "What I was writing." in answer.text


def test_a_comment_ends_the_silence(cast):
    let(auto_close_silent_days=1)
    published(cast, 2 * DAY)
    rounds(START)
    assert row(cast).closes_for == "silence"
    assert " if nobody writes until then." in page(cast)
    say(cast.tom, cast.article)
    assert row(cast).closes_at is None
    rounds(START + 2 * HOUR)
    assert closures() == []
    rounds(now() + DAY)
    rounds(now() + DAY + HOUR)
    assert closures()[0].cause == "silence"


def test_writing_does_not_stop_what_closes_for_its_age(cast):
    let(auto_close_days=1, auto_close_silent_days=100)
    published(cast, 2 * DAY)
    rounds(START)
    say(cast.tom, cast.article)
    rounds(START + HOUR)
    assert closures()[0].cause == "age"


def test_a_moderator_who_opens_it_again_keeps_it_open(cast):
    let(auto_close_days=1)
    published(cast, 2 * DAY)
    rounds(START)
    rounds(START + HOUR)
    (made,) = closures()
    assert "does not close by itself again" in cast.browser(cast.quill).get(f"/closures/{made.id}/reopen").text
    with pytest.raises(Forbidden):
        ending.reopen(cast.tom, made.id, "")
    db.rollback()
    ending.reopen(cast.quill, made.id, "One more week.")
    db.commit()
    for hours in (2, 3, 400):
        rounds(START + hours * HOUR)
    assert may(cast.tom, cast.article, None)
    assert len(closures()) == 1
    articles.set_auto_close(cast.ida, cast.article.id, 1, None)
    db.commit()
    rounds(START + 5 * HOUR)
    rounds(START + 6 * HOUR)
    assert len(closures()) == 2


def test_a_closing_by_hand_and_one_by_itself_do_not_undo_each_other(cast):
    let(auto_close_days=1)
    published(cast, 2 * DAY)
    until = START + 3 * DAY
    by_hand = ending.close_article(cast.quill, cast.article.id, Ending(words="For some days.", until=until)).id
    db.commit()
    rounds(START)
    assert row(cast).closes_at is None
    rounds(until)
    assert row(cast).closes_at == until + HOUR
    rounds(until + HOUR)
    assert [(one.id == by_hand, one.cause) for one in closures()] == [(True, ""), (False, "age")]
    with time_machine.travel(until + 2 * HOUR, tick=False):
        assert not may(cast.tom, cast.article, None)
        ending.reopen(cast.quill, by_hand, "")
        db.commit()
        assert not may(cast.tom, cast.article, None)


def test_what_was_closed_by_hand_within_the_hour_is_not_closed_twice(cast):
    let(auto_close_days=1)
    published(cast, 2 * DAY)
    rounds(START)
    ending.close_article(cast.quill, cast.article.id, Ending(words="At once."))
    db.commit()
    rounds(START + HOUR)
    assert [one.cause for one in closures()] == [""]


@pytest.mark.parametrize("days", [-1, 3661, 10**12])
def test_days_have_a_limit(cast, days):
    with pytest.raises(Invalid):
        articles.set_auto_close(cast.ida, cast.article.id, days, None)
    fields = {"title": "Other", "body": "Words.", "auto_close_days": str(days), "auto_close_silent_days": ""}
    answer = cast.browser(cast.ida).post(f"/articles/{cast.article.slug}/edit", **fields)
    assert answer.status_code == 422
    assert row(cast).title != "Other"


def test_its_author_and_admins_choose_an_articles_days(cast):
    for person in (cast.tom, cast.otto, cast.quill):
        with pytest.raises(Forbidden):
            articles.set_auto_close(person, cast.article.id, 5, None)
        db.rollback()
    fields = {"title": cast.article.title, "body": cast.article.source, "auto_close_days": "5"}
    browser = cast.browser(cast.ida)
    assert browser.post(f"/articles/{cast.article.slug}/edit", **fields, auto_close_silent_days="").status_code == 303
    assert (row(cast).auto_close_days, row(cast).auto_close_silent_days) == (5, None)
    assert 'value="5"' in browser.get(f"/articles/{cast.article.slug}/edit").text
    assert len(ledger.acts("article.auto-close")) == 1


def test_a_draft_is_not_closed(cast):
    let(auto_close_days=1)
    published(cast, 2 * DAY)
    rounds(START)
    articles.unpublish(cast.ida, cast.article.id)
    db.commit()
    rounds(START + HOUR)
    assert closures() == []
    assert db.session.query(Closure).count() == 0


def test_a_reply_at_that_moment_comes_before_it_or_not_at_all(cast):
    let(auto_close_silent_days=1)
    published(cast, 2 * DAY)
    rounds(START)
    with time_machine.travel(START + HOUR, tick=False), pytest.raises(Conflict):
        writing.post(cast.tom, cast.article.id, "A moment late.")
    db.rollback()
    with time_machine.travel(START + HOUR - timedelta(seconds=1), tick=False):
        writing.post(cast.tom, cast.article.id, "Just in time.")
        db.commit()
    rounds(START + HOUR)
    assert closures() == []
