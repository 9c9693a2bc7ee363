"""What is new since somebody was here: members by what the server noted, programs by a moment."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from forum import db
from forum.clock import now
from forum.comments.models import Comment, Visit
from forum.comments.reading import thread, visits
from forum.comments.reading.arrivals import MOST
from forum.moderation import actions as moderation
from forum.moderation.seen import seen_mark
from forum.screening.rules import REPORTED
from tests import factories
from tests.comments import talk
from tests.comments.talk import counted, pour, put, say
from tests.moderation import scene

WEEK = timedelta(days=7)


def a_week_passes(cast: Any) -> None:
    """Let everything there is be a week older."""
    db.lock(cast.article.id)
    for row in db.session.execute(select(Comment.id, Comment.created_at, Comment.shown_at)).all():
        moments = {"created_at": row.created_at - WEEK, "shown_at": row.shown_at and row.shown_at - WEEK}
        db.session.execute(update(Comment).where(Comment.id == row.id).values(moments))
    for visit in db.session.scalars(select(Visit)):
        visit.since = visit.since and visit.since - WEEK
        visit.until, visit.at = visit.until - WEEK, visit.at - WEEK
    db.commit()


def hold(comment_id: int, reason: str) -> None:
    """Let a comment wait for a moderator."""
    db.lock(talk.row(comment_id).article_id)
    talk.row(comment_id).held_reason = reason
    db.commit()
    put(comment_id, "held")


def new_to(browser: Any, address: str) -> list[int]:
    """Return what a page says is new, after comparing it with the words and the link to the first."""
    page = browser.get(address)
    assert page.status_code == 200
    found = re.search(r'<p class="arrived" data-new="([0-9 ]*)">(.*?)</p>', page.text)
    if not found:
        return []
    ids = [int(id) for id in found[1].split()]
    assert f'href="/comments/{ids[0]}"' in found[2]
    assert re.match(rf"(More than )?{len(ids)} new comments? since you were here on ", found[2])
    return ids


def since(cast: Any, moment: datetime | str | int, **headers: str) -> Any:
    """Ask as a visitor's script does."""
    if isinstance(moment, datetime):
        moment = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    query = {"since": moment, **({"order": headers.pop("order")} if "order" in headers else {})}
    return cast.browser().get(f"/articles/{cast.article.slug}/new-since", query_string=query, headers=headers)


def test_a_member_who_comes_back_is_told_what_others_wrote_meanwhile(cast):
    address = f"/articles/{cast.article.slug}"
    first = say(cast.tom, cast.article)
    rosa = cast.browser(cast.rosa)
    assert new_to(rosa, address) == []  # here for the first time, so nothing is older than anything else
    a_week_passes(cast)
    later = say(cast.ida, cast.article, "A thread of its own.")
    reply = say(cast.ida, cast.article, "A reply above it.", first)
    own = say(cast.rosa, cast.article, "Mine.", reply)
    assert new_to(rosa, address) == [reply, later]  # in reading order
    assert new_to(rosa, f"{address}?order=newest") == [later, reply]
    assert new_to(rosa, f"/comments/{first}/branch") == [reply, later]  # still the same visit
    assert new_to(cast.browser(cast.tom), address) == []  # he was never here
    a_week_passes(cast)
    assert new_to(rosa, address) == []
    assert own not in new_to(cast.browser(cast.ida), address)


def test_what_waited_is_new_when_it_is_let_in(cast):
    address = f"/articles/{cast.article.slug}"
    reported, waited, first = (say(cast.tom, cast.article, words) for words in ("Reported.", "Waits.", "First."))
    hold(waited, "guest")
    hold(reported, REPORTED)
    rosa = cast.browser(cast.rosa)
    assert new_to(rosa, address) == []
    a_week_passes(cast)
    before = now()
    for id in (waited, reported):  # it had been read before readers reported it
        assert scene.decide(cast.quill, id, "keep")
    assert since(cast, before).json == {"ids": [waited], "more": False}
    assert new_to(rosa, address) == [waited]
    until = re.search(r'data-until="([0-9]+)"', cast.browser().get(address).text)
    assert until
    assert since(cast, int(until[1])).json["ids"] == []
    a_week_passes(cast)
    assert new_to(rosa, address) == []
    later = say(cast.ida, cast.article, "Later.", first)
    assert new_to(rosa, address) == [later]


