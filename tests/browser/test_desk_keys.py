"""Fifty mixed cases decided by single keys, and what the keys do beside that."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from forum import db
from forum.cases.models import Case
from forum.comments.models import Comment
from forum.moderation import actions
from tests.browser.conftest import Site
from tests.browser.pages import CLOCK_ID, TIMETABLE_FIRST
from tests.browser.running import PHONE, Visit, inside, person_named, say

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
REASONS = ("abuse", "spam", "off-topic", "danger")
KEYS = {"keep": ("a",), "hide": ("r", "2"), "spam": ("s",)}
PLAN = ("keep", "hide", "spam", "hide", "keep")  # what the person at the keys decides, again and again


def report_many(site: Site, number: int) -> None:
    """Write so many comments under two articles and report them for several reasons."""
    with inside(site.instance, site.database):
        articles = [db.session.get_one(Comment, id).article_id for id in (CLOCK_ID, TIMETABLE_FIRST)]
        for index in range(number):
            made = say("bertram", None, f"Number {index} of many.", articles[index % 2])
            actions.flag(person_named("agnes"), made, REASONS[index % len(REASONS)])
            db.commit()


def switched_on(site: Site, visit: Open, **options: object) -> Page:
    """Return Fenwick at the queue, with keys on."""
    page = visit(site, **options).sign_in("fenwick")
    page.goto("/moderation/queue")
    page.get_by_role("button", name="Decide with keys").click()
    expect(page.locator(".said")).to_contain_text("Keys are on")
    page.locator("[data-show-keys]:not([hidden])").wait_for(state="attached")  # the script is there
    return page


def test_keys_are_offered_only_where_a_script_can_hear_them(fresh: Site, visit: Open) -> None:
    page = visit(fresh, java_script_enabled=False).sign_in("fenwick")
    page.goto("/moderation/queue")
    expect(page.locator(".case-row").first).to_be_visible()
    expect(page.get_by_text("Decide with keys")).to_be_hidden()


def open_case(page: Page) -> int:
    """Return which case is open."""
    return int(page.locator(".desk-case .case.here").get_attribute("data-case") or 0)


def test_fifty_mixed_cases_by_keys_alone(fresh: Site, visit: Open) -> None:
    report_many(fresh, 48)  # two more wait in the demo
    page = switched_on(fresh, visit)
    page.evaluate("window.stayed = true")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator(".desk-case .case.here")).to_be_visible()
    pressed: list[int] = []
    decided: dict[int, str] = {}
    for number in range(50):
        case, decision = open_case(page), PLAN[number % len(PLAN)]
        for key in KEYS[decision]:
            page.keyboard.press(key)
        page.locator(f"#case-{case}").wait_for(state="detached")
        page.wait_for_function("id => document.querySelector('.case.here')?.dataset.case !== id", arg=str(case))
        pressed.append(len(KEYS[decision]))
        decided[case] = decision
    print(f"\n50 cases, keys a case: median {median(pressed)}, most {max(pressed)}, all {sum(pressed) + 2}")  # noqa: T201 -- shown
    assert median(pressed) <= 3
    expect(page.get_by_text("All is quiet")).to_be_visible()
    assert page.evaluate("window.stayed")
    with inside(fresh.instance, fresh.database):
        found = {case.id: case.outcome for case in db.session.scalars(select(Case).where(Case.id.in_(decided)))}
    assert found == decided and len(found) == 50


def test_keys_move_select_search_and_take_back(fresh: Site, visit: Open) -> None:
    report_many(fresh, 2)
    page = switched_on(fresh, visit)
    rows = page.locator(".case-row > a")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("a")  # is not open yet: nothing is decided unseen
    expect(page.locator(".told")).to_contain_text("Press the key again")
    case = open_case(page)
    expect(page.locator(".case-row")).to_have_count(4)
    page.keyboard.press("Control+a")
    page.keyboard.press("Shift+A")
    page.keyboard.press("r")
    expect(page.locator("#rules")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#rules")).to_be_hidden()
    expect(page.locator(".case-row")).to_have_count(4)
    page.keyboard.press("r")
    page.keyboard.press("Enter")  # the first rule
    expect(page.locator(f"#case-{case}")).to_have_count(0)
    page.keyboard.press("o")
    page.keyboard.press("u")
    expect(page.locator(f"#case-{case}")).to_be_visible()
    expect(page.get_by_role("button", name="List of keys")).to_be_visible()  # the script is there
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("a")  # decides nothing behind the list
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("aro")
    expect(page.locator("#q")).to_have_value("aro")
    expect(page.locator(".case-row")).to_have_count(4)


def test_without_the_switch_no_key_does_anything(fresh: Site, visit: Open) -> None:
    page = visit(fresh).sign_in("fenwick")
    page.goto("/moderation/queue")
    page.get_by_role("link", name="Begin with the first").click()
    expect(page.locator(".desk-case .case.here")).to_be_visible()
    for key in "jasu?":
        page.keyboard.press(key)
    expect(page.locator(".case-row")).to_have_count(2)
    expect(page.locator("dialog")).to_have_count(0)


def test_a_phone_shows_no_keys(fresh: Site, visit: Open) -> None:
    switched_on(fresh, visit)
    page = visit(fresh, viewport=PHONE, has_touch=True).sign_in("fenwick")
    page.goto("/moderation/queue")
    expect(page.get_by_role("button", name="List of keys")).to_be_hidden()
    page.locator(".case-row > a").first.tap()
    expect(page.locator(".desk-case .case.here")).to_be_visible()
    assert page.locator("kbd:visible").count() == 0
