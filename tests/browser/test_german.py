"""Every page in German: its words are longer than the English ones, and must break no page of a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forum import db
from forum.site.models import Site as Settings
from tests.browser.conftest import Site
from tests.browser.pages import OPEN_LAST, PAGES
from tests.browser.running import PHONE, SMALL, WIDE, Visit, inside

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
CUT = """one => { const own = one.cloneNode(), width = one.getBoundingClientRect().width;
    own.append(one.selectedOptions[0].cloneNode(true));
    own.style.cssText = "flex: none; width: max-content; max-width: none; position: absolute";
    one.parentElement.append(own);
    const needed = own.getBoundingClientRect().width;
    own.remove();
    return Math.floor(needed - width); }"""
WIDER = """() => document.documentElement.scrollWidth > innerWidth &&
    [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .map(one => one.outerHTML.slice(0, 90)).at(-1)"""


@pytest.fixture(scope="module")
def german(shown: Site) -> Site:
    """Return the demo site, set to German."""
    with inside(shown.instance, shown.database):
        db.lock()
        db.session.get_one(Settings, 1).language = "de"
    return shown


@pytest.mark.parametrize("person", list(PAGES), ids=lambda name: name or "visitor")
def test_every_page_is_german_and_fits(german: Site, visit: Open, person: str) -> None:
    window = visit(german, viewport=SMALL)
    page = window.page
    if person:
        page.goto("/sign-in")
        page.get_by_label("Name oder E-Mail-Adresse").fill(person)
        page.get_by_label("Passwort").fill("correspondence-demo")
        page.get_by_role("main").get_by_role("button", name="Anmelden").click()
    wrong = []
    for name, path in PAGES[person].items():
        page.set_viewport_size(SMALL)
        page.goto(path)
        if page.locator("html").get_attribute("lang") != "de":
            wrong.append(f"{name} is not in German")
        for size in (SMALL, WIDE):
            page.set_viewport_size(size)
            if wide := page.evaluate(WIDER):
                wrong.append(f"{name} at {size['width']}: {wide}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("size", "path"), [(WIDE, "/moderation/queue"), (PHONE, f"/comments/{OPEN_LAST}/reply")])
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_a_list_of_acts_offers_is_whole(fresh: Site, visit: Open, language: str, path: str, size: Any) -> None:
    """What is chosen in a list beside a button is not cut."""
    with inside(fresh.instance, fresh.database):
        db.lock()
        db.session.get_one(Settings, 1).language = language
    page = visit(fresh, viewport=size).sign_in("fenwick")
    page.goto(path)
    lists = page.locator(".several select, .put select")
    assert lists.count() > 0
    for one in lists.all():
        assert one.evaluate(CUT) <= 0


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_smallest_phone_shows_the_forms_of_an_export_whole(fresh: Site, visit: Open, language: str) -> None:
    """What a form is for stands below the list."""
    with inside(fresh.instance, fresh.database):
        db.lock()
        db.session.get_one(Settings, 1).language = language
    page = visit(fresh, viewport=SMALL).sign_in("odile")
    page.goto("/admin/export")
    forms = page.locator("#format")
    for form in forms.locator("option").all():
        forms.select_option(form.get_attribute("value"))
        assert forms.evaluate(CUT) <= 0, form.text_content()
    assert "WordPress" in page.locator("#format-help").inner_text()


def test_a_person_chooses_the_language(fresh: Site, visit: Open) -> None:
    """In the profile, without a script; the page that follows speaks it already, and signing out ends it."""
    page = visit(fresh, java_script_enabled=False).sign_in("bertram")
    page.goto("/people/bertram/edit")
    page.get_by_label("Language").select_option(label="Deutsch")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Ihr Profil ist gespeichert.").wait_for()
    assert page.locator("html").get_attribute("lang") == "de"
    page.get_by_role("button", name="Abmelden").first.click()
    page.get_by_role("link", name="Sign in").first.wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
