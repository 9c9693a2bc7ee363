"""The queue: what is in it, in which order, for whom."""

import re

import pytest
from sqlalchemy import select

from forum import db
from forum.cases.models import Case
from forum.comments.writing import actions as comments
from forum.moderation.queries import queue
from forum.moderation.queries.queue import Filters
from tests.comments.talk import let, say
from tests.moderation import scene


def cases(text):
    """Return the comments whose cases a page shows, in order."""
    return [int(key) for key in re.findall(r'data-comment="(\d+)"', text)]


def test_grouped_by_comment_and_the_oldest_first(cast):
    first = scene.write(cast.tom, cast.article, "the first")
    second = scene.write(cast.tom, cast.article, "the second")
    scene.report(cast.rosa, second, "spam")
    scene.report(cast.rosa, first, "off-topic")
    scene.report(cast.otto, second, "spam")
    page = cast.browser(cast.quill).get("/moderation/queue").text
    assert cases(page) == [second, first]
    assert "Spam ×2" in page
    assert "Off topic" in page


def test_a_case_shows_what_it_answers(cast):
    parent = scene.write(cast.ida, cast.article, "It was lowered. You have it the wrong way round.")
    key = scene.write(cast.tom, cast.article, "No.", parent)
    scene.write(cast.rosa, cast.article, "Oh yes.", key)
    scene.report(cast.rosa, key)
    page = cast.browser(cast.quill).get(f"/moderation/queue?case={scene.case_of(key)}").text
    assert "Ida</bdi></b></a>: It was lowered." in page
    assert "Rosa</bdi></b></a>: Oh yes." in page


def test_moderators_see_who_reported_and_the_note(cast):
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key, note="He says this everywhere")
    page = cast.browser(cast.quill).get(f"/moderation/queue?case={scene.case_of(key)}").text
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
    assert queue.page(scene.actor(cast.quill), Filters()).rows == []
    comments.undo_withdraw(scene.actor(cast.tom), key)
    db.commit()
    assert len(queue.page(scene.actor(cast.quill), Filters()).rows) == 1


def test_pages_follow_each_other_without_gap(cast):
    made = scene.many_reported(cast, queue.PAGE + 2)
    browser = cast.browser(cast.quill)
    first = browser.get("/moderation/queue").text
    after = re.search(r"after=(\d+)\">Next", first)
    assert cases(first) + cases(browser.get(f"/moderation/queue?after={after[1]}").text) == made


@pytest.mark.parametrize("address", ["?after=x", "?after=987654", "?age=ever&order=up&reason=none&holder="])
def test_an_odd_start_is_the_first_page(cast, address):
    made, browser = scene.many_reported(cast, 2), cast.browser(cast.quill)
    assert cases(browser.get(f"/moderation/queue{address}").text) == made


def test_an_odd_tab_is_not_found(cast):
    assert cast.browser(cast.quill).get("/moderation/queue?tab=people").status_code == 404


def test_as_many_statements_for_30_cases_as_for_3(cast, monkeypatch):
    monkeypatch.setattr(queue, "PAGE", 50)
    person = scene.actor(cast.quill)
    scene.many_reported(cast, 3)
    queue.page(person, Filters())
    with scene.Statements(cast.app) as few:
        assert len(queue.page(person, Filters()).rows) == 3
    scene.many_reported(cast, 27)
    with scene.Statements(cast.app) as many:
        assert len(queue.page(person, Filters()).rows) == 30
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
    opened = cast.browser(cast.quill).get(f"/moderation/queue?case={scene.case_of(key)}").text
    assert "Edited since it was reported" in opened


def test_nobody_counts_beyond_a_hundred(cast, monkeypatch):
    monkeypatch.setattr(queue, "MANY", 2)
    scene.many_reported(cast, 4)
    none = dict.fromkeys(("waiting", "objections", "notices", "exchanges"), 0)
    assert queue.tabs(scene.actor(cast.quill)) == {"reported": 2, **none}


