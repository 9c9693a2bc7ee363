"""Saved replies in Chromium: put into a box in place, and without scripts by the server."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.pages import OPEN_LAST, REPORTED
from tests.browser.running import PHONE, Visit

pytestmark = pytest.mark.browser
TITLE, BEGINNING = "About the matter", "Please write about the matter"


def put(page: Page, where: str = "main") -> None:
    """Choose the demo's reply and press the button."""
    box = page.locator(where)
    box.get_by_label("Saved reply").select_option(label=TITLE)
    box.get_by_role("button", name="Put into the box").click()


def test_it_is_put_in_place_and_kept_as_a_draft(shown: Site, visit: Callable[..., Visit]) -> None:
    page = visit(shown).sign_in("fenwick")
    page.goto(f"/comments/{OPEN_LAST}/reply")
    page.fill("#body", "Dear all,")
    page.evaluate("window.same = true")
    put(page)
    expect(page.locator("#body")).to_be_focused()
    assert page.input_value("#body").startswith(f"Dear all,\n\n{BEGINNING}")
    assert page.evaluate("window.same")
    page.reload()
    assert BEGINNING in page.input_value("#body")


def test_in_the_queue_and_in_a_box_below_a_comment(shown: Site, visit: Callable[..., Visit]) -> None:
    page = visit(shown).sign_in("fenwick")
    page.goto(f"/moderation/queue/{REPORTED}")
    page.locator("details.more summary").click()
    put(page, ".decide")
    assert page.input_value("textarea[name=note]").startswith(BEGINNING)
    page.goto(f"/comments/{OPEN_LAST}")
    page.locator(f"#c-{OPEN_LAST} > .acts a", has_text="Reply").click()
    put(page, ".in-place")
    assert page.input_value(".in-place textarea").startswith(BEGINNING)


def test_without_scripts_the_page_comes_back_with_it(shown: Site, visit: Callable[..., Visit]) -> None:
    page = visit(shown, viewport=PHONE, java_script_enabled=False).sign_in("fenwick")
    page.goto("/moderation/people/bertram/warning")
    page.fill("#note", "Second time")
    put(page)
    expect(page.locator("#words")).to_have_value(re.compile(f"^{BEGINNING}"))
    assert page.input_value("#note") == "Second time"
    assert page.url.endswith("/warning#words")


def test_enter_in_a_line_does_what_the_form_is_for(fresh: Site, visit: Callable[..., Visit]) -> None:
    page = visit(fresh, java_script_enabled=False).sign_in("fenwick")
    page.goto(f"/comments/{OPEN_LAST}/close")
    page.locator("summary", has_text="Note for the other moderators").click()
    page.fill("#note", "Enough")
    page.press("#note", "Enter")
    expect(page.get_by_text("This exchange has ended.").first).to_be_visible()
