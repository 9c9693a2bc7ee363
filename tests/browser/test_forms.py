"""What forms are like under a thumb, to the eye and to the ear: room between buttons, dangers that differ by form, full
names; and what scripts add to them: Cancel in place, a button that copies, the browser's time zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from forum.site import actions as site_actions
from tests.browser.conftest import Site
from tests.browser.pages import CLOCK, LADDERS, OPEN_LAST, PAGES, REMOVED, REPORTED
from tests.browser.running import PHONE, Visit, inside, person_named, served

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
# Pairs of buttons that are nearer to each other than 8 px; what is folded is opened first.
TOO_NEAR = """() => {
  document.querySelectorAll('details').forEach(one => { one.open = true; });
  const all = [...document.querySelectorAll('main :is(button, .button, .row > a):not(.linklike, [hidden])')]
    .filter(one => one.checkVisibility({ visibilityProperty: true }));
  const found = [];
  all.forEach((one, at) => all.slice(at + 1).forEach(other => {
    const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
    const aside = Math.max(a.left - b.right, b.left - a.right), below = Math.max(a.top - b.bottom, b.top - a.bottom);
    if (Math.max(aside, below) < 8) {
      found.push(`${one.textContent.trim()} and ${other.textContent.trim()}: ${Math.max(aside, below)} px`);
    }
  }));
  return found;
}"""
FORM = """one => { const style = getComputedStyle(one);
  return [style.borderInlineStartWidth, style.backgroundColor === style.borderTopColor]; }"""
WORDS = "It strikes thirteen, if you let it."


@pytest.mark.parametrize("person", list(PAGES), ids=lambda name: name or "visitor")
def test_no_two_buttons_touch(shown: Site, visit: Open, person: str) -> None:
    """On a phone there are at least 8 px between any two buttons of a page."""
    window = visit(shown, viewport=PHONE, has_touch=True, is_mobile=True)
    page = window.sign_in(person) if person else window.page
    near = []
    for name, path in PAGES[person].items():
        page.goto(path)
        near += [f"{name}: {found}" for found in page.evaluate(TOO_NEAR)]
    assert not near, "\n".join(near)


@pytest.mark.parametrize("accent", ["", "#8a2f2b", "#7b1e3a"])
def test_what_removes_differs_by_its_form(fresh: Site, visit: Open, accent: str) -> None:
    """Whatever the accent: Keep is filled, Reply is a thin outline, Remove has a bar at its side and pale ground."""
    if accent:
        with inside(fresh.instance, fresh.database):
            site_actions.change_settings(person_named("odile"), {"accent": accent})
    page = visit(fresh).sign_in("fenwick")
    page.goto(f"/moderation/queue/{REPORTED}")
    keep, remove = (page.get_by_role("button", name=name, exact=True).evaluate(FORM) for name in ("Keep", "Remove"))
    reply = page.locator("main .row a.button.plain").first.evaluate(FORM)
    assert keep == ["1px", True]
    assert reply == ["1px", False]
    assert remove == ["8px", False]


@pytest.mark.parametrize(("path", "who"), [(CLOCK, ""), (LADDERS, "fenwick")])
def test_each_menu_says_whose_it_is(shown: Site, visit: Open, path: str, who: str) -> None:
    """In the accessibility tree no two menus of a discussion have the same name, and each says whose comment it is."""
    window = visit(shown)
    page = window.sign_in(who) if who else window.page
    page.goto(path)
    tree = page.locator("#discussion").aria_snapshot()
    names = re.findall(r'- link "(More .+?)"', tree)
    assert len(names) == page.locator(".more-link").count() > 3
    assert len(set(names)) == len(names)
    assert all(
        re.match(r"More for (the comment of \w.+|a comment that is gone), \d+ \w+.*, \d\d:\d\d$", n) for n in names
    )
    if who:
        writer = page.locator(f"#c-{REMOVED}").get_by_role("link", name="More for a comment that is gone")
        expect(writer).to_have_count(1)


@pytest.mark.parametrize("way", ["Cancel", "Escape"])
def test_a_reply_in_place_is_left(shown: Site, visit: Open, way: str) -> None:
    """Cancel and Escape close the box, the focus returns to Reply, and what was typed is there at the next time."""
    page = visit(shown).sign_in("hal")
    page.goto(CLOCK)
    link, box = _reply(page)
    link.click()
    box.fill(WORDS)
    _leave(page, way)
    expect(box).to_have_count(0)
    expect(link).to_be_focused()
    expect(link).not_to_have_attribute("aria-expanded", "true")
    assert page.url.endswith(CLOCK)
    link.click()
    expect(box).to_have_value(WORDS)
    box.fill("")
    _leave(page, way)


@pytest.mark.parametrize("way", ["Cancel", "Escape", "Reply"])
def test_a_text_that_is_not_kept_is_asked_about(shown: Site, visit: Open, way: str) -> None:
    """Where the browser keeps no drafts, nothing that was typed goes without a question."""
    window = visit(shown)
    window.context.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); }")
    page = window.sign_in("hal")
    page.goto(CLOCK)
    link, box = _reply(page)
    link.click()
    box.fill(WORDS)
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", refuse)
    _leave(page, way)
    expect(box).to_have_value(WORDS)
    assert asked == ["Throw away what you typed?"]
    page.once("dialog", lambda dialog: dialog.accept())
    _leave(page, way)
    expect(box).to_have_count(0)


def test_cancel_without_scripts(shown: Site, visit: Open) -> None:
    """On the page of the form Cancel leads back to the comment, or to the article."""
    page = visit(shown, java_script_enabled=False).sign_in("hal")
    page.goto(f"/comments/{OPEN_LAST}/reply")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(f"**{CLOCK}#c-{OPEN_LAST}")
    expect(page.get_by_role("main").get_by_role("link", name="Cancel")).to_have_count(0)
    page.goto(f"{CLOCK}/comments")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(f"**{CLOCK}")


@pytest.mark.parametrize("clipboard", [True, False], ids=["clipboard", "without"])
def test_a_one_time_link_is_copied(fresh: Site, visit: Open, clipboard: bool) -> None:
    """A button copies an invitation, also where a site without TLS has no clipboard for scripts."""
    window = visit(fresh, permissions=["clipboard-read", "clipboard-write"])
    if not clipboard:
        window.context.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no TLS'))")
    page = window.sign_in("odile")
    page.goto("/admin/people")
    page.get_by_role("button", name="Make an invitation").click()
    field = page.get_by_label("The invitation:")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == field.input_value() != ""


def test_a_one_time_link_without_scripts(fresh: Site, visit: Open) -> None:
    """There is no button that would do nothing, and the field can be selected."""
    page = visit(fresh, java_script_enabled=False).sign_in("odile")
    page.goto("/admin/people")
    page.get_by_role("button", name="Make an invitation").click()
    expect(page.get_by_label("The invitation:")).to_have_value(re.compile("^http"))
    expect(page.get_by_label("The invitation:")).to_be_enabled()
    expect(page.get_by_role("button", name="Copy the link")).to_have_count(0)


@pytest.mark.parametrize(("scripts", "zone"), [(True, "Asia/Tokyo"), (False, "UTC")])
def test_setting_up_begins_with_the_browsers_zone(tmp_path: Path, visit: Open, scripts: bool, zone: str) -> None:
    """The browser's zone is chosen first, UTC without scripts; a choice that comes back with a refusal stays."""
    database = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    with served(tmp_path, database) as address:
        link = re.search(r"/setup/[\w-]+", (tmp_path / "server.log").read_text("utf-8"))
        assert link is not None
        page = visit(Site(address, tmp_path, database), timezone_id="Asia/Tokyo", java_script_enabled=scripts).page
        page.goto(link.group())
        choice = page.get_by_label("Time zone")
        expect(choice).to_have_value(zone)
        choice.select_option("UTC")
        page.get_by_label("Name of the site").fill("Slow Mail")
        page.get_by_label("Your sign-in name").fill("ada")
        page.get_by_label("Your password").fill("short")
        page.get_by_role("button", name="Open the site").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(choice).to_have_value("UTC")


