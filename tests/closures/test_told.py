"""Who is told that something was ended, at once, and what becomes of it when that is undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from forum import db
from forum.clock import now
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.notifications import actions, queries
from tests.closures.test_close import end
from tests.comments.talk import exchange, say


def told(person) -> list[tuple[str, str, str]]:
    """Return what somebody was told of closings, newest first: reach, with whom, outcome."""
    notices = queries.notices(person.id).items
    return [(notice.reach, notice.other, notice.outcome) for notice in notices if notice.kind == "closed"]


def read(person) -> None:
    actions.mark_read(person, queries.notices(person.id).newest)
    db.commit()


def everybody(cast):
    return {name: told(getattr(cast, name)) for name in ("tom", "ida", "rosa", "quill", "ada")}


def test_both_of_two_people_and_nobody_else(cast):
    ids = exchange(cast)
    say(cast.rosa, cast.article, "Hear, hear.", ids[2])
    end(cast, ids[-1], people="two", words="Enough.", until=now() + timedelta(days=1))
    assert everybody(cast) == {
        "tom": [("two", "Ida", "")],
        "ida": [("two", "Tom", "")],
        "rosa": [],
        "quill": [],
        "ada": [],
    }
    page = cast.browser(cast.tom).get("/notices").text
    assert "You and Ida can no longer answer each other here." in page
    assert "Until " in page
    assert "Enough." in page
    assert "Quill" not in page.split("<main")[1]


def test_those_who_wrote_in_the_branch_and_the_author(cast):
    ids = exchange(cast)
    say(cast.rosa, cast.article, "Elsewhere.")
    say(cast.otto, cast.article, "In the midst.", ids[4])
    end(cast, ids[-1], people="all", start_id=ids[2])
    assert told(cast.tom) == [("branch", "", "")]
    assert told(cast.otto) == [("branch", "", "")]
    assert told(cast.ida) == [("own", "", "")]
    assert told(cast.rosa) == []


def test_the_author_where_a_moderator_closes_the_article(cast):
    exchange(cast)
    closing.close_article(cast.quill, cast.article.id, Ending())
    db.commit()
    assert told(cast.ida) == [("article", "", "")]
    assert told(cast.tom) == []
    assert "The discussion of your article was closed." in cast.browser(cast.ida).get("/notices").text


def test_never_the_one_who_ended_it(cast):
    ids = exchange(cast)
    end(cast, ids[-1], actor=cast.ida, people="two")
    assert told(cast.ida) == []
    assert told(cast.tom) == [("two", "Ida", "")]
    assert "author ended it." in cast.browser(cast.tom).get("/notices").text


@pytest.mark.parametrize("people", ["two", "all"])
def test_undone_it_leaves_no_alarm(cast, people):
    ids = exchange(cast)
    made = end(cast, ids[-1], people=people, start_id=ids[0])
    assert told(cast.tom)
    read(cast.ida)
    closing.undo(cast.quill, made)
    db.commit()
    assert told(cast.tom) == []
    assert queries.unseen(cast.tom.id) == 0
    assert [outcome for _, _, outcome in told(cast.ida)] == ["reopened", ""]
    assert "again" in cast.browser(cast.ida).get("/notices").text


def test_a_whole_article_undone_leaves_no_alarm(cast):
    made = closing.close_article(cast.quill, cast.article.id, Ending())
    db.commit()
    closing.undo(cast.quill, made.id)
    db.commit()
    assert told(cast.ida) == []


def test_reopened_it_is_told_to_those_who_know(cast):
    ids = exchange(cast)
    made = end(cast, ids[-1], people="two")
    read(cast.tom)
    with time_machine.travel(now() + timedelta(days=1), tick=True):
        closing.reopen(cast.ada, made, "Calmer now.")
        db.commit()
    assert told(cast.tom)[0] == ("two", "Ida", "reopened")
    assert told(cast.ida) == []
    page = cast.browser(cast.tom).get("/notices").text
    assert "You and Ida can answer each other again." in page
    assert "Calmer now." in page


def test_sent_twice_it_is_told_once(cast):
    ids = exchange(cast)
    for _ in range(2):
        end(cast, ids[-1], people="two", reply="My last word.", key="k" * 20, actor=cast.ida)
    assert told(cast.tom) == [("two", "Ida", "")]
