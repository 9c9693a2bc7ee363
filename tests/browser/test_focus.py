"""Where the keyboard is: what has the focus is seen, and after an act or a refusal the focus is where the answer is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from forum.site import actions as site_actions
from forum.site.colours import contrast
from tests.browser.conftest import Site
from tests.browser.pages import CLOCK, OPEN_LAST, REPORTED
from tests.browser.running import PHONE, SMALL, Visit, inside, person_named

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
LOW: ViewportSize = {"width": 1280, "height": 620}
ZOOMED: ViewportSize = {"width": 320, "height": 256}  # 1280 x 1024 at 400 %
# What is drawn over the middle of what has the focus, if that is something else.
COVER = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
  const own = [one, ...one.labels ?? []].some(part => part.contains(top)) || top?.contains(one);
  return one === document.body || own ? '' : `${one.outerHTML.slice(0, 90)} behind ${top?.outerHTML.slice(0, 60)}`;
}"""
KEPT_IN_SIGHT = """() => [...document.querySelectorAll('main *')]
  .filter(one => getComputedStyle(one).position === 'sticky' && one.getBoundingClientRect().height > innerHeight / 4)
  .map(one => one.outerHTML.slice(0, 90))"""
COLOURS = "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"


@pytest.mark.parametrize(
    ("size", "path", "ticked"),
    [
        (LOW, "/moderation/queue", True),
        (PHONE, "/moderation/queue", True),
        (PHONE, f"/comments/{OPEN_LAST}/branch", False),
        ({"width": 390, "height": 700}, CLOCK, False),
    ],
)
def test_nothing_covers_what_has_the_focus(
    shown: Site, visit: Open, size: ViewportSize, path: str, ticked: bool
) -> None:
    """What stays at the end of the window lies on nothing that one gets to with the Tab key (WCAG 2.4.11)."""
    page = visit(shown, viewport=size, reduced_motion="reduce").sign_in("fenwick")
    page.goto(path)
    if ticked:
        page.locator(".pick input").first.check()
        page.locator(".skip").focus()
    covered = []
    for _ in range(60):
        page.keyboard.press("Tab")
        covered.append(page.evaluate(COVER))
    assert not [one for one in covered if one]


@pytest.mark.parametrize("path", ["/moderation/queue", f"/moderation/queue?case={1}", CLOCK])
def test_a_page_that_is_zoomed_far_in_has_room(shown: Site, visit: Open, path: str) -> None:
    """At 400 % nothing that stays in sight takes more than a quarter of the window."""
    page = visit(shown, viewport=ZOOMED).sign_in("fenwick")
    page.goto(path)
    if page.locator(".pick input").first.is_visible():
        page.locator(".pick input").first.check()
    assert page.evaluate(KEPT_IN_SIGHT) == []
    assert page.evaluate("document.documentElement.scrollWidth") == ZOOMED["width"]


@pytest.mark.parametrize("scripts", [True, False])
def test_what_was_done_has_the_focus(fresh: Site, visit: Open, scripts: bool) -> None:
    """The answer to an act is where the focus is; where the address names a place, the place has it."""
    page = visit(fresh, java_script_enabled=scripts).sign_in("odile")
    page.goto("/admin/settings")
    page.get_by_label("Tagline").fill("News from both banks")
    page.get_by_label("Tagline").press("Enter")
    expect(page.locator(".said")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".said").get_by_role("button", name="Undo")).to_be_focused()
    page.goto(f"/comments/{OPEN_LAST}/close")
    page.get_by_role("button", name="End it").click()
    page.wait_for_url("**#**")
    expect(page.locator(".said")).to_be_visible()
    expect(page.locator(".said")).not_to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_preview_has_the_focus(shown: Site, visit: Open, scripts: bool) -> None:
    page = visit(shown, java_script_enabled=scripts).sign_in("hal")
    page.goto(CLOCK)
    page.locator(f"#c-{OPEN_LAST} > .acts a").first.click()
    page.get_by_label("Your reply").fill("It strikes *thirteen*.")
    page.get_by_role("button", name="Preview").first.click()
    expect(page.get_by_role("region", name="Preview")).to_be_focused()


def test_each_button_that_folds_says_what(shown: Site, visit: Open) -> None:
    """Also where the same person wrote several of the comments."""
    page = visit(shown).page
    page.goto(CLOCK)
    names = page.locator(".fold:visible").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert len(set(names)) == len(names) > 5


def test_problems_stand_in_the_order_of_the_fields(shown: Site, visit: Open) -> None:
    """Who follows the list of what is wrong goes down the form, and each field says that it is wrong."""
    page = visit(shown).sign_in("bertram")
    page.goto("/people/bertram/edit")
    _send_unchecked(page, "Change password")
    assert _listed(page) == ["old", "password"]
    page.goto("/report")
    _send_unchecked(page, "Send")
    assert _listed(page) == page.locator("main [aria-invalid=true]").evaluate_all("all => all.map(one => one.id)")
    expect(page.get_by_role("checkbox")).to_have_attribute("aria-invalid", "true")


def test_the_rule_that_is_missing_is_marked(shown: Site, visit: Open) -> None:
    page = visit(shown).sign_in("fenwick")
    page.goto(f"/moderation/queue/{REPORTED}")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Which rule?")).to_have_attribute("aria-invalid", "true")


def test_a_case_on_a_phone_has_the_heading_of_its_page(shown: Site, visit: Open) -> None:
    """The list gives way to the case, but not the heading, and the title names the case."""
    page = visit(shown, viewport=SMALL).sign_in("fenwick")
    page.goto("/moderation/queue")
    page.locator(".case-row > a").first.click()
    expect(page.locator(".tabs")).to_be_hidden()
    expect(page.get_by_role("heading", name="Queue", level=1)).to_have_count(1)
    page.reload()
    assert page.title().startswith("Case: ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_button_is_legible_under_the_pointer(fresh: Site, visit: Open, scheme: str) -> None:
    """Also with an accent that is just dark enough."""
    with inside(fresh.instance, fresh.database):
        site_actions.change_settings(person_named("odile"), {"accent": "#737373"})
    page = visit(fresh, color_scheme=scheme).page
    page.goto("/sign-in")
    button = page.get_by_role("main").get_by_role("button", name="Sign in")
    at_rest = contrast(*map(_hex, button.evaluate(COLOURS)))
    button.hover()
    assert contrast(*map(_hex, button.evaluate(COLOURS))) > at_rest >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_word_in_an_empty_field_is_legible(shown: Site, visit: Open, scheme: str) -> None:
    """Axe does not look at it."""
    page = visit(shown, color_scheme=scheme).page
    page.goto("/")
    colours = "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one, '::placeholder').color]"
    assert contrast(*map(_hex, page.get_by_placeholder("Search").evaluate(colours))) >= 4.5


def _send_unchecked(page: Page, name: str) -> None:
    page.evaluate("document.querySelectorAll('form').forEach(form => { form.noValidate = true; })")
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("alert")).to_be_focused()


def _listed(page: Page) -> Any:
    return page.locator(".problem a").evaluate_all("all => all.map(one => one.hash.slice(1))")


def _hex(colour: str) -> str:
    """Return what the browser says of a colour, `rgb(1, 2, 3)` or `color(srgb .1 .2 .3)`, as #rrggbb."""
    numbers = [float(part) for part in colour.partition("(")[2].rstrip(")").replace(",", " ").split() if part != "srgb"]
    scale = 255 if colour.startswith("color") else 1
    return "#" + "".join(f"{round(number * scale):02x}" for number in numbers[:3])
