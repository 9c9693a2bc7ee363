"""The queue: what is in it, in which order, for whom."""

import re

import pytest

from forum import db
from forum.comments.writing import actions as comments
from forum.moderation.queries import desk
from tests import factories
from tests.moderation import scene


def cases(text):
    """Return the comments whose cases a page shows, in order."""
    return [int(key) for key in re.findall(r'id="case-(\d+)"', text)]


def test_grouped_by_comment_and_the_oldest_first(cast):
    first = scene.write(cast.tom, cast.article, "the first")
    second = scene.write(cast.tom, cast.article, "the second")
    scene.report(cast.rosa, second, "spam")
    scene.report(cast.rosa, first, "off-topic")
    scene.report(cast.otto, second, "spam")
    page = cast.browser(cast.quill).get("/moderation/queue").text
    assert cases(page) == [second, first]
    assert "Spam: 2 reports" in page
    assert "Off topic: 1 report" in page


def test_a_case_shows_what_it_answers(cast):
    parent = scene.write(cast.ida, cast.article, "It was lowered. You have it the wrong way round.")
    scene.report(cast.rosa, scene.write(cast.tom, cast.article, "No.", parent))
    page = cast.browser(cast.quill).get("/moderation/queue").text
    assert "Ida</bdi></b></a>: It was lowered." in page


def test_moderators_see_who_reported_and_the_note(cast):
    scene.report(cast.rosa, scene.write(cast.tom, cast.article), note="He says this everywhere")
    page = cast.browser(cast.quill).get("/moderation/queue").text
    assert "Rosa" in page and "He says this everywhere" in page


def test_authors_do_not_see_who_reported(cast):
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key)
    browser = cast.browser(cast.ida)
    assert "Rosa" not in browser.get("/moderation/queue").text
    assert "Rosa" not in browser.get(f"/moderation/queue/{key}").text


def test_nobody_sees_who_reported_their_own_comment(cast):
    key = scene.write(cast.quill, cast.article)
    scene.report(cast.rosa, key, note="He told me so in the ferry")
    page = cast.browser(cast.quill).get(f"/moderation/queue/{key}").text
    assert "Rosa" not in page and "in the ferry" not in page
    assert "somebody else has to decide" in page


def test_authors_find_only_what_is_under_their_own_articles(cast):
    mine, other = scene.write(cast.tom, cast.article), scene.write(cast.tom, scene.another_article(cast))
    scene.report(cast.rosa, mine)
    scene.report(cast.rosa, other)
    browser = cast.browser(cast.ida)
    assert cases(browser.get("/moderation/queue").text) == [mine]
    assert browser.get(f"/moderation/queue/{other}").status_code == 404
    assert browser.post(f"/moderation/queue/{other}", decision="hide", reason="1").status_code == 404
    assert scene.status(other) == "published"


def test_readers_and_visitors_stay_outside(cast):
    key = scene.write(cast.tom, cast.article)
    assert cast.browser(cast.rosa).get("/moderation/queue").status_code == 403
    assert cast.browser(cast.rosa).get(f"/moderation/queue/{key}").status_code == 403
    assert cast.browser().get("/moderation/queue").status_code == 303


def test_what_waits_for_approval(cast):
    scene.let_guests_write()
    key = scene.write(None, cast.article, "May I come in?")
    page = cast.browser(cast.quill).get("/moderation/queue?tab=waiting").text
    assert cases(page) == [key]
    assert "May I come in?" in page
    assert "Passer-by" in page


def test_the_head_counts_what_waits(cast):
    scene.let_guests_write()
    scene.write(None, cast.article)
    scene.report(cast.rosa, scene.write(cast.tom, cast.article))
    assert 'Queue <span class="count">(2)</span>' in cast.browser(cast.quill).get("/moderation/queue").text


