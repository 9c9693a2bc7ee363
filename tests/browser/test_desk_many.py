"""Twenty cases by touch on a phone, ten without a script, and several at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from forum import db
from forum.cases.models import Case
from tests.browser.conftest import Site
from tests.browser.running import PHONE, Visit, inside
from tests.browser.test_desk_keys import open_case, report_many

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]


def outcomes(site: Site) -> dict[str, int]:
    """Return how many reported cases were decided in which way."""
    with inside(site.instance, site.database):
        counted = select(Case.outcome, func.count()).where(Case.queue == "reported", Case.state == "decided")
        return {row[0]: row[1] for row in db.session.execute(counted.group_by(Case.outcome))}


def test_twenty_cases_by_touch(fresh: Site, visit: Open) -> None:
    before = outcomes(fresh)
    report_many(fresh, 18)  # two more wait in the demo
    page = visit(fresh, viewport=PHONE, has_touch=True).sign_in("fenwick")
    page.goto("/moderation/queue")
    page.locator(".case-row > a").first.tap()
    for number in range(20):
        page.locator(".desk-case .case.here").wait_for()
        case = open_case(page)
        if number % 2:
            page.locator(".desk-case select[name=reason]").select_option(index=1)
        button = page.locator(f".desk-case .decide button[value={'hide' if number % 2 else 'keep'}]")
        box = button.bounding_box()
        assert box and box["height"] >= 44
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        assert box["y"] + box["height"] <= PHONE["height"]  # without scrolling
        button.tap()
        page.wait_for_function("id => document.querySelector('.case.here')?.dataset.case !== id", arg=str(case))
    expect(page.get_by_text("All is quiet")).to_be_visible()
    after = outcomes(fresh)
    assert {name: after[name] - before.get(name, 0) for name in ("keep", "hide")} == {"keep": 10, "hide": 10}


def test_ten_cases_without_a_script(fresh: Site, visit: Open) -> None:
    before = outcomes(fresh)
    report_many(fresh, 8)
    page = visit(fresh, java_script_enabled=False).sign_in("fenwick")
    page.goto("/moderation/queue")
    page.locator(".case-row > a").first.click()
    for number in range(10):
        if number % 2:
            page.locator(".desk-case select[name=reason]").select_option(index=1)
        with page.expect_navigation():  # else the line is looked for on the page of before
            page.locator(f".desk-case .decide button[value={'hide' if number % 2 else 'keep'}]").click()
        expect(page.locator(".said")).to_contain_text("comment under")
    expect(page.get_by_text("All is quiet")).to_be_visible()
    after = outcomes(fresh)
    assert {name: after[name] - before.get(name, 0) for name in ("keep", "hide")} == {"keep": 5, "hide": 5}


@pytest.mark.parametrize("scripts", [True, False], ids=("script", "plain"))
def test_several_at_once_and_all_of_it_back(fresh: Site, visit: Open, scripts: bool) -> None:
    report_many(fresh, 4)
    page = visit(fresh, java_script_enabled=scripts).sign_in("fenwick")
    page.goto("/moderation/queue")
    for number in (1, 2, 3):
        page.locator(".pick input").nth(number).check()
    page.locator("#several-do").select_option(index=1)
    page.get_by_role("button", name="Selected ...").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Remove 3 comments of")
    page.get_by_role("button", name="Remove 3 comments").click()
    expect(page.locator(".said")).to_contain_text("Removed 3 comments.")
    expect(page.locator(".case-row")).to_have_count(3)
    page.locator(".said").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Took back 3 decisions.")
    page.goto("/moderation/queue")
    expect(page.locator(".case-row")).to_have_count(6)
