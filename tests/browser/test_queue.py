"""Three cases decided one after the other: in place beside the list, on a phone, and without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from forum import db
from forum.cases.models import Case
from forum.comments.models import Comment
from forum.moderation import actions
from tests.browser.conftest import Site
from tests.browser.pages import CLOCK_ID
from tests.browser.running import PHONE, WIDE, Visit, inside, person_named, say

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]


@pytest.fixture
def three(fresh: Site) -> list[int]:
    """Return three cases, of which the first two waited in the demo already."""
    with inside(fresh.instance, fresh.database):
        article_id = db.session.get_one(Comment, CLOCK_ID).article_id
        new = say("bertram", None, "The third of them.", article_id)
        actions.flag(person_named("agnes"), new, "abuse")
        db.commit()
        query = select(Case.id).where(Case.queue == "reported", Case.state == "open").order_by(Case.since)
        return list(db.session.scalars(query))


def outcomes(site: Site, cases: list[int]) -> list[str | None]:
    """Return what was decided about each."""
    with inside(site.instance, site.database):
        found = {case.id: case.outcome for case in db.session.scalars(select(Case).where(Case.id.in_(cases)))}
    return [found[id] for id in cases]


def remove(page: Page) -> None:
    """Remove the case that is open, by the first rule."""
    page.locator(".desk-case select[name=reason]").select_option(index=1)
    page.locator(".desk-case").get_by_role("button", name="Remove", exact=True).click()


def keep(page: Page) -> None:
    """Keep the case that is open."""
    page.locator(".desk-case").get_by_role("button", name="Keep").click()


def test_beside_the_list_the_row_goes_and_the_next_is_open(fresh: Site, three: list[int], visit: Open) -> None:
    page = visit(fresh, viewport=WIDE).sign_in("fenwick")
    page.goto("/moderation/queue")
    page.evaluate("window.stayed = true")
    page.locator(f"#case-{three[0]} a").click()
    expect(page.locator(f".desk-case [data-case='{three[0]}']")).to_be_visible()
    keep(page)
    expect(page.locator(f"#case-{three[0]}")).to_have_count(0)
    expect(page.locator(f"#case-{three[1]} a")).to_be_focused()
    expect(page.locator(f".desk-case [data-case='{three[1]}']")).to_be_visible()
    expect(page.locator(".desk-case .said")).to_contain_text("comment under")
    remove(page)
    expect(page.locator(f"#case-{three[2]} a")).to_be_focused()
    expect(page.locator(".desk-case .said")).to_contain_text("Removed Tobias Quist's comment under")
    remove(page)
    expect(page.locator(".case-row")).to_have_count(0)
    expect(page.get_by_text("All is quiet")).to_be_visible()
    assert page.evaluate("window.stayed")
    assert outcomes(fresh, three) == ["keep", "hide", "hide"]
    page.locator(".said").get_by_role("button", name="Undo").click()
    expect(page.locator(f"#case-{three[2]}")).to_be_visible()
    assert outcomes(fresh, three) == ["keep", "hide", None]


def test_on_a_phone_the_list_then_the_case_then_the_next(fresh: Site, three: list[int], visit: Open) -> None:
    page = visit(fresh, viewport=PHONE, has_touch=True).sign_in("fenwick")
    page.goto("/moderation/queue")
    page.locator(f"#case-{three[0]} a").tap()
    expect(page.locator(".desk-list")).to_be_hidden()
    page.get_by_role("link", name="To the list").tap()
    expect(page.locator(f"#case-{three[0]} a")).to_be_focused()
    page.locator(f"#case-{three[0]} a").tap()
    for number, act in enumerate((keep, remove, keep)):
        shown = page.locator(f".desk-case [data-case='{three[number]}']")
        expect(shown).to_be_visible()
        buttons = page.locator(".desk-case .decide button[value=keep]").bounding_box()
        assert buttons and buttons["y"] + buttons["height"] <= PHONE["height"]  # within the thumb's reach
        act(page)
    expect(page.get_by_text("All is quiet")).to_be_visible()
    expect(page.locator(".said")).to_contain_text("Kept Bertram")
    assert outcomes(fresh, three) == ["keep", "hide", "keep"]


def test_without_a_script_each_answer_is_the_list_with_the_next_case(
    fresh: Site, three: list[int], visit: Open
) -> None:
    page = visit(fresh, java_script_enabled=False).sign_in("fenwick")
    page.goto("/moderation/queue")
    page.locator(f"#case-{three[0]} a").click()
    keep(page)
    expect(page.locator(f"#case-{three[1]} a")).to_have_attribute("aria-current", "true")
    expect(page.locator(".said")).to_contain_text("comment under")
    page.locator(".desk-case").get_by_role("button", name="Remove", exact=True).click()  # without a rule
    expect(page.get_by_text("Please choose the rule")).to_be_visible()
    page.goto(f"/moderation/queue?case={three[1]}")
    remove(page)
    keep(page)
    expect(page.get_by_text("All is quiet")).to_be_visible()
    assert outcomes(fresh, three) == ["keep", "hide", "keep"]


def test_what_somebody_else_decided_meanwhile_is_said_in_place(fresh: Site, three: list[int], visit: Open) -> None:
    page = visit(fresh).sign_in("fenwick")
    page.goto("/moderation/queue")
    page.locator(f"#case-{three[0]} a").click()
    expect(page.locator(f".desk-case [data-case='{three[0]}']")).to_be_visible()
    with inside(fresh.instance, fresh.database):
        comment_id = db.session.get_one(Case, three[0]).comment_id
        assert comment_id
        actions.decide(person_named("odile"), comment_id, "keep")
        db.commit()
    remove(page)
    expect(page.locator(".desk-case .problem")).to_contain_text("decided to keep this on")
    assert outcomes(fresh, three)[0] == "keep"
