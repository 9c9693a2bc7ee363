"""The newest comments of the whole site."""

from __future__ import annotations

import re

import pytest

from forum import db
from forum.comments.models import Comment
from tests import factories
from tests.comments.talk import say
from tests.moderation.scene import decide


def listed(page: str) -> list[int]:
    """Return the comments of a page in its order."""
    return [int(id) for id in re.findall(r'href="/comments/(\d+)"', page)]


def test_the_newest_stand_first_with_who_and_where(cast):
    other = factories.article(cast.otto, "A bench for the square")
    first, second = say(cast.tom, cast.article, "Good morning."), say(cast.rosa, other, "It should face south.")
    page = cast.browser().get("/latest").text
    assert listed(page) == [second, first]
    assert "Rosa" in page and "A bench for the square" in page and "It should face south." in page
    assert 'content="noindex"' in page


def test_only_what_everybody_may_read(cast):
    hidden, kept = say(cast.tom, cast.article, "A canary."), say(cast.rosa, cast.article, "Fine.")
    decide(cast.quill, hidden, "hide")
    draft = factories.article(cast.ida, "Soon a draft")
    unseen = say(cast.tom, draft, "Under a draft.")
    db.lock()
    draft.status = "draft"
    db.commit()
    for person in (None, cast.tom, cast.quill, cast.ada):
        page = cast.browser(person).get("/latest").text
        assert listed(page) == [kept]
        assert "A canary." not in page and str(unseen) not in listed(page)


def test_pages_follow_each_other(cast):
    made = [say(cast.tom, cast.article, f"Number {number}.") for number in range(35)]
    page = cast.browser().get("/latest").text
    following = re.search(r'href="(/latest\?before=\d+)"', page)
    assert following is not None
    assert [*listed(page), *listed(cast.browser().get(following[1]).text)] == made[::-1]


def test_what_came_by_an_import_stands_where_its_moment_puts_it(cast):
    old, new = say(cast.tom, cast.article, "Of old."), say(cast.rosa, cast.article, "New.")
    db.lock()
    row = db.session.get_one(Comment, new)
    row.created_at = row.created_at.replace(year=2001)
    db.commit()
    assert listed(cast.browser().get("/latest").text) == [old, new]


@pytest.mark.parametrize("before", ["0", "-1", "x", "9" * 30, "999999", ""])
def test_an_unknown_place_is_the_beginning(cast, before):
    said = say(cast.tom, cast.article, "Good morning.")
    answer = cast.browser().get("/latest", query_string={"before": before})
    assert (answer.status_code, listed(answer.text)) == (200, [said])


def test_nothing_written_yet(cast):
    assert "Nothing written yet." in cast.browser().get("/latest").text
