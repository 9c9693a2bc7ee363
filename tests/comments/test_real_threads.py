"""Real threads of five kinds: every comment is reached from the article along links, and says whom it answers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.comments.real import pour_real, read

pytestmark = pytest.mark.both_kinds

FILES = [
    "reddit-541-comments",
    "mailing-lists-lkml-notmuch",
    "wiki-talk-en-bigafd-parsoid",
    "wiki-talk-fr-unsigned-parsoid",
    "wiki-talk-it-unsigned-parsoid",
    "wiki-talk-ckb-rtl",
]
ROW = re.compile(r'<article id="c-(\d+)" [^>]*data-parent="(\d*)"')
LINK = re.compile(r'(?:rel="next" |class="folded"><a )href="([^"]+)"')


def reached(browser: Any, address: str) -> dict[int, set[int | None]]:
    """Follow the links to later threads and to more replies, and return whom each comment is said to answer."""
    found: dict[int, set[int | None]] = {}
    ahead, seen = [address], set()
    while ahead:
        address = ahead.pop().replace("&amp;", "&").split("#")[0]
        if address in seen:
            continue
        seen.add(address)
        page = browser.get(address)
        assert page.status_code == 200
        for id, parent in ROW.findall(page.text):
            found.setdefault(int(id), set()).add(int(parent) if parent else None)
        ahead += LINK.findall(page.text)
    return found


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("order", ["", "?order=newest"])
def test_every_comment_is_reached_and_says_whom_it_answers(cast, shared, name, order):
    said = read(shared / "threads" / f"{name}.jsonl")
    answered = pour_real(cast.article, said)
    assert len(answered) > 80
    found = reached(cast.browser(), f"/articles/{cast.article.slug}{order}")
    assert found == {id: {parent} for id, parent in answered.items()}


def test_text_from_right_to_left_has_its_own_direction(cast, shared):
    said = read(shared / "threads" / "wiki-talk-ckb-rtl.jsonl")
    pour_real(cast.article, said)
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    bodies = re.findall(r'<div class="body" dir="auto">(.*?)</div>', page, re.DOTALL)
    assert len(bodies) == len(ROW.findall(page))
    assert sum(bool(re.search("[\u0600-\u06ff]", body)) for body in bodies) > len(bodies) / 2


def test_two_hundred_comments_are_a_small_page(cast, shared):
    said = read(shared / "threads" / "reddit-541-comments.jsonl")
    pour_real(cast.article, said)
    largest = 0
    address = f"/articles/{cast.article.slug}"
    browser = cast.browser()
    while address:
        sent = browser.get(address, headers={"Accept-Encoding": "gzip"})
        assert sent.headers["Content-Encoding"] == "gzip"
        largest = max(largest, len(sent.data))
        link = re.search(r'rel="next" href="([^"#]+)', browser.get(address).text)
        address = link[1].replace("&amp;", "&") if link else ""
    assert 10_000 < largest < 60_000
