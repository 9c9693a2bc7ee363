"""HTML that bleach need not read: whatever is taken for such, bleach leaves as it is, to the byte."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.text import rendering
from forum.text.cost import as_typed
from forum.text.settled import DEEPEST, is_settled
from forum.text.tokens import tokens, written
from forum.text.words import tidy, tidy_html
from tests.test_text import payloads

NAMES = ("p", "br", "hr", "em", "strong", "b", "i", "s", "code", "del", "sub", "sup", "blockquote", "ul", "ol", "li")
OTHERS = ("pre", "a", "abbr", "h2", "table", "td", "script", "svg", "math", "style", "template", "P", "plaintext")
# What parsers of HTML are known to read in different ways, in pieces that any order may bring together.
PIECES = (
    *(f"<{slash}{name}>" for name in (*NAMES, *OTHERS) for slash in ("", "/")),
    *("<br/>", "<p >", '<p class="x">', '<a href="/x">', "<!-- -->", "<![CDATA[", "]]>", "<", ">", "</", "&", ";"),
    *("&amp;", "&lt;", "&gt;", "&quot;", "&copy;", "&copy", "&#60;", "&amp;lt;", '"', "'", "words", "\n", "\t", " "),
    *("\r", "\x00", "\x0b", "\x0c", "\x7f", "\x85", "\xa0", "\u2028", "\ufeff", "\ufffd", "\ufffe", "\ud800", "😀"),
)
WORDS = st.text(st.sampled_from("ab <>&\"';\n\xa0é\u202e😀"), max_size=12).map(
    lambda text: html.escape(text, quote=False)
)
PHRASES = st.recursive(
    WORDS | st.just("<br>"),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
        st.sampled_from(("em", "strong", "b", "i", "s", "code", "del", "sub", "sup")),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
PARAGRAPHS = st.lists(PHRASES, max_size=3).map(lambda parts: f"<p>{''.join(parts)}</p>")
BLOCKS = st.recursive(
    PARAGRAPHS | st.just("<hr>"),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: "<blockquote>\n" + "\n".join(parts) + "</blockquote>")
        | st.lists(inner | PHRASES, max_size=3).map(lambda parts: f"<ul><li>{'</li><li>'.join(parts)}</li></ul>")
    ),
    max_leaves=5,
)


def bleached(untrusted: str) -> str:
    """Return what bleach makes of a text of a comment."""
    return rendering._cleaned(untrusted, article=False, notes=False)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_is_taken_as_settled_bleach_leaves_as_it_is(soup):
    if is_settled(soup):
        assert bleached(soup) == soup


@given(st.lists(BLOCKS, max_size=3).map("\n".join))
def test_so_it_does_with_whatever_is_well_formed(document):
    if is_settled(document):
        assert bleached(document) == document


@given(st.lists(BLOCKS, max_size=3).map("\n".join))
def test_what_is_imported_is_the_same_as_if_it_were_read_and_written_anew(document):
    anew = written(rendering._tidied(tokens(tidy(document))))
    assert rendering.render(document, "html") == tidy_html(bleached(anew).strip())


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_so_it_does_with_the_attacks_of_the_corpora(shared, kind):
    for payload in payloads(shared):
        for text in (payload, rendering.render(payload, kind), f"<p>{as_typed(payload)}</p>"):
            if is_settled(text):
                assert bleached(text) == text


@pytest.mark.parametrize("article", [False, True])
def test_articles_and_their_notes_keep_the_same_of_it(article):
    for text in ("<p>One &amp; <em>two</em>.</p>\n<ul><li>three</li></ul>", "<blockquote><p>four</p></blockquote><hr>"):
        assert is_settled(text)
        assert rendering._cleaned(text, article, article) == text


@pytest.mark.parametrize(
    "source", ['One.\n\nTwo, *three* and **four**:\n\n> “five” & "six" < 7\n\n- eight\n- nine\n\n***', "\n", "`code`"]
)
def test_what_most_people_write_is_settled(source):
    assert is_settled(rendering._markdown(article=False).render(source))


@pytest.mark.parametrize(
    "text",
    [
        *("<script>x</script>", '<p onclick="x">y</p>', "<p class>y</p>", '<p><a href="/x">y</a></p>', "<svg></svg>"),
        *("<p>a", "a</p>", "<p>a<p>b</p></p>", "<p>a</p></p>", "<em>a</em>", "words alone", "<ul>words</ul>"),
        *("<li>a</li>", "<p><em>a</p></em>", "<p><em><strong>a</em></strong></p>", "<p><em><em>a</em></em></p>"),
        *("<P>a</P>", "<p >a</p>", "<br/>", "<p>a<br/>b</p>", "<p>a</br>b</p>", "<hr></hr>", "<p>a<hr>b</p>"),
        *("<p>a & b</p>", "<p>a &copy; b</p>", "<p>&#60;</p>", "<p>a < b</p>", "<p>a > b</p>", "<p><!-- a --></p>"),
        *("<p>\x00</p>", "<p>\r</p>", "<p>\x0c</p>", "<p>\ud800</p>", "<p><ul><li>a</li></ul></p>", "<pre>a</pre>"),
        "<blockquote>" * DEEPEST + "</blockquote>" * DEEPEST,
    ],
)
def test_everything_else_is_for_bleach(text):
    assert not is_settled(text)
