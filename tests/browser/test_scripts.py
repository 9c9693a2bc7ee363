"""What scripts add to pages that work without them: kept drafts, and menus, replies and previews in place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site
from tests.browser.pages import CLOCK, CLOCK_ID, OPEN_LAST, TIMETABLE_FIRST
from tests.browser.running import Visit, inside, say

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
WORDS = "It strikes thirteen, if you let it."


@pytest.fixture(scope="module")
def site(shown: Site) -> Site:
    """Return a site on which these tests write."""
    return shown


def test_draft_outlives_the_page(site: Site, visit: Open) -> None:
    """What was typed is there again after the page was left, and its line says so."""
    page = visit(site).sign_in("hal")
    page.goto(CLOCK)
    _box(page).fill(WORDS)
    page.goto("/")
    page.goto(CLOCK)
    expect(_box(page)).to_have_value(WORDS)
    expect(page.locator(".draft-note")).to_be_visible()


def test_draft_is_gone_once_posted(site: Site, visit: Open) -> None:
    """A posted text is not offered again."""
    page = visit(site).sign_in("hal")
    page.goto(CLOCK)
    _box(page).fill(WORDS)
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    expect(_box(page)).to_have_value("")
    page.goto(CLOCK)
    expect(_box(page)).to_have_value("")


def test_draft_outlives_a_broken_line(site: Site, visit: Open) -> None:
    """A text that could not be sent is still there when the form is opened again."""
    window = visit(site)
    page = window.sign_in("agnes")
    page.goto(f"/comments/{OPEN_LAST}/reply")
    page.get_by_label("Your reply").fill(WORDS)
    window.context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Post").click(no_wait_after=True)
    window.context.set_offline(False)
    page.goto(f"/comments/{OPEN_LAST}/reply")
    expect(page.get_by_label("Your reply")).to_have_value(WORDS)


def test_draft_outlives_a_refusal(site: Site, visit: Open) -> None:
    """A refused form keeps its text in the page and in the browser."""
    page = visit(site).sign_in("agnes")
    page.goto(f"{CLOCK}/comments")
    page.get_by_label("Leave a comment").fill("x" * 10_001)
    page.get_by_role("button", name="Post").click()
    expect(page.locator(".wrong, .problem").first).to_be_visible()
    page.goto(f"{CLOCK}/comments")
    expect(page.get_by_label("Leave a comment")).to_have_value("x" * 10_001)


def test_signing_out_forgets_drafts(site: Site, visit: Open) -> None:
    """The next person at the browser finds nothing."""
    page = visit(site).sign_in("hal")
    page.goto(f"{CLOCK}/comments")
    page.get_by_label("Leave a comment").fill(WORDS)
    page.goto("/people/hal")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_menu_opens_in_place(site: Site, visit: Open) -> None:
    """The menu stands below its comment, is entered by keyboard and left with Escape."""
    page = visit(site).sign_in("hal")
    page.goto(CLOCK)
    link = page.locator(f"#c-{OPEN_LAST} .more-link")
    link.press("Enter")
    menu = page.locator(f"#c-{OPEN_LAST} .menu-list")
    expect(menu.get_by_role("link", name="Reply")).to_be_focused()
    expect(menu.get_by_role("link", name="Report")).to_be_visible()
    expect(link).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(link).to_be_focused()


def test_reply_and_preview_in_place(site: Site, visit: Open) -> None:
    """The reply box opens below the comment, shows a preview without a reload, and posts as usual."""
    page = visit(site).sign_in("renske")
    page.goto(CLOCK)
    page.evaluate("window.same = true")
    row = page.locator(f"#c-{OPEN_LAST}")
    row.locator(".acts").get_by_role("link", name="Reply").click()
    box = row.get_by_label("Your reply")
    expect(box).to_be_focused()
    box.fill("It is *five*.")
    row.get_by_role("button", name="Preview").click()
    expect(row.locator(".preview em")).to_have_text("five")
    expect(row.get_by_label("Your reply")).to_have_value("It is *five*.")
    assert page.evaluate("window.same") is True
    ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    row.get_by_role("button", name="Post").click()
    expect(page.locator(f"article[data-parent='{OPEN_LAST}']").last).to_contain_text("It is five.")


def test_reason_in_place(site: Site, visit: Open) -> None:
    """Where one cannot reply, the reason stands in the place of the box."""
    with inside(site.instance, site.database):
        last = say("hal", None, "To be closed in a moment.", CLOCK_ID)
    reader = visit(site).sign_in("agnes")
    reader.goto(f"/comments/{last}")
    moderator = visit(site).sign_in("fenwick")
    moderator.goto(f"/comments/{last}/close")
    moderator.get_by_label("Closing words").fill("Enough said.")
    moderator.get_by_label("Everybody, the whole thread").check()
    moderator.get_by_role("button", name="End it").click()
    expect(moderator.locator(".said")).to_be_visible()
    reader.locator(f"#c-{last} > .acts").get_by_role("link", name="Reply").click()
    expect(reader.locator(f"#c-{last} .shut")).to_contain_text("Enough said.")


def test_link_is_copied(site: Site, visit: Open) -> None:
    """Sharing copies the address where there is no system's sheet, and says so."""
    page = visit(site, permissions=["clipboard-read", "clipboard-write"]).page
    page.goto(CLOCK)
    page.get_by_role("link", name="Share", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("The address is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == site.address + CLOCK


def test_waiting_comment_stands_below_what_it_answers(site: Site, visit: Open) -> None:
    """A guest's own waiting comment is put below its parent; without scripts it stands at the end of the page."""
    page = visit(site).page
    page.goto(f"/comments/{TIMETABLE_FIRST}/reply")
    page.get_by_label("Your name").fill("Pia")
    page.get_by_label("Your reply").fill("I kept mine too.")
    page.get_by_role("button", name="Post").click()
    page.goto("/articles/the-last-paper-timetable")
    waiting = page.locator(f"#c-{TIMETABLE_FIRST} + .waiting")
    expect(waiting).to_contain_text("I kept mine too.")
    expect(waiting).to_contain_text("Waiting for approval")


def _box(page: Page) -> Locator:
    return page.locator("#write").get_by_label("Leave a comment")


def test_start_and_reach_are_chosen_together(site: Site, visit: Open) -> None:
    """Choosing where the end begins chooses the reach it belongs to; choosing another reach takes the start back."""
    page = visit(site).sign_in("fenwick")
    page.goto(f"/comments/{OPEN_LAST}/close")
    two, branch = page.get_by_label("These two"), page.get_by_label("Everybody, from one comment down")
    start = page.get_by_label("Which comment it begins at")
    proposed = start.input_value()
    expect(two).to_be_checked()
    start.select_option(str(OPEN_LAST))
    expect(branch).to_be_checked()
    two.check()
    expect(start).to_have_value(proposed)
