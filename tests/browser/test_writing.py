"""Writing an article in Chromium: from a phone, with the buttons and keys, beside its preview, in two windows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.running import PHONE, Visit

pytestmark = pytest.mark.browser
WIDE = {"width": 1280, "height": 900}


def box(page: Page) -> str:
    """Return what stands in the box of the text."""
    return page.input_value("#body")


def mark(page: Page, start: int, end: int) -> None:
    """Select a part of the text."""
    page.locator("#body").evaluate("(box, [start, end]) => box.setSelectionRange(start, end)", [start, end])


def press(page: Page, name: str) -> None:
    """Press a button of the toolbar."""
    page.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()


def test_a_piece_with_a_footnote_is_published_from_a_phone(fresh: Site, visit: Callable[..., Visit]) -> None:
    page = visit(fresh, viewport=PHONE, has_touch=True, is_mobile=True).sign_in("mina")
    page.goto("/articles/new")
    expect(page.locator("#title")).to_be_focused()
    page.fill("#title", "A bench for the square")
    page.fill("#standfirst", "Two benches, one sun.")
    page.locator("#body").press_sequentially("It faces south.")
    press(page, "Footnote")
    page.keyboard.type("The Gazette says so.")
    assert box(page) == "It faces south.[^1]\n\n[^1]: The Gazette says so."
    page.get_by_role("button", name="Preview").click()
    pane = page.get_by_role("region", name="Preview")
    expect(pane.locator("section.notes")).to_contain_text("The Gazette says so.")
    page.get_by_role("button", name="Publish now").click()
    page.wait_for_url("**/articles/a-bench-for-the-square")
    expect(page.locator(".standfirst")).to_have_text("Two benches, one sun.")
    page.locator("sup.note a").click()
    assert page.evaluate("location.hash").startswith("#fn-")
    back = page.get_by_label("Back to the text")
    back.click()
    assert page.evaluate("location.hash").startswith("#fnref-")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_buttons_and_keys_edit_the_markdown_and_undo_takes_it_back(shown: Site, visit: Callable[..., Visit]) -> None:
    page = visit(shown, viewport=WIDE).sign_in("mina")
    page.goto("/articles/new")
    page.fill("#body", "one\ntwo")
    mark(page, 0, 7)
    press(page, "List")
    assert box(page) == "- one\n- two"
    press(page, "List")
    assert box(page) == "one\ntwo"
    mark(page, 0, 3)
    page.keyboard.press("Control+b")
    assert box(page) == "**one**\ntwo"
    page.keyboard.press("Control+z")
    assert box(page) == "one\ntwo"
    mark(page, 0, 3)
    page.keyboard.press("Control+k")
    page.keyboard.type("https://example.org")
    assert box(page) == "[one](https://example.org)\ntwo"
    page.keyboard.press("Control+Shift+H")
    assert box(page).startswith("## [one]")
    press(page, "Quotation")
    assert box(page).startswith("> ## [one]")


def test_the_toolbar_is_one_stop_and_its_arrows_go_along(shown: Site, visit: Callable[..., Visit]) -> None:
    page = visit(shown, viewport=WIDE).sign_in("mina")
    page.goto("/articles/new")
    page.focus("#standfirst")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Bold")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Link")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#body")).to_be_focused()


def test_the_preview_stands_beside_the_text_on_a_wide_screen(shown: Site, visit: Callable[..., Visit]) -> None:
    page = visit(shown, viewport=WIDE).sign_in("mina")
    page.goto("/articles/new")
    page.locator("#body").press_sequentially("It faces **south**.")
    pane = page.get_by_role("region", name="Preview")
    expect(pane.locator("strong")).to_have_text("south")
    form, beside = page.locator("#article-form").bounding_box(), pane.bounding_box()
    assert form and beside
    assert form["x"] + form["width"] < beside["x"]
    page.set_viewport_size(PHONE)
    expect(pane).to_be_hidden()


def test_the_toolbar_stands_between_the_word_and_its_box(shown: Site, visit: Callable[..., Visit]) -> None:
    page = visit(shown).sign_in("mina")
    page.goto("/articles/new")
    parts = page.locator("label[for=body]"), page.get_by_role("toolbar"), page.locator("#body")
    tops = [part.evaluate("one => one.getBoundingClientRect().top") for part in parts]
    assert tops == sorted(tops)


def test_without_scripts_there_is_a_button_and_no_toolbar(shown: Site, visit: Callable[..., Visit]) -> None:
    page = visit(shown, viewport=PHONE, java_script_enabled=False).sign_in("mina")
    page.goto("/articles/new")
    expect(page.get_by_role("toolbar")).to_have_count(0)
    page.fill("#body", "It faces **south**.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview strong")).to_have_text("south")
    assert box(page) == "It faces **south**."


CLOCK = "/articles/the-ferry-house-clock-is-going-to-be-right"


def test_what_only_this_browser_kept_is_offered_and_put_back(fresh: Site, visit: Callable[..., Visit]) -> None:
    page = visit(fresh, viewport=WIDE).sign_in("mina")
    page.goto(f"{CLOCK}/edit")
    before = box(page)
    expect(page.locator("[data-given-back]")).to_be_hidden()
    page.locator("#body").press_sequentially("Begun on a train. ")
    page = _window_after_a_crash(page)
    written = re.compile(r"by \d{1,2} \w+ \d{4} at \d\d:\d\d was not saved. This browser kept it.")
    expect(page.locator("[data-given-back]")).to_contain_text(written)
    assert box(page) == before
    page.get_by_role("button", name="Put it back").click()
    assert box(page) != before and "Begun on a train." in box(page)
    page.get_by_role("button", name="Publish changes").click()
    expect(page.locator(".prose")).to_contain_text("Begun on a train.")
    page.goto(f"{CLOCK}/edit")
    expect(page.locator("[data-given-back]")).to_be_hidden()


def test_an_author_who_puts_back_older_words_reads_before_what_they_replace(
    fresh: Site, visit: Callable[..., Visit]
) -> None:
    page = visit(fresh, viewport=WIDE).sign_in("mina")
    page.goto(f"{CLOCK}/edit")
    page.locator("#body").press_sequentially("Begun on a train. ")
    page = _window_after_a_crash(page)
    expect(page.locator("[data-given-back]")).to_be_visible()
    expect(page.locator("[data-since]")).to_be_hidden()
    admin = visit(fresh, viewport=WIDE).sign_in("odile")
    admin.goto(f"{CLOCK}/edit")
    admin.fill("#body", "What an admin saved meanwhile.")
    admin.get_by_role("button", name="Publish changes").click()
    expect(admin.locator(".prose")).to_contain_text("saved meanwhile")
    page.goto(f"{CLOCK}/edit")
    assert box(page) == "What an admin saved meanwhile."
    expect(page.locator("[data-since]")).to_contain_text("it stands in place of that")


def test_what_was_typed_into_a_comment_of_ones_own_is_offered_again(fresh: Site, visit: Callable[..., Visit]) -> None:
    page = visit(fresh, viewport=PHONE).sign_in("bertram")
    page.goto(CLOCK)
    page.fill("#write textarea", "A first word.")
    page.locator("#write").get_by_role("button", name="Post").click()
    page.wait_for_url("**#c-*")
    page.goto(f"/comments/{page.url.rpartition('#c-')[2]}/edit")
    page.locator("#body").press_sequentially("And more. ")
    page = _window_after_a_crash(page)
    page.get_by_role("button", name="Put it back").click()
    assert sorted(box(page).split()) == sorted(["And", "more.", "A", "first", "word."])


def test_what_one_window_posts_leaves_what_another_keeps(fresh: Site, visit: Callable[..., Visit]) -> None:
    page = visit(fresh, viewport=WIDE).sign_in("mina")
    page.goto("/articles/new")
    page.fill("#title", "Of one window")
    page.fill("#body", "One.")
    other = page.context.new_page()
    other.goto("/articles/new")
    other.fill("#title", "Of the other window")
    page.get_by_role("button", name="Save as a draft").click()
    page.wait_for_url("**/edit")
    other = _window_after_a_crash(other)
    assert other.input_value("#title") == "Of the other window"


def _window_after_a_crash(page: Page) -> Page:
    """Close a window without a word, and open its page in another."""
    address, context = page.url, page.context
    page.close(run_before_unload=False)
    page = context.new_page()
    page.goto(address)
    return page


def test_what_is_typed_is_kept_and_another_window_does_not_go_over_it(fresh: Site, visit: Callable[..., Visit]) -> None:
    window = visit(fresh, viewport=WIDE)
    page = window.sign_in("mina")
    page.goto("/articles/new")
    page.fill("#title", "A bench for the square")
    page.fill("#body", "It faces south.")
    page.get_by_role("button", name="Save as a draft").click()
    page.wait_for_url("**/edit")
    page.clock.install()
    page.reload()
    page.locator("#body").press_sequentially(" And north.")
    page.clock.run_for(21_000)
    expect(page.locator(".kept-note")).to_have_text("What you typed is kept, and not saved yet.")
    other = page.context.new_page()
    other.goto(page.url)
    assert "And north." in box(other)
    other.fill("#body", "The second window.")
    other.get_by_role("button", name="Save as a draft").click()
    expect(other.get_by_text("The draft is saved.")).to_be_visible()
    page.locator("#body").press_sequentially(" And west.")
    page.clock.run_for(21_000)
    expect(page.locator(".kept-note")).to_contain_text("Somebody else saved this article meanwhile.")
    other.reload()
    assert box(other) == "The second window."


@pytest.mark.parametrize("status", [429, 503])
def test_what_the_server_could_not_keep_is_sent_again_without_another_key(
    fresh: Site, visit: Callable[..., Visit], status: int
) -> None:
    page = visit(fresh, viewport=WIDE).sign_in("mina")
    page.goto("/articles/new")
    page.fill("#title", "A bench for the square")
    page.fill("#body", "A bench.")
    page.get_by_role("button", name="Save as a draft").click()
    page.wait_for_url("**/edit")
    page.clock.install()
    page.reload()
    page.route("**/changes", lambda route: route.fulfill(status=status, body="Not now."), times=1)
    page.locator("#body").press_sequentially("It faces south.")
    with page.expect_response("**/changes"):
        page.clock.run_for(21_000)
    page.clock.run_for(21_000)
    expect(page.locator(".kept-note")).to_have_text("What you typed is kept, and not saved yet.")
