"""Find one's way in a large discussion: fold, go from thread to thread, and read just what is new."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from forum import db, policy
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment, Visit
from tests.browser.conftest import Site
from tests.browser.pages import CLOCK, CLOCK_ID, ENDED, FORK, OPEN, OPEN_LAST
from tests.browser.running import PHONE, SMALL, WIDE, inside, say
from tests.browser.running import Visit as Window
from tests.comments.real import pour_real, read
from tests.comments.talk import pour
from tests.factories import article

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
WEEK = timedelta(days=7)
SHIFTS = """
window.shifted = [];
const box = (rect) => [rect.x, rect.y, rect.width, rect.height].map(Math.round).join(" ");
const source = ({ node, previousRect, currentRect }) =>
  `${(node?.outerHTML ?? String(node)).slice(0, 80)} ${box(previousRect)} -> ${box(currentRect)}`;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.shifted.push([one.value, ...one.sources.map(source)]);
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def large(fresh: Site) -> str:
    """Return the address of a discussion of 400 comments in 40 threads, on a site of its own."""
    with inside(fresh.instance, fresh.database):
        one = article(_person("mina"), "Four hundred")
        parents: list[int | None] = []
        for _ in range(40):
            at = len(parents)
            parents += [None, at, at + 1, at + 1, at + 2, at + 2, at, at + 6, at + 7, at + 7]
        pour(one, [_person(name) for name in ("mina", "josef", "hal")], parents)
        return f"/articles/{one.slug}"


def _person(name: str) -> Any:
    return db.session.execute(select(db.Base.metadata.tables["people"]).filter_by(username=name)).one()


def a_week_passes(site: Site, page: Page) -> None:
    """Let everything there is be a week older, on the site and in the browser."""
    with inside(site.instance, site.database):
        db.lock()
        for row in db.session.execute(select(Comment.id, Comment.created_at)).all():
            db.session.execute(update(Comment).where(Comment.id == row.id).values(created_at=row.created_at - WEEK))
        for visit in db.session.scalars(select(Visit)):
            visit.since = visit.since and visit.since - WEEK
            visit.until, visit.at = visit.until - WEEK, visit.at - WEEK
        db.commit()
    page.evaluate(
        """() => {
        const visits = JSON.parse(localStorage.visits ?? "{}"), week = 7 * 86400 * 1000;
        for (const one of Object.values(visits)) {
          [one[0], one[1]] = [one[0] && String(one[0] - week * 1000), String(one[1] - week * 1000)];
          one[2] -= week;
        }
        localStorage.visits = JSON.stringify(visits);
        }"""
    )


TRIES = 30  # a worker writes for an instant now and then


def come(site: Site, page: Page, address: str, who: str = "") -> None:
    """Open a discussion and be noted there: a page notes no member where somebody else, a worker, writes just then."""
    for _ in range(TRIES):
        page.goto(address)
        if not who or _is_noted(site, who):
            return
    pytest.fail(f"{who} came {TRIES} times and was noted at none of them")


def _is_noted(site: Site, who: str) -> bool:
    with inside(site.instance, site.database):
        mine = select(Visit.at).where(Visit.person_id == _person(who).id).order_by(Visit.at.desc())
        latest = db.session.scalars(mine).first()
        return latest is not None and now() - latest < policy.NOTED_EVERY


def write(site: Site, address: str, places: list[int | None]) -> list[int]:
    """Let Agnes answer the comments at these places of an article, or write threads of her own; return the ids."""
    with inside(site.instance, site.database):
        found = db.session.scalars(select(Article).where(Article.slug == address.rpartition("/")[2])).one()
        ids = db.session.scalars(select(Comment.id).where(Comment.article_id == found.id).order_by(Comment.id)).all()
        return [
            say("agnes", None if at is None else ids[at], f"New {number}.", found.id)
            for number, at in enumerate(places)
        ]