@pytest.mark.parametrize("removal", ["hide", "spam"])
@pytest.mark.parametrize("reason", ["guest", REPORTED, None])
def test_what_was_removed_and_restored_is_new_only_to_those_who_could_not_have_read_it(cast, removal, reason):
    made = say(cast.tom, cast.article, "Once removed.")
    if reason:
        hold(made, reason)
    before = now()
    removed = scene.decide(cast.quill, made, removal)
    moderation.decide(scene.actor(cast.quill), made, "keep", seen=seen_mark(removed, None))
    db.commit()
    assert since(cast, before).json["ids"] == ([made] if reason == "guest" else [])


def test_no_page_tells_when_something_came_that_was_removed_unread(cast):
    address = f"/articles/{cast.article.slug}"
    say(cast.tom, cast.article)
    before = re.findall(r'data-until="[0-9]+"', cast.browser().get(address).text)
    made = say(cast.tom, cast.article, "Waits.")
    hold(made, "guest")
    scene.decide(cast.quill, made, "spam")
    assert re.findall(r'data-until="[0-9]+"', cast.browser().get(address).text) == before != []


def test_more_let_in_than_are_read(cast):
    say(cast.tom, cast.article)
    before = now()
    pour(cast.article, [cast.tom], [None] * (MOST + 1))
    db.lock(cast.article.id)
    db.session.execute(update(Comment).values(created_at=before - WEEK, shown_at=now()))
    db.commit()
    answer = since(cast, before).json
    assert (len(answer["ids"]), answer["more"]) == (MOST, True)


@pytest.mark.parametrize("page", ["article", "branch"])
def test_what_is_written_while_a_page_is_drawn_is_new_the_next_time(cast, monkeypatch, page):
    first = say(cast.tom, cast.article)
    address = f"/articles/{cast.article.slug}" if page == "article" else f"/comments/{first}/branch"
    rosa, ida, late, for_real = cast.browser(cast.rosa), cast.browser(cast.ida), [], getattr(thread, f"{page}_page")

    def slowly(*args: Any, **options: Any) -> Any:
        shown = for_real(*args, **options)
        if not late:
            late.append(ida.post(f"/comments/{first}/reply", body="Meanwhile.").status_code)
        return shown

    monkeypatch.setattr(thread, f"{page}_page", slowly)
    rosa.get(address)
    a_week_passes(cast)
    assert late == [303] and len(new_to(rosa, address)) == 1


def test_only_what_everybody_may_read_is_new(cast):
    address = f"/articles/{cast.article.slug}"
    say(cast.tom, cast.article)
    rosa = cast.browser(cast.rosa)
    rosa.get(address)
    a_week_passes(cast)
    kept, removed, held = (say(cast.tom, cast.article, f"Comment {number}.") for number in range(3))
    put(removed, "hidden", "1. Be kind.")
    put(held, "held")
    assert new_to(rosa, address) == [kept]
    assert json.loads(since(cast, 1).text)["ids"][1:] == [kept]
    quill = cast.browser(cast.quill)
    quill.get(address)
    assert new_to(quill, address) == []


def test_reading_writes_only_for_members_and_waits_for_nobody(cast):
    address = f"/articles/{cast.article.slug}"
    say(cast.tom, cast.article)
    with counted() as sent:
        cast.browser().get(address)
    assert not [one for one in sent if re.match("INSERT|UPDATE|DELETE", one)]
    rosa = cast.browser(cast.rosa)
    assert rosa.open(address, "HEAD").status_code == 200
    assert rosa.get(address, headers={"Sec-Purpose": "prefetch"}).status_code == 200
    assert db.session.scalars(select(Visit)).all() == []
    assert rosa.get(address).status_code == 200
    noted = db.session.scalars(select(Visit)).one()
    assert (noted.person_id, noted.article_id, noted.since) == (cast.rosa.id, cast.article.id, None)
    with counted() as sent:
        rosa.get(address)  # within the minute
    assert not [one for one in sent if re.match("INSERT INTO visits", one)]


def test_what_is_noted_takes_as_many_statements_whatever_there_is(cast):
    address = f"/articles/{cast.article.slug}"
    say(cast.tom, cast.article)
    rosa = cast.browser(cast.rosa)

    def statements() -> int:
        cast.browser(cast.tom).get(address)  # draws the piece
        with counted() as sent:
            rosa.get(address)
        return len(sent)

    rosa.get(address)
    a_week_passes(cast)
    say(cast.tom, cast.article)
    few = statements()
    a_week_passes(cast)
    pour(cast.article, [cast.tom, cast.ida], [None, *range(MOST + 20)])
    assert statements() == few
    listed = re.search(r'data-new="([0-9 ]*)">([^<]*)', rosa.get(address).text)
    assert listed
    assert len(listed[1].split()) == MOST
    assert listed[2].startswith(f"More than {MOST} new comments")


