"""Which page of how many: as many as there are links from one to the next."""

from __future__ import annotations

import re

import pytest

from forum.comments.reading import pages
from tests.comments.talk import pour, put


def walked(browser, address: str) -> list[tuple[int, int, int, int, int]]:
    """Follow the links to later pages; return what each page says of itself: twice, and the same."""
    said = []
    while address:
        text = browser.get(address).text
        found = re.findall(r"Page (\d+) of (\d+): threads (\d+) to (\d+) of (\d+)\.", text)
        assert len(found) == 2
        assert len(set(found)) == 1
        said.append(tuple(map(int, found[0])))
        link = re.search(r'rel="next" href="([^"]+)"', text)
        address = link[1].replace("&amp;", "&") if link else ""
    return said


@pytest.fixture
def roots(cast) -> list[int]:
    """Return the first comments of 90 threads of 1 to 9 rows; one was removed as a whole."""
    parents: list[int | None] = []
    for number in range(90):
        parents += [None, *[len(parents)] * (number % 9)]
    ids = pour(cast.article, [cast.tom, cast.rosa], parents)
    found = [id for id, parent in zip(ids, parents, strict=True) if parent is None]
    put(found[0], "spam")
    return found


def test_the_only_page_says_nothing(cast):
    pour(cast.article, [cast.tom], [None, 0, None])
    assert not re.search(r"Page \d|Threads \d", cast.browser().get(f"/articles/{cast.article.slug}").text)


@pytest.mark.parametrize("order", ["", "?order=newest"])
def test_a_page_says_which_it_is(cast, roots, order):
    said = walked(cast.browser(), f"/articles/{cast.article.slug}{order}")
    assert len(said) > 2
    assert [one[0] for one in said] == list(range(1, len(said) + 1))
    assert {one[1] for one in said} == {len(said)}
    assert {one[4] for one in said} == {90}
    edges = [edge for one in said for edge in one[2:4]]
    assert edges == sorted(edges, reverse=bool(order))
    assert {edges[0], edges[-1]} == {2, 90}


def test_a_page_that_begins_in_the_middle_counts_the_links_from_there(cast, roots):
    address = f"/articles/{cast.article.slug}?from={roots[40]}"
    number, total, first, *_ = walked(cast.browser(), address)[0]
    back, link = 0, address
    while link:
        found = re.search(r'rel="prev" href="([^"]+)"', cast.browser().get(link).text)
        link, back = (found[1].replace("&amp;", "&"), back + 1) if found else ("", back)
    assert (number, first) == (back + 1, 41)
    assert total == back + len(walked(cast.browser(), address))


def test_of_too_many_threads_a_page_says_only_which_it_shows(cast, roots, monkeypatch):
    monkeypatch.setattr(pages, "MOST", 50)
    text = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert "Page 1 of" not in text
    assert re.search(r"Threads 2 to \d+ of 90\.", text)
    other = cast.browser().get(f"/articles/{cast.article.slug}?from={roots[-1]}&order=newest").text
    assert re.search(r"Threads 90 to \d+ of 90\.", other)