@pytest.mark.parametrize("who", ["", "bertram"])
def test_come_back_after_a_week_and_read_just_what_is_new(fresh: Site, visit: Open, large: str, who: str) -> None:
    """One link after the other leads through all that is new, across pages and folds, and through nothing else."""
    window = visit(fresh, viewport=PHONE)
    page = window.sign_in(who) if who else window.page
    come(fresh, page, large, who)
    expect(page.locator(".bar .where")).to_have_text("Thread 1 of 40")
    expect(page.locator(".new-mark")).to_have_count(0)
    page.get_by_role("button", name="Fold side remarks").click()
    a_week_passes(fresh, page)
    new = write(fresh, large, [4, 12, 233, 399, None])  # a side remark, threads 2, 24 and 40, and a thread of its own
    come(fresh, page, large, who)
    expect(page.locator(".way-new")).to_have_text("New since you were here: 5")
    expect(page.locator(".new-mark")).to_have_count(2)
    # The remark stands in a branch that is folded with the side remarks, within another such one.
    line = page.locator("[data-folded] > .acts > .fold:visible", has_text="new: 1").first
    expect(line).to_have_accessible_name(re.compile(r"^Show, with replies: .* ·\snew: 1$"))
    if who:
        expect(page.locator(".arrived")).to_contain_text("5 new comments since you were here")
    read_so_far = []
    for number, id in enumerate(new, 1):
        page.get_by_role("link", name="Next new comment").click()
        page.wait_for_url(f"**#c-{id}")
        row = page.locator(f"#c-{id}")
        expect(row).to_be_in_viewport()
        expect(row.locator(".body")).to_be_visible()
        expect(row.locator(".new-mark")).to_have_text("new")
        expect(page.locator(".bar .nth")).to_have_text(f"new: {number}/5")
        read_so_far.append(id)
    assert read_so_far == new
    expect(page.locator('.bar [data-step="1"]')).not_to_have_attribute("href", re.compile("."))
    a_week_passes(fresh, page)
    page.goto(large)
    expect(page.locator(".bar .where")).to_have_text("Thread 1 of 41")
    expect(page.locator(".new-mark")).to_have_count(0)


def test_keys_are_off_until_switched_on(fresh: Site, visit: Open, large: str) -> None:
    """Single keys do nothing at first, and never while something is typed."""
    page = visit(fresh).page
    page.goto(large)
    a_week_passes(fresh, page)
    first, second = write(fresh, large, [4, 12])
    page.goto(large)
    expect(page.locator(".new-mark")).to_have_count(2)
    page.keyboard.press("n")
    assert "#" not in page.url
    page.get_by_role("button", name="Jump with the keys n and p").click()
    page.keyboard.press("n")
    page.wait_for_url(f"**#c-{first}")
    page.keyboard.press("n")
    page.wait_for_url(f"**#c-{second}")
    page.keyboard.press("p")
    page.wait_for_url(f"**#c-{first}")
    page.keyboard.press("Shift+n")
    assert page.url.endswith(f"#c-{first}")
    page.reload()
    expect(page.locator(".bar .nth")).to_have_text("new: 1/2")
    page.keyboard.press("n")  # the choice is remembered
    page.wait_for_url(f"**#c-{second}")


