"""The public history."""

import re

from forum import db
from forum.clock import now
from forum.ledger import actions as ledger
from forum.moderation.queries import decisions
from forum.site.models import Site
from tests import factories
from tests.moderation import scene


def test_it_tells_act_article_and_rule_but_no_name_and_no_text(cast):
    key = scene.write(cast.tom, cast.article, "A secret sentence")
    scene.report(cast.rosa, key, note="A secret note")
    scene.decide(cast.quill, key, "hide", note="A secret remark")
    answer = cast.browser().get("/history")
    assert answer.status_code == 200
    assert "A comment was removed" in answer.text
    assert "The library opens on Saturday" in answer.text
    assert "The rule: 1. " in answer.text
    for word in ("secret", "Tom", "Rosa", "Quill"):
        assert word not in answer.text


def test_search_engines_stay_out(cast):
    answer = cast.browser().get("/history")
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in answer.text


def test_neither_reports_nor_what_betrays_them(cast):
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key)
    made = scene.decide(cast.quill, key, "keep")
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    assert decisions.history(scene.actor(cast.tom))[0] == []


def test_an_admin_can_keep_it_to_the_moderators(cast):
    db.lock()
    db.session.get_one(Site, 1).public_history = False
    db.commit()
    assert cast.browser().get("/history").status_code == 403
    assert cast.browser(cast.quill).get("/history").status_code == 200


def test_articles_that_are_not_out_are_not_named(cast):
    draft = factories.article(cast.ida, "Not for your eyes", status="draft")
    db.lock()
    ledger.record("comment.hide", now(), article_id=draft.id)
    db.commit()
    assert "Not for your eyes" not in cast.browser().get("/history").text


def test_what_was_taken_back_is_one_line(cast):
    key = scene.write(cast.tom, cast.article)
    made = scene.decide(cast.quill, key, "hide")
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    scene.decide(cast.quill, key, "spam")
    deeds, _ = decisions.history(scene.actor(cast.tom))
    assert [(deed.act, deed.undone_at is not None) for deed in deeds] == [
        ("comment.spam", False),
        ("comment.hide", True),
    ]
    page = cast.browser().get("/history").text
    assert page.count("Taken back on") == 1


def test_a_closure_undone_without_trace_is_not_told(cast):
    db.lock()
    ledger.record("closure.make", now(), article_id=cast.article.id, closure_id=4711)
    db.commit()
    assert "Exchange ended" not in cast.browser().get("/history").text


def test_pages_follow_each_other(cast):
    db.lock()
    for _ in range(decisions.DEEDS + 2):
        ledger.record("comment.hide", now(), article_id=cast.article.id)
    db.commit()
    browser = cast.browser()
    first = browser.get("/history").text
    older = re.search(r"before=(\d+)", first)[1]
    numbers = re.findall(r'id="deed-(\d+)"', first + browser.get(f"/history?before={older}").text)
    assert numbers == sorted(numbers, key=int, reverse=True)
    assert len(numbers) == decisions.DEEDS + 2


def test_staff_read_of_one_entry_in_the_singular(cast):
    db.lock()
    for _ in range(2):
        ledger.record("comment.hide", now(), article_id=cast.article.id)
    assert ledger.seal(1) == 1
    db.commit()
    browser = cast.browser(cast.quill)
    assert "1 entry of the log is sealed. Its hash:" in browser.get("/history").text
    ledger.seal()
    db.commit()
    assert re.search(r"[2-9]\d* entries of the log are sealed", browser.get("/history").text)
