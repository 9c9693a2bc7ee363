"""Feeds and the page that offers them, in Chromium."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.browser.pages import CLOCK
from tests.browser.running import Visit

Open = Callable[..., Visit]


def test_the_address_of_a_feed_is_copied(shown: Site, visit: Open) -> None:
    page = visit(shown, permissions=["clipboard-read", "clipboard-write"]).page
    page.goto(CLOCK)
    page.get_by_role("link", name="Get new articles by feed").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Get new articles")
    page.get_by_role("button", name="Copy the address: All new articles").click()
    expect(page.get_by_role("status")).to_contain_text("The address is copied.")
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == f"{shown.address}/feeds/articles"
    answer = page.request.get(address)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"


def test_without_scripts_there_are_addresses_and_no_dead_buttons(shown: Site, visit: Open) -> None:
    page = visit(shown, java_script_enabled=False).page
    page.goto("/subscribe")
    expect(page.get_by_label("All new articles", exact=True)).to_have_value(f"{shown.address}/feeds/articles")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.goto(CLOCK)
    expect(page.get_by_role("link", name="Link to this article")).to_be_visible()


def test_the_block_for_search_engines_breaks_no_policy(shown: Site, visit: Open) -> None:
    """It is data: the browser keeps it and runs nothing, and the policy that forbids inline scripts lets it be."""
    page = visit(shown).page
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective))"
    )
    page.goto(CLOCK)
    page.wait_for_load_state("networkidle")
    found = json.loads(page.locator('script[type="application/ld+json"]').text_content() or "")
    assert found["headline"] == page.get_by_role("heading", level=1).text_content()
    assert len(found["comment"]) == 10
    assert said == []