def test_what_a_folded_branch_says_and_how_it_opens(shown: Site, visit: Open) -> None:
    """It says how many replies by whom; a link to one of them, or the browser's search, opens it."""
    page = visit(shown).page
    page.goto(CLOCK)
    row, inner = page.locator(f"#c-{FORK}"), page.locator(f"#c-{OPEN_LAST}")
    button = row.locator(".fold")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(button).to_have_accessible_name(re.compile("^Fold the replies to "))
    button.click()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_have_text(re.compile(r"^Show replies: \d+, by .*Bertram Oakes"))
    expect(inner.locator(".body")).not_to_be_visible()
    expect(row.locator(".body")).to_be_visible()
    expect(page.locator(f"#c-{ENDED}")).to_have_attribute("hidden", "until-found")
    page.goto(f"{CLOCK}#c-{OPEN_LAST}")
    expect(inner).to_be_in_viewport()
    expect(inner.locator(".body")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    inner.dispatch_event("beforematch", {"bubbles": True})
    expect(inner.locator(".body")).to_be_visible()


def test_closing_words_go_with_what_they_close(shown: Site, visit: Open) -> None:
    """The words about a branch fold with a comment above it, and stay where the branch itself is folded."""
    page = visit(shown).page
    page.goto(CLOCK)
    words = page.locator(f'.closed-row[data-about="{ENDED}"]')
    expect(words).to_be_visible()
    page.locator(f"#c-{ENDED} > .acts .fold").click()
    expect(words.locator("strong")).to_be_visible()
    page.locator(f"#c-{FORK} > .acts .fold").click()
    expect(words).to_have_attribute("hidden", "until-found")
    page.locator(f"#c-{FORK} > .acts .fold").click()
    expect(words.locator("strong")).to_be_visible()
    expect(page.locator(f"#c-{ENDED} > .acts .fold")).to_have_attribute("aria-expanded", "false")


def test_paper_and_browsers_without_scripts_have_everything(shown: Site, visit: Open) -> None:
    """Nothing is folded on paper; without scripts there are no buttons that do nothing."""
    window = visit(shown)
    window.page.goto(CLOCK)
    window.page.locator(f"#c-{FORK} > .acts .fold").click()
    window.page.emulate_media(media="print")
    visible = f"getComputedStyle(document.querySelector('#c-{OPEN}')).contentVisibility"
    assert window.page.evaluate(visible) == "visible"
    plain = visit(shown, java_script_enabled=False).page
    plain.goto(CLOCK)
    expect(plain.locator(f"#c-{OPEN} .body")).to_be_visible()
    for part in (".fold", ".way", ".bar"):
        expect(plain.locator(part).first).not_to_be_visible()


def test_from_thread_to_thread_within_reach_of_the_thumb(fresh: Site, visit: Open, large: str) -> None:
    """The bar says which thread one reads, and leads to the next, at the end to the next page."""
    page = visit(fresh, viewport=SMALL).page
    page.goto(large)
    page.locator("#t-1").scroll_into_view_if_needed()
    following = page.get_by_role("link", name="Next thread")
    for number in (2, 3, 4):
        following.click()
        expect(page.locator(".bar .where")).to_have_text(f"Thread {number} of 40")
        expect(page.locator(f"#t-{number}")).to_be_in_viewport()
        expect(page.locator(f"#t-{number} a")).to_be_focused()
    box = following.bounding_box()
    assert box
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= SMALL["height"]
    page.get_by_role("link", name="Thread before").click()
    expect(page.locator(".bar .where")).to_have_text("Thread 3 of 40")
    page.locator(".bar").evaluate("(bar) => scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    expect(page.locator(".bar .where")).to_have_text("Thread 20 of 40")
    following.click()
    page.wait_for_url(re.compile(r"from=\d+"))
    expect(page.locator(".hint", has_text="Page 2 of 2: threads 21 to 40 of 40.").first).to_be_attached()


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["small", "wide"])
@pytest.mark.parametrize("folded", [False, True], ids=["open", "folded"])
def test_nothing_moves_while_a_page_is_built(fresh: Site, visit: Open, large: str, size: Any, folded: bool) -> None:
    """Marks, counts, the bar and what one keeps folded are there without moving anything."""
    page = visit(fresh, viewport=size).page
    page.goto(large)
    if folded:
        page.get_by_role("button", name="Fold side remarks").click()
    a_week_passes(fresh, page)
    (new,) = write(fresh, large, [12])
    page.add_init_script(SHIFTS)
    for address in (large, f"{large}#talk", f"{large}?order=newest#discussion"):
        page.goto("about:blank")
        page.goto(address)
        expect(page.locator(".bar .nth")).to_have_text("new: 1")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")
        assert page.evaluate("window.shifted") == [], address
    assert new


def test_the_bar_is_one_row_on_a_small_phone(fresh: Site, visit: Open, large: str) -> None:
    """Thread and what is new stand beside each other, and all of it can be touched."""
    page = visit(fresh, viewport=SMALL, has_touch=True, is_mobile=True).page
    come(fresh, page, large)
    a_week_passes(fresh, page)
    write(fresh, large, [4, 12, *[None] * 13])
    page.goto(large)
    page.goto(f"{large}#t-12")
    expect(page.locator(".bar .where")).to_have_text("Thread 12 of 53")
    expect(page.locator(".bar .nth")).to_have_text("new: 15")
    page.get_by_role("link", name="Next new comment").click()
    expect(page.locator(".bar .nth")).to_have_text("new: 1/15")
    boxes = [link.bounding_box() for link in page.locator(".bar a, .bar .where, .bar .nth").all()]
    middles = {round(box["y"] + box["height"] / 2) for box in boxes if box}
    assert max(middles) - min(middles) <= 1
    sizes = [(box["width"], box["height"]) for box in boxes if box]
    assert len(sizes) == 6
    assert all(width >= 24 and height >= 16 for width, height in sizes)
    assert min(link.bounding_box()["height"] for link in page.locator(".bar a").all()) >= 44  # type: ignore[index]


def test_answers_that_come_meanwhile_are_placed_without_moving_the_text(fresh: Site, visit: Open) -> None:
    """A strip tells of them; on request they stand where they belong, and what one reads stays where it is."""
    page = visit(fresh).page
    page.clock.install()
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(answer.status) if "new-since" in answer.url else None)
    page.goto(CLOCK)
    expect(page.locator(".bar .where")).to_be_visible()
    strip = page.locator(".strip")
    for _ in range(2):
        with page.expect_response("**/new-since?*"):
            page.clock.fast_forward(120_000)
    expect(strip).not_to_be_visible()
    with inside(fresh.instance, fresh.database):
        first = say("agnes", FORK, "Right behind the fork.", CLOCK_ID)
        second = say("agnes", OPEN_LAST, "At the very end.", CLOCK_ID)
        third = say("agnes", None, "A thread of its own.", CLOCK_ID)
    page.clock.fast_forward(600_000)
    expect(strip).to_contain_text("New comments: 3")
    page.evaluate(f"document.querySelector('#c-{OPEN_LAST}').scrollIntoView({{ behavior: 'instant' }})")
    top = f"Math.round(document.querySelector('#c-{OPEN_LAST}').getBoundingClientRect().top)"
    before = page.evaluate(top)
    strip.get_by_role("button", name="Show them").click()
    expect(page.locator(f"#c-{second}")).to_be_visible()
    assert abs(page.evaluate(top) - before) <= 1  # a browser scrolls whole pixels
    expect(strip).not_to_be_visible()
    order = "[...document.querySelectorAll('.comment')].map((row) => row.id + row.className + row.dataset.parent)"
    placed = page.evaluate(order)
    expect(page.locator(f"#c-{OPEN_LAST} > .acts .fold")).to_be_visible()
    for id in (first, second, third):
        expect(page.locator(f"#c-{id} .new-mark")).to_have_text("new")
    page.get_by_role("link", name="Next new comment").click()
    page.wait_for_url(f"**#c-{first}")
    page.reload()
    assert page.evaluate(order) == placed


