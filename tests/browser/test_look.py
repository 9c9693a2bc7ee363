"""What can be measured about the look: nothing scrolls sideways, lines join what belongs together, targets are large
enough for thumbs, and axe finds nothing. The eye is needed too: `tests/browser/screenshots.py`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from tests.browser.conftest import Site
from tests.browser.pages import CLOCK, ENDED, ENDED_LAST, FORK, OPEN, PAGES, RIVER, RIVER_ID
from tests.browser.running import PHONE, SMALL, WIDE, Visit, inside, person_named, say

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
VENDOR = Path(__file__).parent / "vendor"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
STEP, PHONE_STEP = 32, 18  # pixels a branch steps in
LANE = 10  # pixels that the lane of later replies takes beside the deepest column of a phone
DEPTH = 7
TOO_SMALL = """() => [...document.querySelectorAll(
    'a, button, summary, select, input:not([type=hidden]), textarea')].filter(one => {
  const box = one.getBoundingClientRect();
  if (!box.width || !one.checkVisibility({ visibilityProperty: true })) return false;
  // What WCAG exempts: links within a sentence (not one that is its paragraph), and a box with a label around it.
  const whole = one.parentElement.matches('p') && one.parentElement.textContent.trim() === one.textContent.trim();
  const sentence = 'p:not(.acts, .page-link, .paging, .folded, .thread-number), li:not(.menu-list > *), td, figcaption,'
    + ' small, .to-far, .tag, h1, h2';
  if (one.matches('a') && !whole && (one.closest(sentence) || one.matches('.to, .skip'))) return false;
  if (one.matches('[type=checkbox], [type=radio]')) return one.closest('label').getBoundingClientRect().height < 44;
  return box.height < 43.5 || box.width < 43.5;
}).map(one => `${one.outerHTML.slice(0, 90)} ${JSON.stringify(one.getBoundingClientRect())}`)"""

# Each dot between two things with the first letter that is shown after it: they stand in one line.
LOOSE_DOTS = """() => {
  const letters = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = new Range();
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!node.data.trim() || node.parentElement.closest('.for-ears, .hidden, textarea, select')) continue;
    [...node.data].forEach((letter, at) => {
      if (!letter.trim()) return;
      range.setStart(node, at), range.setEnd(node, at + 1);
      const box = range.getBoundingClientRect();
      if (box.width) letters.push([letter, box, node]);
    });
  }
  return letters.filter(([letter, box], at) => letter === '·' && letters[at + 1]?.[1].top > box.bottom - 2)
    .map(([, , node]) => node.parentElement.outerHTML.slice(0, 120));
}"""


@pytest.fixture(params=list(PAGES), ids=lambda name: name or "visitor")
def person(request: pytest.FixtureRequest) -> str:
    """Return one after the other who has pages of their own to look at."""
    return str(request.param)


@pytest.fixture(scope="module")
def deep(shown: Site) -> list[int]:
    """Return the ids of a chain in which every comment has a second reply, so that each branches off."""
    with inside(shown.instance, shown.database):
        chain = [say("hal", None, "Which bank is the far one?", RIVER_ID)]
        for number in range(1, DEPTH):
            # Three in turn, for of two who answer each other the answer would keep the column.
            chain.append(say(("hal", "agnes", "cato")[number % 3], chain[-1], f"The other one, {number}.", RIVER_ID))
        for parent in reversed(chain[:-1]):
            say("maud", parent, "The one you are not on.", RIVER_ID)
    return chain


@pytest.fixture(scope="module")
def talk(shown: Site) -> tuple[list[int], dict[int, int]]:
    """Return twenty rounds of two: each letter has a remark, every other one later than the partner's answer.

    The letters' ids in their order, and of each remark what it answers.
    """
    letters: list[int] = []
    remarks: dict[int, int] = {}
    with inside(shown.instance, shown.database):
        for number in range(40):
            writer = "agnes" if number % 2 else "hal"
            letters.append(say(writer, letters[-1] if letters else None, f"Letter {number} of forty.", RIVER_ID))
            if number:
                answered = letters[-1] if number % 4 < 2 else letters[-2]
                remarks[say("cato", answered, "Hear, hear.", RIVER_ID)] = answered
                if number % 4 == 3:
                    remarks[say("priya", letters[-1], "Well said.", RIVER_ID)] = letters[-1]
    return letters, remarks


def test_nothing_scrolls_sideways(shown: Site, visit: Open, person: str) -> None:
    """Bar 53: no page is wider than the window, down to 320 px."""
    page = _signed_in(shown, visit, person)
    wide = []
    for name, path in PAGES[person].items():
        page.goto(path)
        for size in (SMALL, PHONE, WIDE):
            page.set_viewport_size(size)
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            wide += [f"{name} at {size['width']}: {over} px too wide"] if over > 0 else []
    assert not wide, "\n".join(wide)


def test_targets_fit_thumbs(shown: Site, visit: Open, person: str) -> None:
    """On a phone everything one touches is at least 44 px, but for links within a sentence."""
    page = _signed_in(shown, visit, person, viewport=PHONE, has_touch=True, is_mobile=True)
    small = []
    for name, path in PAGES[person].items():
        page.goto(path)
        small += [f"{name}: {found}" for found in page.evaluate(TOO_SMALL)]
    assert not small, "\n".join(small)


def test_no_dot_is_left_at_the_end_of_a_line(shown: Site, visit: Open, person: str) -> None:
    """A dot between two things goes into the next line with the second."""
    page = _signed_in(shown, visit, person, viewport=PHONE, has_touch=True, is_mobile=True)
    loose = []
    for name, path in PAGES[person].items():
        page.goto(path)
        for size in (PHONE, SMALL):
            page.set_viewport_size(size)
            loose += [f"{name} at {size['width']}: {found}" for found in page.evaluate(LOOSE_DOTS)]
    assert not loose, "\n".join(loose)


def test_charts_are_drawn(shown: Site, visit: Open) -> None:
    """The bars of the charts are seen, by no script; a rule of the stylesheet for something else hides none."""
    page = _signed_in(shown, visit, "fenwick", java_script_enabled=False)
    page.goto(PAGES["fenwick"]["figures"])
    bars = page.locator(".chart rect")
    assert bars.count()
    for bar in bars.all():
        expect(bar).to_be_visible()


def test_axe_is_what_was_published() -> None:
    """The vendored axe has the checksum that is written beside it."""
    for line in (VENDOR / "SHA256SUMS").read_text("ascii").splitlines():
        checksum, name = line.split()
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == checksum


@pytest.mark.parametrize(("size", "step"), [(WIDE, STEP), (PHONE, PHONE_STEP), (SMALL, PHONE_STEP)])
def test_run_stays_in_its_column(shown: Site, visit: Open, size: Any, step: int) -> None:
    """A run of single replies never leaves its column, and the branch beside it stands one step further out."""
    page = visit(shown, viewport=size).page
    page.goto(CLOCK)
    run = page.locator(f"#c-{ENDED}, #c-{ENDED} ~ article:has(~ #c-{ENDED_LAST}), #c-{ENDED_LAST}")
    columns = {_column(page, int(id.removeprefix("c-"))) for id in run.evaluate_all("all => all.map(one => one.id)")}
    assert run.count() == 8
    assert columns == {_column(page, FORK) + step}
    assert _column(page, OPEN) == _column(page, FORK)


@pytest.mark.parametrize("size", [WIDE, PHONE, SMALL])
def test_branch_after_closing_words_says_what_it_answers(shown: Site, visit: Open, size: Any) -> None:
    """The second branch cannot be mistaken for an answer to the closing words: line, column and words say otherwise."""
    page = visit(shown, viewport=size).page
    page.goto(CLOCK)
    words = page.locator(".closed-row").first
    left = words.locator(".closed").bounding_box()
    branch = page.locator(f"#c-{OPEN}")
    assert left is not None
    assert left["x"] > _column(page, OPEN) + 20  # its own column lies to the left of the words
    expect(branch.locator(".to-far")).to_contain_text("replying to Mina Tarrant")
    expect(branch.locator(".to-far")).to_contain_text("written before the replies above")
    assert words.evaluate("one => getComputedStyle(one, '::before').content") == "none"  # no line through the words


@pytest.mark.parametrize(("size", "step", "deepest", "lane"), [(WIDE, STEP, 4, 0), (PHONE, PHONE_STEP, 3, LANE)])
def test_steps_end(shown: Site, deep: list[int], visit: Open, size: Any, step: int, deepest: int, lane: int) -> None:
    """Each branch steps in once, as far as the drawing goes; below that all stand in one column, beside the lane."""
    page = visit(shown, viewport=size).page
    page.goto(RIVER)
    first = _column(page, deep[0])
    levels = [min(level, deepest) for level in (*range(DEPTH - 1), DEPTH - 2)]
    assert [_column(page, id) - first for id in deep] == [
        level * step + (lane if level == deepest else 0) for level in levels
    ]


@pytest.mark.parametrize(("size", "step"), [(WIDE, STEP), (PHONE, PHONE_STEP), (SMALL, PHONE_STEP)])
def test_remarks_do_not_break_the_column(
    shown: Site, talk: tuple[list[int], dict[int, int]], visit: Open, size: Any, step: int
) -> None:
    """Two who answer each other stay in one column; a remark stands one step aside, directly below what it answers."""
    letters, remarks = talk
    page = visit(shown, viewport=size).page
    page.goto(RIVER)
    thread = page.locator(f".thread:has(#c-{letters[0]}) > .comment")
    order = [int(id.removeprefix("c-")) for id in thread.evaluate_all("all => all.map(one => one.id)")]
    expected = []
    for letter in letters:
        expected += [letter, *(remark for remark, answered in remarks.items() if answered == letter)]
    assert order == expected
    column = _column(page, letters[0])
    assert {_column(page, letter) for letter in letters} == {column}
    last = [remark for remark, answered in remarks.items() if answered == letters[-1]]
    assert {_column(page, remark) for remark in remarks if remark not in last[-1:]} == {column + step}


def test_a_letter_below_later_remarks_says_so(shown: Site, talk: tuple[list[int], dict[int, int]], visit: Open) -> None:
    """What stands below younger rows says in words that it is older, in one short line without a quotation."""
    letters, remarks = talk
    page = visit(shown, viewport=PHONE).page
    page.goto(RIVER)
    answer = dict(pairwise(letters))
    older = {answer[letter] for remark, letter in remarks.items() if letter in answer and remark > answer[letter]}
    assert 15 < len(older) < 25
    assert {id for id in letters if page.locator(f"#c-{id} .to", has_text="written before").count()} == older
    expect(page.locator(f"#c-{min(older)} .to")).to_have_text(re.compile(r"^to \w+ \w+, \d\d:\d\d \(written before"))
    expect(page.locator(f".thread:has(#c-{letters[0]}) .to-far")).to_have_count(0)


def test_no_line_tells_an_untruth(shown: Site, deep: list[int], visit: Open) -> None:
    """In the deepest column a line comes from above only to what answers the comment above, else out of the lane."""
    for size, deepest in ((PHONE, 3), (WIDE, 4)):
        page = visit(shown, viewport=size).page
        page.goto(RIVER)
        rows = page.locator(f".thread:has(#c-{deep[0]}) > .comment").evaluate_all(
            """all => all.map(one => { const line = getComputedStyle(one, '::after');
            const lane = getComputedStyle(one).backgroundSize.split(', ')[0] !== '0px 100%';
            const avatar = one.querySelector('.avatar').getBoundingClientRect(), box = one.getBoundingClientRect();
            const left = parseFloat(line.left), joins = line.borderBottomWidth === '2px';
            return { level: +one.dataset.level, near: one.previousElementSibling.id === `c-${one.dataset.parent}`,
              aside: one.matches('.aside'), lane, joins,
              out: joins && box.left + left + parseFloat(line.width) - avatar.left,
              drawn: line.content !== 'none' }; })"""
        )
        capped = [row for row in rows if row["level"] >= deepest]
        assert len(capped) > 4
        for row in capped:
            assert row["lane"] == (row["level"] > deepest), row  # it passes where a comment of the column goes on
            assert row["drawn"], row
            steps_in = row["aside"] and row["level"] == deepest  # into the column, from the line of the one before
            assert row["joins"] == (steps_in or not row["near"]), row
            assert not row["joins"] or abs(row["out"]) <= 1.5, row  # it ends at the avatar


def test_siblings_in_the_deepest_column_keep_their_line(shown: Site, deep: list[int], visit: Open) -> None:
    """The lane ends with the last of the replies that it leads to, and begins below what they answer."""
    page = visit(shown, viewport=PHONE).page
    page.goto(RIVER)
    last = page.locator(f".thread:has(#c-{deep[0]}) > .comment[data-level='3'].inline.far")
    expect(last).to_have_count(1)
    lane = "one => getComputedStyle(one).backgroundSize.split(', ')[0]"
    assert last.evaluate(lane) == "0px 100%"
    assert last.evaluate(f"one => ({lane})(one.previousElementSibling)") == "2px 100%"


@pytest.mark.parametrize("scripts", [True, False])
def test_each_of_two_reads_of_the_end_before_clicking(fresh: Site, visit: Open, scripts: bool) -> None:
    """With scripts where the words stand and instead of "Reply"; without, at the end of the page."""
    with inside(fresh.instance, fresh.database):
        ids: list[int] = []
        for number in range(4):
            ids.append(say("agnes" if number % 2 else "hal", ids[-1] if ids else None, f"Turn {number}.", RIVER_ID))
        ids.append(say("hal", ids[-2], "And another thing.", RIVER_ID))
        moderator = person_named("fenwick")
        closure = closing.close_branch(moderator, ids[1], Ending(people="two")).id
    page = _signed_in(fresh, visit, "hal", java_script_enabled=scripts)
    page.goto(RIVER)
    expect(page.locator(".between")).to_contain_text("You and Agnes Doyle can no longer answer each other here.")
    expect(page.locator(f"#closing-{closure} + .between")).to_have_count(int(scripts))
    # Agnes's two, and his own below one of them; his first answered nobody.
    expect(page.locator(".instead")).to_have_count(4 if scripts else 0)
    expect(page.locator(f"#c-{ids[0]} > .acts > a").first).to_have_text("Reply")
    other = _signed_in(fresh, visit, "cato", java_script_enabled=scripts)
    other.goto(RIVER)
    expect(other.locator(".between, .instead")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_menu_of_the_head(shown: Site, visit: Open, scripts: bool) -> None:
    """The links of the head are a row on wide screens and a sheet on phones, with scripts or without."""
    page = visit(shown, java_script_enabled=scripts).page
    page.goto("/")
    link = page.get_by_role("banner").get_by_role("link", name="Sign up")
    expect(link).to_be_visible()
    page.set_viewport_size(PHONE)
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(link).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(link).to_be_hidden()


def test_thread_to_the_ear(shown: Site, visit: Open) -> None:
    """A listener finds each comment by its heading, hears what it answers, and full names of what one can do."""
    page = visit(shown).page
    page.goto(CLOCK)
    thread = page.get_by_role("region", name="Thread 1, started by Agnes Doyle")
    for number, count in ((1, 1), (2, 2)):  # the second reply to Mina twice: below a remark, too
        heading = f"Bertram Oakes, replying to Mina Tarrant (reply {number})"
        expect(thread.get_by_role("heading", name=heading)).to_have_count(count)
    # Of how many stands above them, in the comment they answer.
    answered = thread.get_by_role("article").filter(has=page.get_by_role("heading", name=re.compile("^Mina Tarrant")))
    expect(answered.get_by_text("2 replies:")).not_to_have_count(0)
    expect(thread.get_by_role("link", name=re.compile("Reply to Hal Sorensen, .*08:10"))).to_have_count(1)
    expect(thread.get_by_role("note", name="Closing words")).to_contain_text("This exchange has ended.")


def test_axe_would_find_something(shown: Site, visit: Open) -> None:
    """The harness is not deaf: a picture without words is found."""
    page = visit(shown).page
    page.goto("/")
    page.evaluate("document.querySelector('main').append(new Image(20, 20))")
    assert any(line.startswith("image-alt") for line in _violations(page))


def test_queue_on_a_phone(shown: Site, visit: Open) -> None:
    """The first case is seen without scrolling, in the list and open, and Keep and Remove do not touch."""
    page = _signed_in(shown, visit, "fenwick", viewport=PHONE)
    page.goto("/moderation/queue")
    expect(page.locator(".case-row .first-line").first).to_be_in_viewport()
    page.locator(".case-row").first.get_by_role("link").click()
    case = page.locator(".desk-case")
    expect(case.locator(".body").first).to_be_in_viewport()
    keep, remove = (case.get_by_role("button", name=name, exact=True).bounding_box() for name in ("Keep", "Remove"))
    assert keep is not None
    assert remove is not None
    assert remove["y"] - (keep["y"] + keep["height"]) > 44


@pytest.mark.parametrize(
    ("path", "name", "time"),
    [
        ("/moderation/queue", ".case-row .who", ".case-row .when"),
        ("/moderation/queue?tab=decided", ".case-row .who", ".case-row .when"),
        (f"/comments/{OPEN}/flag", ".case > header .who", ".case > header .when"),
    ],
)
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_the_time_stands_beside_the_name(shown: Site, visit: Open, path: str, name: str, time: str, size: Any) -> None:
    """However long the title below them is, a time has no line of its own."""
    page = _signed_in(shown, visit, "fenwick", viewport=size)
    page.goto(path)
    names, times = page.locator(name), page.locator(time)
    assert names.count() == times.count() > 0
    for one, other in zip(names.all(), times.all(), strict=True):
        assert abs(_middle(one) - _middle(other)) < 10


def test_what_ends_following_stands_at_the_edge_of_a_phone(shown: Site, visit: Open) -> None:
    """Below the words, the first act begins where these begin."""
    page = _signed_in(shown, visit, "bertram", viewport=PHONE)
    page.goto("/following")
    for item in page.locator(".followed li").all():
        assert item.locator("form").first.evaluate("one => one.getBoundingClientRect().x") == item.evaluate(
            "one => one.getBoundingClientRect().x"
        )
    assert page.locator(".followed li").count() > 0


@pytest.mark.parametrize(("person", "path"), [("odile", "/admin/export"), ("bertram", "/following")])
def test_a_form_begins_with_its_heading(shown: Site, visit: Open, person: str, path: str) -> None:
    """Above the first heading of a box there is no more room than beside it."""
    page = _signed_in(shown, visit, person)
    page.goto(path)
    room = "one => { const box = one.parentElement.getBoundingClientRect(), own = one.getBoundingClientRect();"
    above, beside = page.locator(".write > h2").first.evaluate(f"{room} return [own.y - box.y, own.x - box.x]; }}")
    assert above <= beside + 2


@pytest.mark.parametrize("person", ["", "fenwick"], ids=["visitor", "moderator"])
def test_the_head_is_one_row_on_the_smallest_phone(shown: Site, visit: Open, person: str) -> None:
    """The name of the site does not break, also where the menu says how much waits."""
    page = _signed_in(shown, visit, person, viewport=SMALL)
    page.goto("/")
    text = "const text = document.createRange(); text.selectNodeContents(one);"
    name = page.get_by_role("banner").locator(".name")
    lines = name.evaluate(f"one => {{ {text} return text.getClientRects().length; }}")
    assert lines == 1
    assert not person or "(" in page.get_by_role("button", name="Menu").inner_text()


def test_policy_of_the_page_bites(shown: Site, visit: Open) -> None:
    """Bar 3: a script that somebody got into a live page does not run."""
    page = visit(shown).page
    page.goto(CLOCK)
    page.evaluate(
        """() => {
        document.addEventListener('securitypolicyviolation', event => window.refused = event.violatedDirective);
        document.querySelector('main').insertAdjacentHTML('beforeend',
          '<img src="data:," onerror="window.ran = true"><a id="bad" href="javascript:window.ran=true">x</a>'); }"""
    )
    page.wait_for_function("window.refused")
    page.click("#bad")
    assert page.evaluate("window.ran") is None


def _signed_in(site: Site, visit: Open, person: str, **options: Any) -> Page:
    window = visit(site, **options)
    return window.sign_in(person) if person else window.page


def _column(page: Page, comment: int) -> int:
    """Return where a comment's line stands: the middle of its avatar, in pixels from the left."""
    box = page.locator(f"#c-{comment} > .avatar").bounding_box()
    assert box is not None
    return round(box["x"] + box["width"] / 2)


def _middle(one: Locator) -> float:
    box = one.bounding_box()
    assert box is not None
    return box["y"] + box["height"] / 2


def _violations(page: Page) -> list[str]:
    page.evaluate((VENDOR / "axe.min.js").read_text("utf-8"))
    run = "rules => axe.run({ runOnly: rules }).then(result => result.violations)"
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in page.evaluate(run, AXE_RULES)
        for node in rule["nodes"][:3]
    ]