def test_what_was_decided_is_listed_newest_first_with_its_undo(cast):
    keys = scene.many_reported(cast, 3)
    made = [scene.decide(cast.quill, keys[0], "hide"), scene.decide(cast.ada, keys[1], "keep", "")]
    browser = cast.browser(cast.quill)
    page = browser.get("/moderation/queue?tab=decided").text
    assert cases(page) == [keys[1], keys[0]]
    assert "Kept by Ada" in page and "Removed by Quill" in page
    opened = browser.get(f"/moderation/queue?tab=decided&case={scene.case_of(keys[0])}").text
    assert f"/moderation/decisions/{made[0]}/undo?back=tab%3Ddecided" in opened
    answer = browser.post(f"/moderation/decisions/{made[0]}/undo?back=tab%3Ddecided")
    assert answer.location == "/moderation/queue?tab=decided"
    assert scene.status(keys[0]) == "published"
    assert cases(browser.get("/moderation/queue?tab=removed", follow_redirects=True).text) == [keys[1]]


def test_what_is_urgent_comes_first_or_the_newest(cast):
    keys = scene.many_reported(cast, 3)
    scene.report(cast.otto, keys[1], "illegal")
    scene.report(cast.otto, keys[2], "danger")
    browser = cast.browser(cast.quill)
    assert cases(browser.get("/moderation/queue").text) == [keys[2], keys[1], keys[0]]
    assert cases(browser.get("/moderation/queue?order=newest").text) == [keys[2], keys[1], keys[0]]
    scene.decide(cast.quill, keys[2], "keep", "")
    assert cases(browser.get("/moderation/queue?order=newest").text) == [keys[1], keys[0]]


@pytest.mark.parametrize("order", ["", "newest"])
def test_pages_of_mixed_urgency_follow_each_other(cast, monkeypatch, order):
    monkeypatch.setattr(queue, "PAGE", 2)
    keys = scene.many_reported(cast, 5)
    scene.report(cast.otto, keys[3], "danger")
    person, seen, after = scene.actor(cast.quill), [], None
    while True:
        page = queue.page(person, Filters(order=order), after)
        seen += [row.comment_id for row in page.rows]
        after = page.after
        if after is None:
            break
    wanted = [keys[3], *keys[:3], keys[4]] if not order else keys[::-1]
    assert seen == wanted


FILTERS = [
    ({"reason": "spam"}, [1]),
    ({"reason": "danger"}, []),
    ({"person": "tom"}, [0]),
    ({"person": "nobody-of-that-name"}, []),
    ({"article": "a-bridge-for-the-ferry"}, [1]),
    ({"tag": "ferries"}, []),
    ({"age": "hour"}, []),
    ({"holder": "nobody"}, [0, 1]),
    ({"holder": "me"}, []),
    ({"q": "HERON otto"}, [1]),
    ({"q": "herons"}, [1]),
    ({"q": "nothing-like-it"}, []),
]


@pytest.mark.parametrize(("wanted", "found"), FILTERS, ids=[str(row[0]) for row in FILTERS])
def test_filters_narrow_the_list(cast, wanted, found):
    keys = [
        scene.write(cast.tom, cast.article, "A stork."),
        scene.write(cast.otto, scene.another_article(cast), "Herons."),
    ]
    scene.report(cast.rosa, keys[0])
    scene.report(cast.rosa, keys[1], "spam")
    address = "&".join(f"{name}={value}" for name, value in wanted.items())
    page = cast.browser(cast.quill).get(f"/moderation/queue?{address}").text
    assert cases(page) == [keys[number] for number in found]


def test_admins_find_accounts_and_others_do_not(cast):
    page = cast.browser(cast.ada).get("/moderation/queue?tab=accounts").text
    case = int(re.search(r'data-case="(\d+)"', page)[1])
    assert "Nele" in page
    assert cast.browser(cast.quill).get("/moderation/queue?tab=accounts").status_code == 404
    browser = cast.browser(cast.ada)
    opened = browser.get(f"/moderation/cases/{case}", follow_redirects=True).text
    assert "Approve" in opened
    answer = browser.post(f"/moderation/cases/{case}/account", decision="approve", back="tab=accounts")
    assert answer.location == "/moderation/queue?tab=accounts"
    assert browser.post(f"/moderation/cases/{case}/account", decision="refuse").status_code == 409
    assert browser.post("/moderation/cases/99999/account", decision="refuse").status_code == 404


