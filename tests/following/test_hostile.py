"""What strangers and members try with following and notices: what is not theirs, numbers, machines that read ahead."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from forum import db
from forum.clock import now
from forum.jobs import actions as jobs
from forum.notifications import queries
from forum.policy import CommentStatus
from tests import factories
from tests.comments.talk import put, say
from tests.following.test_told import follow, told, work


def test_nobody_is_told_of_answers_to_what_another_wrote(cast):
    """Notices would call them answers to the reader."""
    first = say(cast.tom, cast.article)
    browser = cast.browser(cast.otto)
    assert browser.get(f"/follow/answers/{first}").status_code == 404
    assert browser.post(f"/follow/answers/{first}").status_code == 404
    say(cast.rosa, cast.article, parent=first)
    work(cast)
    assert told(cast.otto) == []
    assert cast.browser(cast.tom).get(f"/follow/answers/{first}").status_code == 200


@pytest.mark.parametrize("status", [CommentStatus.HELD, CommentStatus.SPAM, CommentStatus.HIDDEN, CommentStatus.ERASED])
def test_what_nobody_may_know_of_cannot_be_followed(cast, status):
    made = say(cast.tom, cast.article, "Unspeakable words")
    put(made, status)
    for person in (cast.otto, cast.rosa):
        for kind in ("branch", "answers"):
            asked = cast.browser(person).get(f"/follow/{kind}/{made}")
            there = cast.browser(person).get(f"/comments/{made}")
            assert (asked.status_code, there.status_code) == (404, 404), kind
            assert cast.browser(person).post(f"/follow/{kind}/{made}").status_code == 404


@pytest.mark.parametrize("kind", ["answers", "branch", "article", "tag", "person", "site", "x", "%00", "%ED%A0%80"])
def test_no_number_and_no_kind_is_a_mistake_of_the_program(cast, kind):
    browser = cast.browser(cast.otto)
    for number in ("0", "-1", "+1", "1e3", "9" * 18, "9" * 19, "9" * 4000, "%D9%A1", "%00"):
        if (kind, number) != ("site", "0"):
            assert browser.get(f"/follow/{kind}/{number}").status_code in (400, 404, 414), number
            assert browser.post(f"/follow/{kind}/{number}/stop").status_code in (400, 404, 414), number


def mark(cast, method, **headers):
    first = say(cast.tom, cast.article)
    answer = say(cast.rosa, cast.article, parent=first)
    work(cast)
    cast.browser(cast.tom).open(f"/articles/{cast.article.slug}", method, headers=headers)
    cast.browser(cast.tom).open(f"/comments/{first}/branch", method, headers=headers)
    db.session.expire_all()
    assert told(cast.tom) == [("answer", answer)]
    return queries.unseen(cast.tom.id)


def test_what_is_read_is_marked(cast):
    assert mark(cast, "GET") == 0


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"Sec-Purpose": "prefetch"}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"X-Moz": "prefetch"}),
    ],
    ids=str,
)
def test_what_a_machine_fetched_ahead_nobody_has_read(cast, method, headers):
    assert mark(cast, method, **headers) == 1


def test_a_visitor_and_another_member_mark_nothing_of_mine(cast):
    first = say(cast.tom, cast.article)
    say(cast.rosa, cast.article, parent=first)
    work(cast)
    for other in (None, cast.rosa, cast.sven, cast.dora, cast.nele):
        cast.browser(other).get(f"/articles/{cast.article.slug}")
        cast.browser(other).post("/notices/read", up_to="999999")
    assert queries.unseen(cast.tom.id) == 1


def test_reading_a_new_article_marks_that_it_was_told(cast):
    follow(cast.tom, "site", 0)
    made = factories.article(cast.ida, published_at=now())
    db.lock()
    jobs.put("articles.tell", now(), {"article": made.id})
    db.commit()
    work(cast)
    assert queries.unseen(cast.tom.id) == 1
    cast.browser(cast.tom).get(f"/articles/{made.slug}")
    assert queries.unseen(cast.tom.id) == 0


def test_a_page_is_read_where_the_disk_is_full(cast):
    first = say(cast.tom, cast.article)
    say(cast.rosa, cast.article, parent=first)
    work(cast)
    browser = cast.browser(cast.tom)
    if db.engine().dialect.name == "sqlite":
        log = Path(f"{db.engine().url.database}-wal")
        with files_of_at_most(log.stat().st_size):
            page = browser.get(f"/articles/{cast.article.slug}")
    else:
        db.session.execute(text("SELECT 1"))
        with psycopg.connect(db.engine().url.set(drivername="postgresql").render_as_string(False)) as other:
            other.execute("LOCK TABLE notices IN EXCLUSIVE MODE")  # PostgreSQL does not wait for this one: lock_timeout
            page = browser.get(f"/articles/{cast.article.slug}")
    assert page.status_code == 200
    assert queries.unseen(cast.tom.id) == 1


@contextmanager
def files_of_at_most(size):
    """Let no file of this process grow beyond a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
