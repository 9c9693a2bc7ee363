"""Somebody remembers a sentence, and finds it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from forum import db
from forum.clock import now
from forum.comments.models import Comment
from tests.browser.conftest import Site
from tests.browser.pages import RIVER_ID
from tests.browser.running import PHONE, Visit, inside, say

pytestmark = pytest.mark.browser
SENTENCE = "The café keeps its Bücher under the stairs."


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_sentence_of_two_years_ago_is_found(fresh: Site, visit: Callable[..., Visit], scripts: bool) -> None:
    with inside(fresh.instance, fresh.database):
        written = say("hal", None, SENTENCE, RIVER_ID)
        db.lock(RIVER_ID)
        then = now() - timedelta(days=730)
        db.session.execute(update(Comment).where(Comment.id == written).values(created_at=then))
        db.commit()
    page = visit(fresh, viewport=PHONE, java_script_enabled=scripts).page
    page.goto("/")
    page.get_by_role("link", name="Search").click()
    found = page.locator(".result").filter(has_text="under the stairs")
    for _attempt in range(30):  # the worker takes in what changed within seconds
        page.get_by_role("searchbox").last.fill("cafe bucher stairs")
        page.get_by_role("button", name="Search").last.click()
        page.wait_for_url("**/search?*")
        if found.count():
            break
        page.wait_for_timeout(200)
    assert [mark.lower() for mark in found.locator("mark").all_inner_texts()] == ["café", "bücher", "stairs"]
    expect(page.locator(".result")).to_have_count(1)
    found.get_by_role("link").first.click()
    expect(page.locator(f"#c-{written}")).to_contain_text(SENTENCE)
    expect(page.locator(f"#c-{written}")).to_be_in_viewport()
