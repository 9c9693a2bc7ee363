"""The list of what is closed, or was: filters, pages, what stands beside each, and who reads it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from forum import db
from forum.articles.models import Tag
from forum.clock import now
from forum.closures.lists import PAGE
from forum.closures.models import Closure
from forum.comments.ending import actions as ending
from forum.comments.ending.request import Ending
from tests import factories
from tests.closures.test_close import end
from tests.comments.talk import counted, exchange

LISTED = re.compile(r'href="/closures/(\d+)"')


def listed(cast, reader=None, **filters) -> list[int]:
    page = cast.browser(reader or cast.quill).get("/moderation/closures", query_string=filters).text
    return [int(id) for id in LISTED.findall(page)]


@pytest.fixture
def made(cast):
    """Make a closure of each kind; return their ids by what they are."""
    ids = exchange(cast)
    other = factories.article(cast.otto, "Boats")
    branch = end(cast, ids[-1], note="Third time this week.")
    two = end(cast, ids[2], actor=cast.ada, people="two", until=now() + timedelta(days=3))
    whole = ending.close_article(cast.quill, other.id, Ending(words="Enough.")).id
    db.commit()
    reopened = end(cast, ids[4])
    ending.reopen(cast.quill, reopened, "Calmer now.")
    db.commit()
    db.lock()
    other.tags.append(Tag(slug="ferries", name="Ferries"))
    third = factories.new_article(cast.ida, "Third")
    db.session.flush()
    itself = Closure(article_id=third.id, cause="age")
    ended = Closure(article_id=third.id, closed_by_id=cast.quill.id, until=now() - timedelta(days=1))
    db.session.add_all([itself, ended])
    db.commit()
    kinds = {"branch": branch, "two": two, "whole": whole, "reopened": reopened}
    return {**kinds, "itself": itself.id, "ended": ended.id}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "itself whole two branch"),
        ({"state": "all"}, "ended itself reopened whole two branch"),
        ({"state": "ended"}, "ended reopened"),
        ({"place": "article"}, "itself whole"),
        ({"place": "branch"}, "branch"),
        ({"place": "two"}, "two"),
        ({"maker": "software"}, "itself"),
        ({"maker": "person"}, "whole two branch"),
        ({"by": "ada"}, "two"),
        ({"by": "quill", "state": "ended"}, "ended reopened"),
        ({"person": "tom"}, "two"),
        ({"person": "rosa"}, ""),
        ({"article": "boats"}, "whole"),
        ({"tag": "ferries"}, "whole"),
        ({"tag": "nothing' OR 1=1"}, ""),
        ({"by": "nobody"}, ""),
        ({"place": "elsewhere", "state": "odd", "maker": "odd"}, "itself whole two branch"),
    ],
)
def test_each_filter_keeps_what_it_says(cast, made, filters, expected):
    assert listed(cast, **filters) == [made[name] for name in expected.split()]


def test_an_author_reads_of_their_own_articles_only(cast, made):
    assert listed(cast, cast.otto, state="all") == [made["whole"]]
    assert made["whole"] not in listed(cast, cast.ida, state="all")
    assert cast.browser(cast.tom).get("/moderation/closures").status_code == 403


def test_note_times_and_reason_stand_beside_each(cast, made):
    page = cast.browser(cast.quill).get("/moderation/closures?state=all").text
    assert "Third time this week." in page
    assert page.count("From ") >= len(made)
    assert "Calmer now." in page
    assert page.count('/reopen"') == 4


def test_pages_go_on_with_the_filters_and_take_as_many_statements(cast):
    article = factories.article(cast.ida, "Long")
    db.lock()
    db.session.add_all([Closure(article_id=article.id, cause="age") for _ in range(PAGE + 2)])
    db.commit()
    browser = cast.browser(cast.quill)
    browser.get("/moderation/closures")  # the first page of a session writes when it was seen
    with counted() as many:
        page = browser.get("/moderation/closures?maker=software").text
    assert len(LISTED.findall(page)) == PAGE
    following = re.search(r'rel="next" href="([^"]*)"', page)[1].replace("&amp;", "&")
    assert "maker=software" in following
    with counted() as few:
        rest = browser.get(following).text
    assert len(LISTED.findall(rest)) == 2
    assert 'rel="next"' not in rest
    assert len(many) == len(few)