def test_a_deleted_comment_leaves_the_queue_and_comes_back_with_it(cast):
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key)
    comments.withdraw(scene.actor(cast.tom), key)
    db.commit()
    assert desk.reported(scene.actor(cast.quill)).items == []
    comments.undo_withdraw(scene.actor(cast.tom), key)
    db.commit()
    assert len(desk.reported(scene.actor(cast.quill)).items) == 1


def test_pages_follow_each_other_without_gap(cast):
    made = scene.many_reported(cast, desk.PAGE + 2)
    browser = cast.browser(cast.quill)
    first = browser.get("/moderation/queue").text
    after = re.search(r"after=([0-9T]+-\d+)", first)
    assert cases(first) + cases(browser.get(f"/moderation/queue?after={after[1]}").text) == made


@pytest.mark.parametrize("address", ["?after=x", "?after=20210101T000000000000-x"])
def test_an_odd_start_is_the_first_page(cast, address):
    made, browser = scene.many_reported(cast, 2), cast.browser(cast.quill)
    assert cases(browser.get(f"/moderation/queue{address}").text) == made


def test_an_odd_tab_is_not_found(cast):
    assert cast.browser(cast.quill).get("/moderation/queue?tab=people").status_code == 404


def test_as_many_statements_for_30_cases_as_for_3(cast, monkeypatch):
    monkeypatch.setattr(desk, "PAGE", 50)
    person = scene.actor(cast.quill)
    scene.many_reported(cast, 3)
    with scene.Statements(cast.app) as few:
        assert len(desk.reported(person).items) == 3
    scene.many_reported(cast, 27)
    with scene.Statements(cast.app) as many:
        assert len(desk.reported(person).items) == 30
    assert many.count == few.count


def test_the_page_costs_the_same_for_3_and_for_20(cast):
    browser = cast.browser(cast.quill)
    scene.many_reported(cast, 3)
    browser.get("/moderation/queue")
    with scene.Statements(cast.app) as few:
        browser.get("/moderation/queue")
    scene.many_reported(cast, 17)
    with scene.Statements(cast.app) as many:
        assert len(cases(browser.get("/moderation/queue").text)) == 20
    assert many.count == few.count


def test_looking_changes_nothing_about_the_statuses(cast):
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key)
    cast.browser(cast.quill).get("/moderation/queue")
    cast.browser(cast.quill).get(f"/moderation/queue/{key}")
    assert (scene.status(key), scene.decisions()) == ("published", 0)


def test_a_case_shows_the_text_as_it_was_reported(cast):
    key = scene.write(cast.tom, cast.article, "the first wording")
    scene.report(cast.rosa, key)
    comments.edit(scene.actor(cast.tom), key, "the second wording")
    db.commit()
    page = cast.browser(cast.quill).get(f"/moderation/queue/{key}").text
    assert "the first wording" in page and "the second wording" in page
    assert "Edited since it was reported" in cast.browser(cast.quill).get("/moderation/queue").text


def test_the_removed_are_counted_for_those_who_decide_there(cast):
    keys = [scene.write(cast.tom, cast.article, f"Answer {number}") for number in range(3)]
    other = factories.article(cast.otto, "Elsewhere")
    made = [scene.decide(cast.quill, key, "hide") for key in (*keys, scene.write(cast.tom, other))]
    scene.decide(cast.quill, scene.write(cast.tom, other, "Fine."), "keep")

    def number(person):
        page = cast.browser(person).get("/moderation/queue").text
        return re.search(r"Removed <span>([0-9+]+)</span>", page).group(1)

    assert [number(cast.quill), number(cast.ida), number(cast.otto)] == ["4", "3", "1"]
    cast.browser(cast.quill).post(f"/moderation/decisions/{made[0]}/undo")
    assert [number(cast.quill), number(cast.ida)] == ["3", "2"]


def test_nobody_counts_beyond_a_hundred(cast, monkeypatch):
    monkeypatch.setattr(desk, "MANY", 2)
    for number in range(4):
        scene.decide(cast.quill, scene.write(cast.tom, cast.article, f"Answer {number}"), "hide")
    assert desk.tabs(scene.actor(cast.quill)).removed == 2
