"""Pages hold still and answer to the first click, however slowly they and their scripts arrive."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Site
from tests.browser.pages import CLOCK, FORK, LADDERS, PAGES
from tests.browser.pieces import in_pieces
from tests.browser.running import COMMAND, PHONE, SMALL, WIDE, Visit, environment
from tests.browser.test_way import SHIFTS

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
# Buttons that do nothing without a script; those that open and close the menu of the head are the browser's own.
DEAD = """() => [...document.querySelectorAll('button[type=button]:not([popovertarget])')]
  .filter(one => one.checkVisibility({ visibilityProperty: true })).map(one => one.outerHTML.slice(0, 120))"""

# Where the fields and buttons of the form are; the page may have been scrolled to what is in focus.
PLACES = """() => [...document.querySelectorAll(
    '#article-form :is(input:not([type=hidden]), textarea, summary, button[name=act]:not([value=preview]))')]
  .filter(one => one.checkVisibility()).map(one => {
    const box = one.getBoundingClientRect();
    return [one.name, one.textContent, one.value, ...[box.x, box.y + scrollY, box.width].map(Math.round)].join(" ");
  })"""


@pytest.mark.parametrize("size", [SMALL, PHONE, WIDE], ids=["small", "phone", "wide"])
@pytest.mark.parametrize("path", ["/", CLOCK, LADDERS, f"{CLOCK}#talk", "/tags/ferry"])
def test_nothing_moves_while_a_page_arrives(shown: Site, visit: Open, path: str, size: Any) -> None:
    """What stands at the end of a line is not painted before the line is whole."""
    with in_pieces(shown.address) as address:
        page = visit(Site(address, shown.instance, shown.database), viewport=size).page
        page.add_init_script(SHIFTS)
        page.goto(path)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")
        assert page.evaluate("window.shifted") == []


@pytest.mark.parametrize("person", list(PAGES), ids=lambda name: name or "visitor")
def test_no_button_shows_before_its_script_listens(shown: Site, visit: Open, person: str) -> None:
    """Where scripts do not arrive, though the browser runs them, there is no button that would do nothing."""
    window = visit(shown)
    page = window.sign_in(person) if person else window.page
    page.route("**/*.js*", lambda route: route.abort())
    dead = []
    for name, path in PAGES[person].items():
        page.goto(path)
        dead += [f"{name}: {found}" for found in page.evaluate(DEAD)]
    assert not dead, "\n".join(dead)


def test_the_first_click_on_a_fold_is_not_lost(shown: Site, visit: Open) -> None:
    """While a script is on its way its buttons have their room and are not there; when they are, they work."""
    page = visit(shown).page
    held: list[Route] = []
    page.route("**/fold.js*", lambda route: held.append(route))
    page.goto(CLOCK, wait_until="commit")
    fold, sides = page.locator(f"#c-{FORK} > .acts .fold"), page.locator("[data-fold-sides]")
    for button in (fold, sides):
        button.wait_for(state="attached")
        expect(button).not_to_be_visible()
    while not held:
        page.wait_for_timeout(10)
    held[0].continue_()
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")


def test_an_export_for_reading_hides_nothing(shown: Site, visit: Open, tmp_path: Path) -> None:
    """What waits for the rest of a page shows in a file, which has none: an article that nobody has answered."""
    file, export = tmp_path / "site.html", [COMMAND, "export", "--format", "html", "-o"]
    subprocess.run([*export, str(file)], env=environment(shown.instance, shown.database), check=True)
    page = visit(shown).page
    page.goto(file.as_uri())
    heads = page.locator(".talk-head h2")
    assert any(head.inner_text().startswith("0 ") for head in heads.all())
    for head in heads.all():
        expect(head).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
@pytest.mark.parametrize("path", ["/articles/new", f"{CLOCK}/edit"])
def test_the_form_of_an_article_holds_still_when_its_script_comes(
    shown: Site, visit: Open, path: str, size: Any
) -> None:
    """Toolbar and preview have their room before the script that shows them."""
    page = visit(shown, viewport=size).sign_in("mina")
    late: list[Route] = []
    page.route("**/write.js*", lambda route: late.append(route))
    with page.expect_request("**/write.js*"):
        page.goto(path, wait_until="commit")
    page.wait_for_selector("footer")
    before = page.evaluate(PLACES)
    assert not page.evaluate(DEAD)
    late[0].continue_()
    expect(page.get_by_role("toolbar")).to_be_visible()
    if size == WIDE:
        expect(page.locator(".beside-made")).to_be_visible()
    assert page.evaluate(PLACES) == before