def test_a_claim_is_shown_to_others_renewed_and_released(cast):
    key = scene.many_reported(cast, 1)[0]
    case = scene.case_of(key)
    quill, ada = cast.browser(cast.quill), cast.browser(cast.ada)
    assert "has it open" not in ada.get("/moderation/queue").text
    quill.get(f"/moderation/queue?case={case}")
    assert "Quill has it open" in ada.get("/moderation/queue").text
    assert "Quill has it open" not in quill.get("/moderation/queue?holder=nobody").text
    assert "Quill has this open, too" in ada.get(f"/moderation/queue?case={case}").text
    ada.post(f"/moderation/cases/{case}/claim", release="1")  # another's stays
    assert cases(quill.get("/moderation/queue?holder=me").text) == [key]
    quill.post(f"/moderation/cases/{case}/claim", release="1")
    assert "has it open" not in ada.get("/moderation/queue").text
    quill.post(f"/moderation/cases/{case}/claim")
    assert ada.post(f"/moderation/queue/{key}", decision="keep").status_code == 303  # it locks nothing
    assert "has it open" not in ada.get("/moderation/queue?tab=decided").text


def test_a_moderator_who_opens_another_case_holds_only_that_case(cast):
    first, second = scene.many_reported(cast, 2)
    quill = cast.browser(cast.quill)
    for key in (first, second):
        quill.get(f"/moderation/queue?case={scene.case_of(key)}")
    assert cases(quill.get("/moderation/queue?holder=me").text) == [second]


def test_after_a_decision_the_same_page_with_the_next_case_open(cast):
    first, second = scene.many_reported(cast, 2)
    fields = {"decision": "hide", "reason": "1", "back": "person=tom", "next": str(scene.case_of(second))}
    answer = cast.browser(cast.quill).post(f"/moderation/queue/{first}", **fields)
    assert answer.location == f"/moderation/queue?person=tom&case={scene.case_of(second)}"


def test_a_script_gets_the_next_case_with_what_was_said(cast):
    first, second = scene.many_reported(cast, 2)
    fields = {"decision": "hide", "reason": "1", "next": str(scene.case_of(second))}
    browser = cast.browser(cast.quill)
    answer = browser.post(f"/moderation/queue/{first}", fragment=True, **fields)
    assert answer.status_code == 200 and "<html" not in answer.text
    assert "Removed Tom&#39;s comment under" in answer.text
    assert f'data-case="{scene.case_of(second)}"' in answer.text
    refused = browser.post(f"/moderation/queue/{second}", fragment=True, decision="hide")
    assert refused.status_code == 422 and "Please choose the rule" in refused.text


def test_a_forged_way_back_leads_nowhere_else(cast):
    key = scene.many_reported(cast, 1)[0]
    answer = cast.browser(cast.quill).post(f"/moderation/queue/{key}", decision="keep", back="//evil.example?x=1&tab=<")
    assert answer.location.startswith("/moderation/queue")
    assert "evil" not in answer.location


def test_a_case_says_why_the_comment_waits(cast):
    let(hold_words=["casino"], hold_links=2)
    say(cast.tom, cast.article, "Come to the CASINO")
    say(cast.rosa, cast.article, "https://a.example https://b.example")
    page = cast.browser(cast.quill).get("/moderation/queue?tab=waiting").text
    assert "It has a word from the list of words that wait." in page
    assert "It has many links." in page
    case = db.session.scalars(select(Case.id).where(Case.held_reason == "words")).one()
    assert "“casino”" in cast.browser(cast.quill).get(f"/moderation/queue?tab=waiting&case={case}").text
