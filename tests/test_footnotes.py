"""Footnotes of articles: read, drawn and cleaned, and no way to an id of one's own."""

from __future__ import annotations

import re

import html5lib
import pytest

from forum.text.as_markdown import as_markdown
from forum.text.rendering import MAX_ARTICLE, clean, render
from forum.text.words import excerpt, plain
from tests.articles.test_write import HOME, TYPED, write
from tests.cast import Cast

NOTED = (
    "It faces south.[^sun] And again.[^sun] So says[^2] the paper.\n\n[^sun]: See *there*.\n\n[^2]: One.\n\n    Two."
)


def ids(html: str) -> list[str]:
    """Return all ids in their order."""
    return re.findall(r' id="([^"]*)"', html)


def drawn(source: str) -> str:
    """Return an article's HTML."""
    return render(source, article=True)


def test_a_note_stands_at_the_end_with_a_way_there_and_back():
    html = drawn(NOTED)
    page = html5lib.parse(html, namespaceHTMLElements=False)
    assert len(set(ids(html))) == len(ids(html)) == 5
    links = [link.get("href") for link in page.iter("a")]
    assert {link.removeprefix("#") for link in links} == set(ids(html))
    (notes,) = page.iter("section")
    assert notes.get("role") == "doc-endnotes"
    assert ["".join(note.itertext()).split() for note in notes.iter("li")] == [
        ["See", "there.", "↩︎", "↩︎"],
        ["One.", "Two.", "↩︎"],
    ]
    assert {link.get("role") for link in page.iter("a")} == {"doc-noteref", "doc-backlink"}
    assert clean(html, article=True, notes=True) == html


def test_notes_of_two_articles_in_one_document_do_not_meet():
    assert not set(ids(drawn("A[^1]\n\n[^1]: x"))) & set(ids(drawn("B[^1]\n\n[^1]: x")))
    assert drawn(NOTED) == drawn(NOTED)


def test_a_long_article_keeps_its_notes_though_it_is_cleaned_in_pieces():
    source = "".join(f"{'Words about a bench. ' * 20}[^{n}]\n\n[^{n}]: The Gazette, page {n}.\n\n" for n in range(200))
    html = drawn(source)
    assert len(html) > 2 * 10_000
    assert len(set(ids(html))) == len(ids(html)) == 400


@pytest.mark.parametrize(
    "source",
    [
        '<a id="fn-00000000-1" role="doc-noteref">x</a><section class="notes" role="doc-endnotes"><ol><li id="c-1">x',
        '[x](#a "t\' id=fn-00000000-1") <sup class="note" id="main">1</sup>',
        "[^1]: alone, and named nowhere",
        "[^]\n\n[^]: x",
        "[^a b]\n\n[^a b]: x",
        "^[within a sentence]",
        "`[^1]`\n\n[^1]: x",
        "[^" + "x" * 41 + "]\n\n[^" + "x" * 41 + "]: x",
    ],
)
def test_nothing_else_gets_an_id(source):
    for kind in ("markdown", "html"):
        assert ids(render(source, kind, article=True)) == []


@pytest.mark.parametrize(
    "name",
    ['"onclick="x', "<b>", "javascript:x", "__proto__", "é", "1\x00", "a\u202eb", "&quot;", "'", "x]:[y"],
)
def test_whatever_a_note_is_called_its_ids_are_numbers(name):
    html = drawn(f"a[^{name}]\n\n[^{name}]: words")
    assert all(re.fullmatch(r"fn(ref)?-[0-9a-f]{8}-\d+", one) for one in ids(html))
    assert "<b>" not in html
    assert "onclick=" not in re.sub(r">[^<]*<", "><", html)


def test_a_note_is_cleaned_as_every_text():
    html = drawn("a[^1]\n\n[^1]: <script>x</script> [y](javascript:x) ![z](https://spy.example/z.png)")
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "<img" not in html


def test_comments_and_imported_html_have_none():
    assert "[^1]" in render("a[^1]\n\n[^1]: two words")
    assert ids(render(drawn(NOTED), "html", article=True)) == []


@pytest.mark.parametrize("piece", ["[^", "[^1]", "[^1]: ", "[^1]:\n    ", "[^a", "^[", "a[^1]\n\n[^1]: x\n\n"])
def test_200_kilobytes_of_it_are_drawn_or_shown_as_they_were_typed(piece):
    html = drawn((piece * (MAX_ARTICLE // len(piece)))[: MAX_ARTICLE - 20] + "\n\n[^1]: x")
    assert len(html) <= 20 * MAX_ARTICLE
    assert len(set(ids(html))) == len(ids(html))


def test_numbers_of_notes_are_no_words():
    assert plain(drawn("South.[^1]\n\n[^1]: There.")) == "South. There."
    assert excerpt(drawn("South[^1] wall.\n\n[^1]: There."), 12) == "South wall.…"


def test_an_archive_to_read_has_them_in_markdown():
    text = as_markdown(drawn(NOTED))
    one, two = dict.fromkeys(re.findall(r"\[\^[0-9a-f]{8}-\d+\]", text))
    assert text == (
        f"It faces south.{one} And again.{one} So says{two} the paper."
        f"\n\n{one}: See *there*.\n\n{two}: One.\n\n    Two."
    )
    assert ids(drawn(text))


def test_notes_of_two_texts_in_one_archive_do_not_meet():
    text = as_markdown(drawn("A[^1]\n\n[^1]: of A")) + "\n\n" + as_markdown(drawn("B[^1]\n\n[^1]: of B"))
    assert plain(drawn(text)) == "A B of A of B"


def test_the_page_names_the_way_back_in_its_own_language(cast: Cast) -> None:
    write(cast, "publish", body=NOTED)
    page = cast.browser().get(HOME).text
    assert page.count('<a class="note-back" aria-label="Back to the text" href="#fnref-') == 3
    assert "note-back&#34;" not in page
    article = cast.browser(cast.ida).post("/articles/new", act="preview", **{**TYPED, "body": NOTED}).text
    assert article.count('aria-label="Back to the text"') == 3


def test_a_script_gets_the_preview_alone(cast: Cast) -> None:
    fields = {**TYPED, "title": "", "body": NOTED}
    answer = cast.browser(cast.ida).post("/articles/new", fragment=True, act="preview", **fields)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "doc-endnotes" in answer.text
    for person in (cast.tom, None):
        browser = cast.browser(person) if person else cast.browser()
        assert browser.post("/articles/new", fragment=True, act="preview", **TYPED).status_code == 403
    assert cast.browser(cast.ida).forge("/articles/new", act="preview", **TYPED).status_code == 403
