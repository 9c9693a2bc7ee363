"""What pages say of what is closed: never more, and never other than what is so."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from forum import db
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from tests.closures.test_close import closures, end
from tests.comments.talk import exchange, put, say

REST = "The rest of the discussion is open."


def close_all(cast, **values) -> int:
    made = closing.close_article(cast.ida, cast.article.id, Ending(**values))
    db.commit()
    return made.id


def test_the_history_tells_a_discussion_from_an_exchange(cast):
    ids = exchange(cast)
    close_all(cast)
    page = cast.browser().get("/history").text
    assert "Discussion closed" in page
    assert "Exchange ended" not in page
    end(cast, ids[-1], people="two")
    assert "Exchange ended" in cast.browser().get("/history").text


@pytest.mark.parametrize("people", ["all", "two"])
def test_the_rest_is_open_only_while_it_is(cast, people):
    ids = exchange(cast)
    made = end(cast, ids[-1], people=people)
    places = (f"/articles/{cast.article.slug}", f"/comments/{ids[0]}/branch", f"/closures/{made}")
    browser = cast.browser()
    assert all(REST in browser.get(place).text for place in places)
    whole = close_all(cast)
    assert not any(REST in browser.get(place).text for place in places)
    assert REST not in cast.browser(cast.quill).get("/moderation/closures").text
    about = browser.get(f"/closures/{made}").text
    assert "The whole discussion of this article is closed as well." in about
    assert "else" not in about.split("<main", 1)[1].split("</main>")[0]
    closing.reopen(cast.ida, whole, "")
    db.commit()
    assert all(REST in browser.get(place).text for place in places)


def test_what_was_reopened_is_told_as_past(cast):
    ids = exchange(cast)
    made = end(cast, ids[2], words="Enough.")
    closing.reopen(cast.quill, made, "Calmer now.")
    db.commit()
    page = cast.browser().get(f"/closures/{made}").text
    assert "This exchange was ended." in page
    assert "Reopened on" in page
    for present in ("This exchange has ended.", "Nobody can reply", REST):
        assert present not in page


def test_what_the_clock_opened_is_told_as_past(cast):
    made = close_all(cast, until=now() + timedelta(hours=1))
    assert "This discussion is closed." in cast.browser().get(f"/closures/{made}").text
    with time_machine.travel(now() + timedelta(hours=2), tick=True):
        page = cast.browser(cast.ida).get(f"/closures/{made}").text
    assert "This discussion was closed." in page
    assert "Open again since" in page
    assert "Nobody can comment" not in page


@pytest.mark.parametrize("name", ["tom", "quill", ""])
def test_the_words_stand_where_the_box_was(cast, name):
    exchange(cast)
    close_all(cast, words="Thank you all.")
    browser = cast.browser(getattr(cast, name) if name else None)
    for address in (f"/articles/{cast.article.slug}", f"/articles/{cast.article.slug}/comments"):
        foot = browser.get(address).text.split('class="write shut"')[1]
        assert "This discussion is closed." in foot
        assert "Thank you all." in foot
        assert "Closed by Ida" in foot
        assert "Sign in to" not in foot


def test_a_reply_too_late_is_not_sent_elsewhere_in_a_closed_discussion(cast):
    ids = exchange(cast)
    end(cast, ids[-1], words="The two of you.")
    reply = f"/comments/{ids[-1]}/reply"
    answer = cast.browser(cast.tom).post(reply, body="Half an hour of work.")
    assert answer.status_code == 409
    assert "post it elsewhere in the discussion" in answer.text
    close_all(cast, words="Thank you all.")
    for address in (reply, f"/articles/{cast.article.slug}/comments"):
        answer = cast.browser(cast.tom).post(address, body="Half an hour of work.")
        assert answer.status_code == 409
        assert "Half an hour of work." in answer.text
        assert "Thank you all." in answer.text
        assert "elsewhere" not in answer.text
    assert "Write a comment of your own" not in cast.browser(cast.tom).get(reply).text


def test_the_person_who_may_answer_once_more_is_told_so(cast):
    ids = exchange(cast)
    reply = f"/comments/{ids[-1]}/reply"
    assert "last answer" not in cast.browser(cast.tom).get(reply).text
    end(cast, ids[-1], actor=cast.ida, people="two", once=True)
    assert "this is your last answer here" in cast.browser(cast.tom).get(reply).text
    assert "last answer" not in cast.browser(cast.rosa).get(reply).text
    say(cast.tom, cast.article, "My last word.", parent=ids[-1])
    assert "last answer" not in cast.browser(cast.tom).get(reply).text


def test_the_page_of_a_closing_offers_to_undo_it(cast):
    ids = exchange(cast)
    made = end(cast, ids[2])
    undo = f'action="/closures/{made}/undo"'
    assert undo in cast.browser(cast.quill).get(f"/closures/{made}").text
    for other in (cast.ada, cast.tom, None):
        assert undo not in cast.browser(other).get(f"/closures/{made}").text
    with time_machine.travel(now() + timedelta(minutes=11), tick=True):
        page = cast.browser(cast.quill).get(f"/closures/{made}").text
    assert undo not in page
    assert f"/closures/{made}/reopen" in page
    assert len(closures()) == 1


class TestRemoved:
    """A writer reads what was removed of theirs, and the rule it broke."""

    @pytest.fixture
    def removed(self, cast):
        made = say(cast.tom, cast.article, "A rude sentence.")
        say(cast.rosa, cast.article, "I heard that.", parent=made)
        put(made, "hidden", "1. Be kind")
        return made

    def test_the_writer_finds_it(self, cast, removed):
        tom = cast.browser(cast.tom)
        assert "Read what was removed" in tom.get(f"/comments/{removed}/more").text
        page = tom.get(f"/comments/{removed}/history").text
        assert "A rude sentence." in page
        assert "1. Be kind" in page
        assert "Only its writer and the moderators see it." in page

    def test_others_do_not(self, cast, removed):
        rosa = cast.browser(cast.rosa)
        assert "Read what was removed" not in rosa.get(f"/comments/{removed}/more").text
        assert rosa.get(f"/comments/{removed}/history").status_code == 403

    @pytest.mark.parametrize("status", ["sealed", "spam", "withdrawn"])
    def test_what_is_sealed_or_spam_is_for_nobody(self, cast, removed, status):
        put(removed, status)
        tom = cast.browser(cast.tom)
        assert "Read what was removed" not in tom.get(f"/comments/{removed}/more").text
        assert tom.get(f"/comments/{removed}/history").status_code == 404


def test_no_words_of_a_closing_or_reopening_turn_the_page_around(cast):
    ids = exchange(cast)
    made = end(cast, ids[-1], words="Enough \u202ethat\u061c" + "\u0301" * 40, note="\u2066Between us")
    closing.reopen(cast.ida, made, "\u202eA mistake")
    db.commit()
    closure = db.session.get_one(Closure, made)
    assert (closure.words, closure.note) == ("Enough that" + "\u0301" * 5, "Between us")
    assert closure.reopen_reason == "A mistake"
