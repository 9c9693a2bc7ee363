"""From when on nothing serves what was removed: never said too early, and no longer than it is true."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from forum import db
from forum.legal import actions as legal
from forum.legal.actions import Filing
from forum.legal.views import desk
from forum.moderation import actions
from forum.moderation.queries.desk import case
from tests.legal.scene import decided, filed
from tests.moderation import scene

GONE = re.compile(r"Gone from all pages at (.*?)\.[ <]")


@pytest.mark.parametrize(
    ("now", "said"),
    [("14:21:04.000000", "14:21:05"), ("14:21:04.000001", "14:21:06"), ("23:59:59.500000", "00:00:01")],
)
def test_it_is_a_second_after_the_commit_rounded_up(cast, now, said):
    moment = datetime.fromisoformat(f"2026-05-01T{now}").replace(tzinfo=UTC)
    with cast.app.test_request_context(), time_machine.travel(moment, tick=False):
        assert desk.gone() == f"Gone from all pages at {said}."


def test_after_the_decision_and_in_the_list(cast):
    key = scene.write(cast.tom, cast.article, "Cheap lamps")
    scene.report(cast.rosa, key)
    browser, began = cast.browser(cast.quill), datetime.now(UTC)
    browser.post(f"/moderation/queue/{key}", decision="hide", reason="1")
    page = browser.get("/moderation/queue?tab=decided").text
    at_once, listed = GONE.findall(page)
    made = datetime.strptime(listed, "%d %b %Y, %H:%M:%S").replace(tzinfo=UTC)
    assert timedelta(seconds=1) < made - began
    assert re.fullmatch(r"\d\d:\d\d:\d\d", at_once)
    assert len(GONE.findall(browser.get("/moderation/queue?tab=decided").text)) == 1


def test_not_of_what_was_kept_or_came_back(cast):
    kept, back = (scene.write(cast.tom, cast.article, "Cheap lamps") for _ in range(2))
    scene.report(cast.rosa, kept)
    scene.decide(cast.quill, kept, "keep", "")
    scene.decide(cast.quill, back, "hide")
    quill = scene.actor(cast.quill)
    actions.decide(quill, back, "keep", seen=case(quill, back).seen)
    db.commit()
    assert GONE.findall(cast.browser(cast.quill).get("/moderation/queue?tab=decided").text) == []
    assert actions.OUTCOME["keep"] == scene.status(back)


def test_on_the_page_of_a_notice_of_law(cast):
    key = scene.write(cast.tom, cast.article, "Cheap lamps")
    case_id = filed(key)
    browser = cast.browser(cast.quill)
    assert GONE.findall(browser.get(f"/moderation/notices/{case_id}").text) == []
    decided(cast.quill, case_id, "hide")
    assert len(GONE.findall(browser.get(f"/moderation/notices/{case_id}").text)) == 1


def test_a_notice_about_an_article_takes_nothing_from_a_page(cast):
    made, _ = legal.file(
        Filing(f"/articles/{cast.article.slug}", "insult", "He calls me a thief.", "Nora", "nora@post.example"),
        lambda host: False,
    )
    decided(cast.quill, made.case_id, "hide")
    assert GONE.findall(cast.browser(cast.quill).get(f"/moderation/notices/{made.case_id}").text) == []
