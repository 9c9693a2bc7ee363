"""Every page that the access table names, as each role gets it, in Chromium: axe finds nothing, nothing is too wide.

The pages come from the application in this process, on the stage of `tests/test_access.py`, so that a new address is
looked at as soon as it has its row there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from forum import config, create_app, db
from tests.access_table import TABLE
from tests.browser.running import SMALL, WIDE
from tests.browser.test_look import AXE_RULES, VENDOR
from tests.test_access import Stage

pytestmark = pytest.mark.browser
LOOKERS = ("visitor", "tom", "ida", "quill", "ada")
SHOWN = "/shown"  # where the browser finds the page that is looked at
HOST = "http://stage.example"
# What differs from one answer to the next, or from one role to the next around the same page.
OWN = re.compile(r'name="(csrf_token|key)"[^>]*|<header class="masthead">.*?</header>|nonce="[^"]*"', re.DOTALL)
CONTRAST = ["color-contrast", "link-in-text-block"]  # the rules of axe for which the colours matter
# Two frames after the window has its new size, so that the layout measured is the one of that size.
TOO_WIDE = """async () => {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  return [...document.querySelectorAll("*")].filter(one => one.getBoundingClientRect().right > innerWidth).slice(-3)
    .map(one => one.outerHTML.slice(0, 120));
}"""
# What acts and has the name and description of another, but does something else: the ear cannot tell them apart.
ALIKE = """() => {
  const words = ids => (ids ?? '').split(' ').map(id => document.getElementById(id)?.textContent ?? '').join(' ');
  const found = {};
  for (const one of document.querySelectorAll('main :is(button, a.button, .acts a):not(.comment *)')) {
    if (!one.checkVisibility({ visibilityProperty: true })) continue;
    const name = one.getAttribute('aria-label') ?? one.textContent.trim();
    const aim = one.href ?? [one.formAction, one.name, one.value, ...(one.form ? new FormData(one.form).values() : [])];
    const heard = `${name} ${words(one.getAttribute('aria-describedby'))}`;
    (found[heard] ??= new Set()).add(one.type === 'button' ? one.outerHTML : `${aim}`);
  }
  return Object.entries(found).filter(([, aims]) => aims.size > 1).map(([heard]) => heard);
}"""
PROBLEMS = """async ([kind, values]) => {
  const { violations } = await axe.run({ runOnly: { type: kind, values } });
  return violations.flatMap(rule => rule.nodes.slice(0, 3).map(
    node => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 300)}`));
}"""


class Answer(NamedTuple):
    """One answer of the application."""

    status: int
    kind: str
    body: bytes


@pytest.fixture(scope="module")
def stage(
    sqlite_template: Path, settings: config.Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """Yield a site with one of everything."""
    folder = tmp_path_factory.mktemp("stage")
    path = folder / "forum.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    app = create_app(
        replace(settings, instance=folder, database_url=f"sqlite:///{path}", smtp_url="smtp://127.0.0.1:9")
    )
    with app.app_context():
        yield Stage(app, path)
        db.session.remove()
        db.engine().dispose()


@pytest.fixture(scope="module")
def pages(stage: Stage) -> dict[str, dict[str, Answer]]:
    """Return what each role is to look at. A page that an earlier role saw in the same words is left out."""
    known: set[str] = set()
    found: dict[str, dict[str, Answer]] = {}
    for role in LOOKERS:
        kept = {}
        for path in dict.fromkeys(row.url.format(**stage.ids) for row in TABLE if row.method == "GET"):
            stage.browsers[role].client.set_cookie("session", stage.browsers[role].cookie)
            with stage.browsers[role].get(path) as answer:
                is_page = answer.mimetype == "text/html" and not 300 <= answer.status_code < 400
                html = answer.get_data(as_text=True) if is_page else ""
                words = OWN.sub("", html)
                if "<html" in html and words not in known:
                    known.add(words)
                    kept[path] = Answer(answer.status_code, answer.content_type, answer.data)
        found[role] = kept
    return found


@pytest.mark.parametrize("role", LOOKERS)
def test_every_page(browser: Browser, stage: Stage, pages: dict[str, dict[str, Answer]], role: str) -> None:
    """Bar 53: at 320 and 1280 px, light and dark, axe finds nothing on any page of any role, neither against WCAG 2.2
    AA nor against good practice; what acts has a name of its own, and so has each page."""
    window = browser.new_context(base_url=HOST, reduced_motion="reduce", bypass_csp=True)
    page = window.new_page()
    page.add_init_script(path=VENDOR / "axe.min.js")
    shown: dict[str, Answer] = {}
    page.route("**/*", lambda route: _answer(route, stage, shown))
    problems = []
    titles: dict[str, str] = {}
    for path, answer in pages[role].items():
        shown[SHOWN] = answer
        page.goto(SHOWN)
        problems += [f"{path}: {line}" for line in _problems(page)]
        kind = re.sub(r"\d+", "N", path)
        if path == stage.ids["invite"]:
            kind = "/sign-up"  # the same form
        if answer.status == 200 and titles.setdefault(page.title(), kind) != kind:
            problems.append(f"{path}: has the title of {titles[page.title()]}, {page.title()}")
    window.close()
    assert not problems, "\n".join(problems)


def _answer(route: Route, stage: Stage, shown: dict[str, Answer]) -> None:
    """Give the page that is looked at, what it loads as a visitor gets it, and nothing into a preview."""
    if "x-fragment" in route.request.headers:
        route.fulfill(body="")
        return
    path = urlsplit(route.request.url).path
    if path not in shown:
        with stage.app.test_client().get(path) as got:
            shown[path] = Answer(got.status_code, got.content_type, got.data)
    route.fulfill(status=shown[path].status, content_type=shown[path].kind, body=shown[path].body)


def _problems(page: Page) -> Iterator[str]:
    """Yield what is wrong. Colours are compared in both schemes; the other rules of axe depend on the width alone.

    The window is as high as the page, or a bar at its lower end would lie on a control that one can scroll to.
    """
    for size in (SMALL, WIDE):
        page.set_viewport_size(size)
        page.set_viewport_size({**size, "height": page.evaluate("document.documentElement.scrollHeight")})
        yield from (f"too wide at {size['width']}: {one}" for one in page.evaluate(TOO_WIDE))
        yield from (f"same name at {size['width']}: {one}" for one in page.evaluate(ALIKE))
        page.emulate_media(color_scheme="light")
        yield from page.evaluate(PROBLEMS, ["tag", [*AXE_RULES, "best-practice"]])
        page.emulate_media(color_scheme="dark")
        yield from page.evaluate(PROBLEMS, ["rule", CONTRAST])
