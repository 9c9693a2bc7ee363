"""What each sanction keeps somebody from, until when, and what of it is told to whom."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from forum import db
from forum.clock import now
from forum.comments.models import Comment
from forum.comments.writing import actions as writing
from forum.errors import Conflict, Forbidden, Invalid, NotFound
from forum.moderation import erasing
from forum.notifications.actions import mark_read
from forum.people.queries import viewer_of
from forum.policy import FOREVER
from forum.sanctions import actions
from forum.sanctions.actions import Wanted
from forum.sanctions.models import Sanction
from forum.screening.wording import why
from tests import factories
from tests.comments.talk import row as comment_row
from tests.comments.talk import say
from tests.moderation.scene import decide, report
from tests.sanctions.scene import actor, acts, impose, row, told

LATER = timedelta(minutes=11)


def post(cast: Any, person: Any, body: str) -> Comment:
    made = writing.post(actor(person), cast.article.id, body)
    db.commit()
    return comment_row(made.id)


def test_a_person_who_is_held_waits_and_moderators_read_why(cast):
    before = say(cast.tom, cast.article, "Said before.")
    impose(cast.quill, cast.tom, "hold")
    made = post(cast, cast.tom, "Said after.")
    assert (made.status, made.held_reason) == ("held", "person")
    assert "everything this person writes waits" in why(made.held_reason)
    writing.edit(actor(cast.tom), before, "Changed after.")
    db.commit()
    assert (comment_row(before).status, comment_row(before).held_reason) == ("held", "person")
    assert post(cast, cast.rosa, "Not me.").status == "published"


def test_an_author_who_is_held_waits_under_their_own_article_and_cannot_approve_it(cast):
    impose(cast.quill, cast.ida, "hold")
    made = post(cast, cast.ida, "Under my own article.")
    assert made.status == "held"
    answer = cast.browser(cast.ida).post(f"/moderation/queue/{made.id}", decision="keep")
    assert (answer.status_code, comment_row(made.id).status) == (403, "held")


def test_with_replies_an_edit_of_somebody_held_is_refused_in_words(cast):
    made = say(cast.tom, cast.article, "Said before.")
    say(cast.rosa, cast.article, "An answer.", made)
    impose(cast.quill, cast.tom, "hold")
    with pytest.raises(Invalid, match="Everything you write waits now"):
        writing.edit(actor(cast.tom), made, "Changed after.")
    db.rollback()


def test_slow_mode_says_when_before_a_word_is_typed(cast):
    impose(cast.quill, cast.tom, "slow", minutes=10)
    page = f"/articles/{cast.article.slug}"
    assert "The next one in" not in cast.browser(cast.tom).get(page).text
    first = post(cast, cast.tom, "One.")
    assert first.status == "published"
    assert "every 10 minutes. The next one in 10 minutes." in cast.browser(cast.tom).get(page).text
    assert "The next one in" in cast.browser(cast.tom).get(f"/comments/{first.id}/more").text
    answer = cast.browser(cast.tom).post(f"{page}/comments", body="But I must say this.")
    assert (answer.status_code, "But I must say this." in answer.text) == (403, True)
    assert "The next one in" not in cast.browser(cast.rosa).get(page).text
    writing.withdraw(actor(cast.tom), first.id)
    db.commit()
    with pytest.raises(Forbidden, match="slow-mode"):
        post(cast, cast.tom, "Deleting does not help.")
    db.rollback()
    with time_machine.travel(now() + timedelta(minutes=10, seconds=1)):
        assert post(cast, cast.tom, "Two.").status == "published"


def test_two_posts_at_once_in_slow_mode_are_one(cast):
    impose(cast.quill, cast.tom, "slow")
    articles = [cast.article.id, factories.article(cast.ida, "Another").id]
    tom, results = actor(cast.tom), []
    db.rollback()
    barrier = threading.Barrier(2, timeout=20)

    def write(article_id: int) -> None:
        with cast.app.app_context():
            barrier.wait()
            try:
                writing.post(tom, article_id, "At once.")
                db.commit()
                results.append("posted")
            except Forbidden:
                db.rollback()
                results.append("refused")

    threads = [threading.Thread(target=write, args=(id,)) for id in articles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["posted", "refused"]


@pytest.mark.parametrize(
    ("kind", "days", "words"), [("suspension", 3, "read here until"), ("ban", None, "You can only read here.")]
)
def test_shut_out_reads_and_is_told_why(cast, kind, days, words):
    impose(cast.ada, cast.tom, kind, days=days, words="Rule two, again.")
    with pytest.raises(Forbidden):
        post(cast, cast.tom, "But I must say this.")
    db.rollback()
    page = cast.browser(cast.tom).get(f"/articles/{cast.article.slug}").text
    assert words in page
    assert "Rule two, again." in page
    refused = cast.browser(cast.tom).post(f"/articles/{cast.article.slug}/comments", body="But I must say this.")
    for shown in (page, refused.text):  # the way to object, and the same end as in the notice
        assert 'href="/notices">Why, and what you can say against it' in shown
    if days:
        ends = re.search("read here until ([^.]+)[.]", page)[1]
        assert ends in cast.browser(cast.tom).get("/notices").text
    own, others = (cast.browser(person).get("/people/tom").text for person in (cast.tom, cast.rosa))
    assert "Rule two, again." in own
    assert "Can only read" in own
    assert "2199" not in own
    assert "Rule two" not in others
    assert "Can only read" not in others


@pytest.mark.parametrize("kind", ["hold", "slow", "suspension"])
def test_ends_by_the_clock_alone(cast, kind):
    made = impose(cast.quill, cast.tom, kind, days=1)
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        assert post(cast, cast.tom, "One.").status == "published"
        assert post(cast, cast.tom, "Two.").status == "published"
        assert row(made).lifted_at is None
        impose(cast.quill, cast.tom, kind, days=1)  # again, since the first is over
        seen = viewer_of(cast.tom.id)
        assert any((seen.suspended_until, seen.held_until, seen.slow_until))


def test_once_at_a_time_and_a_ban_beside_a_suspension(cast):
    first = impose(cast.quill, cast.tom, "suspension")
    with pytest.raises(Conflict, match="in force already"):
        impose(cast.ada, cast.tom, "suspension")
    db.rollback()
    ban = impose(cast.ada, cast.tom, "ban")
    assert viewer_of(cast.tom.id).suspended_until == FOREVER
    actions.lift(actor(cast.ada), ban, "A mistake.")
    db.commit()
    assert viewer_of(cast.tom.id).suspended_until == row(first).until
    with pytest.raises(Forbidden, match="lifted-already"):
        actions.lift(actor(cast.ada), ban, "Again.")
    db.rollback()


@pytest.mark.parametrize("kind", ["warning", "note"])
def test_a_form_that_is_sent_twice_is_one_warning(cast, kind):
    before = len(told(cast.tom))
    with time_machine.travel(now(), tick=False) as clock:
        first = impose(cast.quill, cast.tom, kind)
        assert impose(cast.quill, cast.tom, kind) == first
        assert len(told(cast.tom)) == before + (kind == "warning")
        others = {impose(cast.ada, cast.tom, kind), impose(cast.quill, cast.tom, kind, note="More.", words="More.")}
        clock.shift(timedelta(minutes=11))
        others.add(impose(cast.quill, cast.tom, kind))
    assert len(others - {first}) == 3


def test_two_moderators_at_once_are_one_sanction(cast):
    moderators, results = [actor(cast.quill), actor(cast.ada)], []
    db.rollback()
    barrier = threading.Barrier(2, timeout=20)

    def sanction(who: Any, whom: int) -> None:
        with cast.app.app_context():
            barrier.wait()
            try:
                actions.sanction(who, whom, Wanted("hold", words="Enough."))
                db.commit()
                results.append("done")
            except Conflict:
                db.rollback()
                results.append("told")

    whom = cast.tom.id
    threads = [threading.Thread(target=sanction, args=(who, whom)) for who in moderators]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["done", "told"]
    assert db.session.scalar(select(func.count(Sanction.id)).where(Sanction.person_id == cast.tom.id)) == 1
    assert acts(cast.tom).count("person.hold") == 1


def test_the_person_is_told_what_which_words_which_rule_and_until_when(cast):
    said = say(cast.tom, cast.article, "Something rude about Rosa.")
    impose(
        cast.quill, cast.tom, "suspension", days=2, rule="1", words="Please rest.", comment_id=said, note="Third time."
    )
    (notice,) = told(cast.tom)
    assert (notice.outcome, notice.words, notice.text) == ("suspension", "Something rude about Rosa.", "Please rest.")
    assert notice.rule.startswith("1. ")
    assert notice.until is not None
    page = cast.browser(cast.tom).get("/notices").text
    assert "Please rest." in page
    assert "Third time." not in page
    assert "Quill" not in page
    assert acts(cast.tom)[0] == "person.suspend"
    assert acts(cast.tom).count("person.suspend") == 1
    for person in (cast.rosa, cast.ida, None):
        for url in ("/people/tom", "/history", "/notices", f"/comments/{said}"):
            text = cast.browser(person).get(url).text
            assert "Please rest." not in text
            assert "Third time." not in text


@pytest.mark.parametrize(
    ("kind", "needed"),
    [("note", "note"), ("warning", ""), ("hold", ""), ("slow", "minutes"), ("suspension", "days"), ("ban", "")],
)
def test_the_form_says_what_is_needed(cast, kind, needed):
    url = f"/moderation/people/tom/{kind}"
    page = cast.browser(cast.ada).get(url).text
    required = re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]*)"[^>]* required', page)
    assert required == ([needed] if needed else [])
    assert ("one of them is needed" in page) == (kind != "note")
    typed = {"minutes": "5", "days": "3", "words": "Enough.", "note": "Between us."}
    refused = cast.browser(cast.ada).post(url, **{**typed, needed or "words": ""})
    assert refused.status_code == 422


def test_a_note_is_told_to_nobody_but_moderators(cast):
    impose(cast.quill, cast.tom, "note", note="Writes as two people.")
    assert told(cast.tom) == []
    assert "Writes as two people." in cast.browser(cast.ada).get("/moderation/people/tom").text
    assert "Writes as two people." not in cast.browser(cast.tom).get("/people/tom").text
    assert cast.browser(cast.tom).get("/moderation/people/tom").status_code == 403


def test_the_history_of_staff_tells_nobody_what_is_kept_about_them(cast):
    impose(cast.ada, cast.quill, "note", note="Decides in haste.")
    impose(cast.quill, cast.tom, "note", note="Writes as two people.")
    moderators, admins = (cast.browser(person).get("/moderation/history").text for person in (cast.quill, cast.ada))
    assert "Writes as two people." in moderators
    assert "Decides in haste." not in moderators
    assert "Decides in haste." in admins


@pytest.mark.parametrize("read", [False, True])
def test_undone_without_trace_unless_it_was_read(cast, read):
    made = impose(cast.quill, cast.tom, "suspension")
    if read:
        mark_read(actor(cast.tom), told(cast.tom)[0].id)
        db.commit()
    actions.undo(actor(cast.quill), made)
    db.commit()
    assert [notice.kind for notice in told(cast.tom)] == (["lifted", "sanction"] if read else [])
    assert viewer_of(cast.tom.id).suspended_until is None
    assert post(cast, cast.tom, "I am back.").status == "published"
    assert acts(cast.tom)[:2] == ["person.undo-sanction", "person.suspend"]
    assert "Taken back at once" in cast.browser(cast.ada).get("/moderation/people/tom").text


def test_undo_is_its_makers_for_ten_minutes_and_once(cast):
    made = impose(cast.quill, cast.tom, "hold")
    with pytest.raises(Forbidden, match="only-maker-undoes"):
        actions.undo(actor(cast.ada), made)
    db.rollback()
    with time_machine.travel(now() + LATER), pytest.raises(Forbidden, match="undo-sanction-over"):
        actions.undo(actor(cast.quill), made)
    db.rollback()
    browser = cast.browser(cast.quill)
    assert browser.post(f"/moderation/sanctions/{made}/undo").status_code == 303
    assert browser.post(f"/moderation/sanctions/{made}/undo").status_code == 403


def test_lifted_with_a_reason_that_is_told(cast):
    made = impose(cast.quill, cast.tom, "hold")
    browser = cast.browser(cast.quill)
    assert browser.post(f"/moderation/sanctions/{made}/lift", why=" ").status_code == 422
    assert browser.post(f"/moderation/sanctions/{made}/lift", why="You said sorry.").status_code == 303
    assert post(cast, cast.tom, "Thank you.").status == "published"
    assert (told(cast.tom)[0].kind, told(cast.tom)[0].text) == ("lifted", "You said sorry.")
    assert "You said sorry." in cast.browser(cast.tom).get("/notices").text
    assert acts(cast.tom)[0] == "person.lift"


def test_nothing_half_meant_is_written(cast):
    theirs = say(cast.rosa, cast.article, "Rosa's own.")
    wrong = [
        Wanted("hold"),
        Wanted("note", words="Not a note."),
        Wanted("slow", words="Slower."),
        Wanted("suspension", words="Rest."),
        Wanted("warning", words="Enough.", rule="99"),
    ]
    for wanted in wrong:
        with pytest.raises(Invalid):
            actions.sanction(actor(cast.quill), cast.tom.id, wanted)
        db.rollback()
    for wanted in (Wanted("banish", words="Go."), Wanted("warning", words="Enough.", comment_id=theirs)):
        with pytest.raises(NotFound):
            actions.sanction(actor(cast.quill), cast.tom.id, wanted)
        db.rollback()
    browser = cast.browser(cast.quill)
    for fields in ({"comment": "x"}, {"comment": "9" * 20}, {"comment": "-1"}):
        assert browser.post("/moderation/people/tom/warning", words="Enough.", **fields).status_code == 404
    assert browser.post("/moderation/people/tom/warning", words="x" * 1001).status_code == 422
    assert browser.post("/moderation/people/nobody/warning", words="Enough.").status_code == 404
    assert db.session.scalar(select(func.count(Sanction.id)).where(Sanction.person_id == cast.tom.id)) == 0


def test_what_may_quote_an_erased_comment_is_gone(cast):
    said = say(cast.tom, cast.article, "Rosa lives in Mill Lane.")
    impose(cast.quill, cast.tom, "warning", words="Do not write Mill Lane.", note="Mill Lane.", comment_id=said)
    erasing.erase_comment(actor(cast.ada), said, "1")
    db.commit()
    for person, url in ((cast.tom, "/notices"), (cast.ada, "/moderation/people/tom"), (cast.ada, "/history")):
        assert "Mill Lane" not in cast.browser(person).get(url).text


def test_the_page_of_who_did_nothing_wrong_says_so_in_sentences(cast):
    page = cast.browser(cast.quill).get("/moderation/people/tom").text
    assert "<li>Nothing was removed.</li>\n<li>No report was made.</li>" in page


def test_the_page_of_a_person_counts(cast):
    first, second = (say(cast.tom, cast.article, f"Letter {n}.") for n in range(2))
    third = say(cast.rosa, cast.article, "Something rude.")
    report(cast.tom, third)
    decide(cast.quill, first, "hide", "1")
    decide(cast.quill, third, "hide", "1")
    page = cast.browser(cast.quill).get(f"/moderation/people/tom?comment={second}").text
    for words in (
        "1 comment published",
        "1 removed: 1. ",
        "1 report made",
        "1 of 1 that were decided led to a removal",
    ):
        assert words in page
    assert f"/moderation/people/tom/slow?comment={second}" in page.replace("&amp;", "&")
    menu = cast.browser(cast.quill).get(f"/comments/{second}/more").text
    assert f"/moderation/people/tom?comment={second}" in menu
    assert "/moderation/people" not in cast.browser(cast.ida).get(f"/comments/{second}/more").text
    assert "/moderation/people/tom" in cast.browser(cast.quill).get("/people/tom").text
