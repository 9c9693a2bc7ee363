"""What waits for approval, by the settings of the site."""

from __future__ import annotations

import pytest

from forum import db
from forum.comments.writing import actions
from forum.errors import Invalid
from tests.comments.talk import let, put, row, say

LINKS = "See https://a.example and https://b.example"


def held(comment_id: int) -> tuple[str, str | None]:
    found = row(comment_id)
    return found.status, found.held_reason


def test_nothing_of_a_members_waits_by_itself(cast):
    assert held(say(cast.tom, cast.article, LINKS)) == ("published", None)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"hold_everything": True}, "everything"),
        ({"hold_first": 1}, "first"),
        ({"hold_links": 2}, "links"),
        ({"hold_words": ["See"]}, "words"),
    ],
)
def test_waits_and_says_why(cast, rules, reason):
    let(**rules)
    made = say(cast.tom, cast.article, LINKS)
    assert held(made) == ("held", reason)
    assert "a.example" not in cast.browser().get(f"/articles/{cast.article.slug}").text
    assert "a.example" in cast.browser(cast.tom).get(f"/comments/{made}").text
    for person in (cast.ida, cast.quill, cast.ada):  # the author of the article and staff
        assert held(say(person, cast.article, LINKS + person.username)) == ("published", None)


def test_the_first_two_wait_until_they_are_approved(cast):
    let(hold_first=2)
    first, second = (say(cast.tom, cast.article, f"Letter {n}") for n in range(2))
    put(first, "published")
    assert held(second) == held(say(cast.tom, cast.article, "Letter 3")) == ("held", "first")
    put(second, "published")
    assert held(say(cast.tom, cast.article, "Letter 4")) == ("published", None)


def test_guests_may_be_let_in_at_once(cast):
    let(who_may_comment="guests", hold_guests=False)
    assert held(say(None, cast.article)) == ("published", None)


def test_an_edit_that_would_have_waited_waits(cast):
    let(hold_links=2)
    made = say(cast.tom, cast.article, "Nothing to see")
    actions.edit(cast.tom, made, LINKS)
    db.commit()
    assert held(made) == ("held", "links")
    assert "a.example" not in cast.browser().get(f"/articles/{cast.article.slug}").text


def test_an_edit_of_what_has_replies_is_refused_with_the_text_kept(cast):
    let(hold_links=2)
    made = say(cast.tom, cast.article, "Nothing to see")
    say(cast.rosa, cast.article, "Indeed.", made)
    with pytest.raises(Invalid):
        actions.edit(cast.tom, made, LINKS)
    db.rollback()
    answer = cast.browser(cast.tom).post(f"/comments/{made}/edit", body=LINKS)
    assert answer.status_code == 422
    assert "https://a.example and https://b.example" in answer.text
    assert "cannot wait" in answer.text
    assert held(made) == ("published", None)
    assert "a.example" not in row(made).html


def test_what_a_moderator_published_stays_published_when_its_writer_edits_it(cast):
    let(hold_links=2)
    made = say(cast.tom, cast.article, LINKS)
    put(made, "published")
    actions.edit(cast.tom, made, LINKS + " once more")
    db.commit()
    assert row(made).status == "published"