def test_an_open_page_asks_less_and_less_and_not_while_hidden(fresh: Site, visit: Open) -> None:
    """Nobody looks at a hidden page; where nothing comes, the questions become rare."""
    page = visit(fresh).page
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "new-since" in request.url else None)
    page.goto(CLOCK)
    expect(page.locator(".bar .where")).to_be_visible()
    page.evaluate(
        """() => {
        window.away = false;
        Object.defineProperty(document, "hidden", { get: () => window.away });
        window.turn = (away) => { window.away = away; document.dispatchEvent(new Event("visibilitychange")); };
        }"""
    )
    page.evaluate("turn(true)")
    page.clock.run_for(3_600_000)
    assert asked == []
    with page.expect_request("**/new-since?*"):
        page.evaluate("turn(false)")
        page.clock.run_for(1_000)
    page.clock.run_for(80_000)
    assert len(asked) == 1


def test_scripts_of_a_discussion_are_small(shown: Site, visit: Open) -> None:
    """All that an article's page loads, uncompressed, is under 25 kB."""
    page = visit(shown).page
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}) if ".js" in answer.url else None)
    page.goto(CLOCK, wait_until="networkidle")
    names = {Path(url.split("?")[0]).name for url in sizes}
    assert {"forum.js", "way.js", "fold.js", "arrivals.js", "sides.js"} <= names
    assert sum(sizes.values()) < 25_000


@pytest.mark.parametrize("name", ["reddit-541-comments", "wiki-talk-ckb-rtl"])
def test_a_real_discussion_on_a_small_phone(fresh: Site, visit: Open, shared: Path, name: str) -> None:
    """Nothing sticks out sideways, open or folded, and nothing moves."""
    with inside(fresh.instance, fresh.database):
        one = article(_person("mina"), "A real thread")
        pour_real(one, read(shared / "threads" / f"{name}.jsonl"))
        address = f"/articles/{one.slug}"
    page = visit(fresh, viewport=SMALL).page
    page.add_init_script(SHIFTS)
    page.goto(address)
    expect(page.locator(".bar .where")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("window.shifted") == []
    page.get_by_role("button", name="Fold side remarks").click()
    for row in page.locator(".comment.off .fold").all()[:20]:
        expect(row).to_have_text(re.compile("^Show"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    height = "document.documentElement.scrollHeight"
    short = page.evaluate(height)
    page.get_by_role("button", name="Fold side remarks").click()
    assert page.evaluate(height) > short
