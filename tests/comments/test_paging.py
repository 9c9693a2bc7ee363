"""Follow the links of a discussion from end to end."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from forum import db
from tests.comments.talk import pour, put


def walk(browser, address: str, rel: str) -> list[list[int]]:
    """Follow the links of one kind and return the ids of the rows of each page."""
    pages: list[list[int]] = []
    while address:
        text = browser.get(address).text
        pages.append([int(id) for id in re.findall(r'<article id="c-(\d+)"', text)])
        link = re.search(rf'rel="{rel}" href="([^"]+)"', text)
        address = link[1].replace("&amp;", "&") if link else ""
        assert len(pages) < 60
    return pages


@pytest.fixture
def threads(cast):
    """Return 120 threads of 1 to 9 rows, some at the very same moment, a few of them gone."""
    parents: list[int | None] = []
    for number in range(120):
        root = len(parents)
        parents += [None, *[root] * (number % 9)]
    ids = pour(cast.article, [cast.tom, cast.rosa], parents)
    roots = [id for id, parent in zip(ids, parents, strict=True) if parent is None]
    db.lock(cast.article.id)
    db.session.execute(
        text(
            "UPDATE comments SET created_at = (SELECT min(created_at) FROM comments)"
            " WHERE parent_id IS NULL AND id <= :id"
        ),
        {"id": roots[60]},
    )
    db.commit()
    for root in (roots[9], roots[99]):
        put(root, "spam")
    return ids, [root for root in roots if root not in (roots[9], roots[99])]


@pytest.mark.parametrize("order", ["", "?order=newest"])
def test_every_thread_is_met_exactly_once(cast, threads, order):
    _, roots = threads
    pages = walk(cast.browser(), f"/articles/{cast.article.slug}{order}", "next")
    met = [id for page in pages for id in page if id in set(roots)]
    assert met == (roots if not order else list(reversed(roots)))
    rows = [id for page in pages for id in page]
    assert len(rows) == len(set(rows))
    assert len(pages) > 2
    assert all(len(page) <= 200 for page in pages)


@pytest.mark.parametrize("order", ["", "&order=newest"])
def test_backwards_too(cast, threads, order):
    _, roots = threads
    last = roots[-1] if not order else roots[0]
    pages = walk(cast.browser(), f"/articles/{cast.article.slug}?from={last}{order}", "prev")
    met = [id for page in reversed(pages) for id in page if id in set(roots)]
    assert list(dict.fromkeys(met)) == (roots if not order else list(reversed(roots)))


def test_a_long_thread_is_read_to_its_end_along_its_links(cast):
    ids = pour(cast.article, [cast.tom, cast.ida], [None, *range(650)])
    browser = cast.browser()
    page = browser.get(f"/articles/{cast.article.slug}").text
    assert f"{651 - 100} more replies" in page
    more = re.search(r'class="folded"><a href="([^"]+)"', page)
    assert more
    first = [int(id) for id in re.findall(r'<article id="c-(\d+)"', page)]
    rows = first + [id for page in walk(browser, more[1].split("#")[0], "next") for id in page]
    assert list(dict.fromkeys(rows)) == ids


def test_levels_are_the_same_wherever_a_page_begins(cast):
    parents: list[int | None] = [None]
    parents += [number // 3 if number % 5 else number for number in range(420)]
    pour(cast.article, [cast.tom], parents)
    root = int(re.findall(r'<article id="c-(\d+)"', cast.browser().get(f"/articles/{cast.article.slug}").text)[0])
    shown: dict[str, set[str]] = {}
    address = f"/comments/{root}/branch"
    found = r'<article id="c-(\d+)"[^>]*data-level="(\d+)"'
    order: list[str] = []
    while address:
        text = cast.browser().get(address).text
        for id, level in re.findall(found, text):
            shown.setdefault(id, set()).add(level)
            order.append(id)
        link = re.search(r'rel="next" href="([^"]+)"', text)
        address = link[1] if link else ""
    for id in list(dict.fromkeys(order))[50:400:60]:
        text = cast.browser().get(f"/comments/{root}/branch?from={id}").text
        for row, level in re.findall(found, text):
            shown.setdefault(row, set()).add(level)
    assert len(shown) == 421
    assert {row: levels for row, levels in shown.items() if len(levels) > 1} == {}