def _reply(page: Page) -> tuple[Locator, Locator]:
    row = page.locator(f"#c-{OPEN_LAST}")
    return row.locator("> .acts").get_by_role("link", name="Reply"), row.get_by_label("Your reply")


def _leave(page: Page, way: str) -> None:
    if way == "Escape":
        page.locator(f"#c-{OPEN_LAST} .in-place textarea").press("Escape")
    elif way == "Cancel":
        page.locator(f"#c-{OPEN_LAST} .in-place").get_by_role("link", name="Cancel").click()
    else:
        _reply(page)[0].click()


def test_the_beginning_of_an_end_is_read_whole(shown: Site, visit: Open) -> None:
    """The list of comments is as wide as a phone: what is chosen in it stands below it, too."""
    page = visit(shown, viewport=PHONE).sign_in("fenwick")
    page.goto(f"/comments/{OPEN_LAST}/close")
    start = page.get_by_label("Which comment it begins at")
    for _ in range(2):
        chosen = start.evaluate("box => box.selectedOptions[0].label")
        expect(start).to_have_accessible_description(chosen)
        start.select_option(str(OPEN_LAST))
    page.get_by_label("These two").check()
    expect(start).to_have_accessible_description(re.compile("proposed$"))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reader_signs_up_from_the_box_and_posts_what_was_typed(fresh: Site, visit: Open, scripts: bool) -> None:
    page = visit(fresh, java_script_enabled=scripts).page
    page.goto(f"/comments/{OPEN_LAST}/reply")
    page.get_by_label("Your reply").fill(WORDS)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    page.get_by_label("Sign-in name").fill("nell")
    page.get_by_label("Password").fill("seven boats at noon")
    page.get_by_label("Password").press("Enter")
    page.get_by_role("button", name="Send it").click()
    page.wait_for_url("**/articles/**")  # the words stand on the page before it, too
    expect(page.get_by_text(WORDS)).to_be_visible()
    page.goto(f"/comments/{OPEN_LAST}/reply")
    expect(page.get_by_label("Your reply")).to_have_value("")