def test_the_ids_since_a_moment_come_in_the_order_of_the_page(cast):
    ids = pour(cast.article, [cast.tom, cast.ida], [None, 0, None, 0, 2, 1])
    moments = dict(db.session.execute(select(Comment.id, Comment.created_at)).all())
    assert json.loads(since(cast, 1).text) == {"ids": [ids[n] for n in (0, 1, 5, 3, 2, 4)], "more": False}
    assert json.loads(since(cast, 1, order="newest").text)["ids"] == [ids[n] for n in (2, 4, 0, 1, 5, 3)]
    assert json.loads(since(cast, moments[ids[2]]).text)["ids"] == [ids[n] for n in (5, 3, 4)]
    assert json.loads(since(cast, moments[ids[5]]).text)["ids"] == []


def test_asking_again_costs_one_statement_until_something_changes(cast):
    say(cast.tom, cast.article)
    first = since(cast, 1)
    tag = first.headers["ETag"]
    db.session.refresh(cast.article)  # so that the test itself asks nothing below
    with counted() as sent:
        again = since(cast, 1, **{"If-None-Match": tag})
    assert (again.status_code, again.text) == (304, "")
    assert len([one for one in sent if "FROM articles" in one or "FROM comments" in one]) == 1
    assert "Set-Cookie" not in first.headers
    say(cast.tom, cast.article)
    changed = since(cast, 1, **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert len(json.loads(changed.text)["ids"]) == 2


@pytest.mark.parametrize("moment", ["", "x", "-1", "0", "%00", "1" * 30, "9" * 10_000, "1.5", "' OR 1=1", "\ud800"])
def test_a_moment_that_is_none_is_refused_in_words(cast, moment):
    answer = cast.browser().get(
        f"/articles/{cast.article.slug}/new-since", query_string={"since": moment.encode("utf-8", "replace")}
    )
    assert answer.status_code in (400, 414)


def test_a_moment_to_come_is_this_one(cast):
    say(cast.tom, cast.article)
    assert json.loads(since(cast, 999_999_999_999_999_999).text)["ids"] == []


def test_of_what_is_not_out_nobody_is_told(cast):
    draft = factories.article(cast.ida, "A draft", status="draft", published_at=None)
    later = factories.article(cast.ida, "Later", published_at=now() + WEEK)
    for slug in (draft.slug, later.slug, "nothing"):
        for browser in (cast.browser(), cast.browser(cast.ida), cast.browser(cast.ada)):
            assert browser.get(f"/articles/{slug}/new-since?since=1").status_code == 404


def test_what_is_too_long_ago_is_forgotten(cast):
    say(cast.tom, cast.article)
    for person in (cast.rosa, cast.tom):
        cast.browser(person).get(f"/articles/{cast.article.slug}")
    old = db.session.get_one(Visit, (cast.rosa.id, cast.article.id))
    db.lock()
    old.at = now() - timedelta(days=366)
    db.commit()
    assert visits.purge_visits(now()) == 1
    db.commit()
    assert [visit.person_id for visit in db.session.scalars(select(Visit))] == [cast.tom.id]
    assert visits.purge_visits(now()) == 0


def test_a_draft_that_was_looked_at_can_still_be_deleted(cast):
    draft = factories.article(cast.ida, "A draft", status="draft", published_at=None)
    ida = cast.browser(cast.ida)
    assert ida.get(f"/articles/{draft.slug}").status_code == 200
    assert db.session.scalars(select(Visit)).one().article_id == draft.id
    assert ida.post(f"/articles/{draft.slug}/delete").status_code == 303
    assert db.session.scalars(select(Visit)).all() == []


def test_two_first_visits_at_once_are_one(cast):
    moment = now()
    for _ in range(2):
        visits.note(cast.rosa.id, cast.article.id, None, moment, moment)
    db.commit()
    assert len(db.session.scalars(select(Visit)).all()) == 1
    db.lock()
    db.session.execute(delete(Visit))
    db.commit()
