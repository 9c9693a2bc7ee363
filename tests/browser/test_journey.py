"""The main journey, in a real browser, with JavaScript and without: read, sign up, answer, report, end an exchange,
decide a case and take that back, take the discussion out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.pages import CLOCK, OPEN, OPEN_LAST, REPORTED
from tests.browser.running import Visit

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
WORDS = "I think it is time to end this particular correspondence."
LAST_WORD = "Then we leave it to the clockmaker. Thank you both."
TOO_LATE = "One more thing about the plaque, which I had begun to write before it was closed."


@pytest.fixture(params=["sqlite with scripts", "sqlite without scripts", "postgresql with scripts"])
def site(request: pytest.FixtureRequest) -> Site:
    """Return the site the journey is made on."""
    name = "fresh_on_postgres" if request.param.startswith("postgresql") else "fresh"
    found = request.getfixturevalue(name)
    assert isinstance(found, Site)
    return found


@pytest.fixture
def scripts(request: pytest.FixtureRequest) -> bool:
    """Tell whether this journey is made with JavaScript."""
    return "without" not in request.node.callspec.params["site"]


def test_journey(site: Site, scripts: bool, visit: Open, tmp_path: Path) -> None:
    """A reader answers twelve replies deep and reports; a moderator ends and decides; an admin takes it all out."""
    reader = visit(site, java_script_enabled=scripts).page
    _read(reader)
    _sign_up(reader)
    answer = _answer(reader, OPEN_LAST, "I have the cover. It props up my garden door.")
    _report(reader, OPEN)
    _begin_to_write(reader, answer)

    moderator = visit(site, java_script_enabled=scripts).sign_in("fenwick")
    _end_exchange(moderator, answer)
    _is_refused(reader)
    _decide(moderator)

    admin = visit(site, java_script_enabled=scripts, accept_downloads=True).sign_in("odile")
    _take_out(admin, tmp_path, answer)


def _read(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="The ferry-house clock is going to be right").click()
    expect(page.get_by_role("heading", name="28 comments")).to_be_visible()
    expect(page.get_by_text("Bertram and I have each said this three times now")).to_be_visible()


def _sign_up(page: Page) -> None:
    page.get_by_role("link", name="Sign up").first.click()
    page.fill("#username", "nora")
    page.fill("#display_name", "Nora Lund")
    page.fill("#password", "a boat in every harbour")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Nora Lund")).to_be_visible()


def _answer(page: Page, parent: int, words: str) -> int:
    page.goto(CLOCK)
    page.locator(f"#c-{parent} > .acts").get_by_role("link", name="Reply").click()
    page.get_by_label("Your reply").fill(words)
    page.get_by_role("main").get_by_role("button", name="Post").first.click()
    made = page.locator(f"article[data-parent='{parent}']")
    expect(made).to_contain_text(words)
    expect(made).to_be_in_viewport()
    return int((made.get_attribute("id") or "c-0").removeprefix("c-"))


def _report(page: Page, comment: int) -> None:
    page.goto(CLOCK)
    page.locator(f"#c-{comment} > .acts .more-link").click()
    page.get_by_role("link", name="Report", exact=True).click()
    page.select_option("#reason", "off-topic")
    page.fill("#note", "They have had this one already.")
    page.get_by_role("main").get_by_role("button", name="Report").click()
    expect(page.locator(".said")).to_contain_text("A person will look at it")


def _begin_to_write(page: Page, comment: int) -> None:
    page.goto(f"/comments/{comment}/reply")
    page.get_by_label("Your reply").fill(TOO_LATE)


def _end_exchange(page: Page, comment: int) -> None:
    page.goto(f"/comments/{comment}/close")
    page.get_by_label("Everybody, from one comment down").check()
    page.select_option("#start", str(comment))
    page.get_by_label("Closing words").fill(WORDS)
    page.get_by_text("Post a last reply before it ends").click()
    page.get_by_label("Your last word").fill(LAST_WORD)
    page.get_by_role("button", name="End it").click()
    expect(page.locator(".said")).to_contain_text("This exchange has ended.")
    expect(page.locator(f"article[data-parent='{comment}']")).to_contain_text(LAST_WORD)
    expect(page.locator(".closed", has_text=WORDS)).to_be_visible()
    expect(page.locator(f"#c-{comment} > .acts").get_by_role("link", name="Reply")).to_have_count(0)
    expect(page.locator(f"#c-{OPEN_LAST} > .acts").get_by_role("link", name="Reply")).to_have_count(1)


def _is_refused(page: Page) -> None:
    page.get_by_role("main").get_by_role("button", name="Post").click()
    expect(page.locator(".problem")).to_contain_text(WORDS)
    expect(page.get_by_role("main").locator("textarea")).to_have_value(TOO_LATE)


def _decide(page: Page) -> None:
    page.goto("/moderation/queue")
    expect(page.locator(".case-row")).to_have_count(3)
    row, case = page.locator(f".case-row[data-comment='{REPORTED}']"), page.locator(".desk-case")
    row.get_by_role("link").click()
    case.get_by_role("button", name="Keep").click()
    expect(page.locator(".said")).to_contain_text("Kept ")
    expect(row).to_have_count(0)
    page.locator(".said").get_by_role("button", name="Undo").click()
    expect(page.locator(".said")).to_contain_text("Taken back")
    page.goto("/moderation/queue")
    row.get_by_role("link").click()
    case.get_by_label("Which rule?").select_option("3")
    case.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".said")).to_contain_text("Removed ")
    page.locator(".said").get_by_role("button", name="Undo").click()
    expect(page.locator(".said")).to_contain_text("Taken back")
    page.goto("/moderation/queue")
    expect(row).to_have_count(1)


def _take_out(page: Page, folder: Path, answer: int) -> None:
    for kind in ("jsonl", "html"):
        page.goto("/admin/export")
        page.select_option("#format", kind)
        page.select_option("#article", CLOCK.rpartition("/")[2])
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        download.value.save_as(folder / f"discussion.{kind}")
    lines = [json.loads(line) for line in (folder / "discussion.jsonl").read_text("utf-8").splitlines()]
    assert all(list(line)[:2] == ["type", "id"] for line in lines if line["type"] != "manifest")
    assert answer in [line["id"] for line in lines if line["type"] == "comment"]
    assert WORDS in [line.get("words") for line in lines if line["type"] == "closure"]
    page.goto((folder / "discussion.html").as_uri())
    expect(page.locator(f"#c-{answer}")).to_contain_text("It props up my garden door.")
    expect(page.locator(".closed", has_text=WORDS)).to_be_visible()
