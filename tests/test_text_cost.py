"""What a text may cost, whatever is written: the worst that each construct of Markdown can be made to do (bar 4, 8)."""

from __future__ import annotations

import cProfile
import json
import pstats
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from forum.text import rendering
from forum.text.addresses import BareAddresses, linkify
from forum.text.cost import ARTICLE, COMMENT, as_typed
from forum.text.words import plain, tidy

# Calls of functions while one text is rendered, counted by Python itself: the same on every machine, however busy.
# 400,000 are 50 to 90 ms without the counting.
WORK = 400_000

# A piece that is repeated until the text is full.
REPEATED = {
    "a link": "[a](http://b) ", "a link without words": "[](http://b)",
    "a link with quotation marks": "[a](/b \"'\")", "a link that does not end": "[a](",
    "an address that does not end": "[a](<b", "a picture": "![[]()", "a left bracket": "[", "a right bracket": "]",
    "a bracket on each line": "[\n", "an unknown reference": "[a][b]", "a definition": "[a]: /u\n",
    "a title that does not end": '[a]: u "\n', "a quotation": ">", "a spaced quotation": "> ",
    "lines of nested quotations": ">>>>>>>>>>>>>>>>>>>>a\n", "quotations of ten levels": "> > > > > > > > > > a\n\n",
    "a list in a quotation": "> - a\n", "a quotation beside a list": "> a\n\n- a\n\n", "a list on one line": "* ",
    "a list": "- a\n", "an empty item": "-\n", "a numbered list": "1. a\n", "two lists": "- a\n\n+ a\n\n",
    "two empty lists": "- \n+ \n", "emphasis that begins": "*a ", "emphasis that ends": "a* ", "emphasis": "*a* ",
    "both sorts": "*a_b", "stars": "*", "stars and lines": "*_", "three stars": "***a** ",
    "stars within a word": "a**b", "two stars": "**a **", "a link across emphasis": "*[a*](b)",
    "code in emphasis": "*`a*`", "struck": "~~a~~ ", "tildes": "~", "half struck": "~~a", "code": "`a`",
    "backticks": "`", "indented code": "    a\n\n", "a fence": "```\n", "fences": "```a\n```\n", "a rule": "***\n",
    "a heading": "# a\n", "an underlined heading": "a\n-\n", "a table": "|a|b|\n|-|-|\n|c|d|\n\n", "pipes": "|",
    "an autolink": "<http://a.b>", "an autolink that does not end": "<http://a", "an address of mail": "a@b.de ",
    "a short address": "http://a.de ", "a host": "www.a.de ", "addresses with parentheses": "http://a.de/(",
    "addresses of one word": "http://a:b", "slashes": "//", "a scheme": "http:", "a scheme with slashes": "http://",
    "a scheme after a quotation mark": '"http://', "a scheme's end": '"://',
    "dots": "a.", "ats": "a@", "mailto": "mailto:", "an address with an umlaut": "http://a.de/ü ",
    "a host with an umlaut": "http://ü.de ", "a reference": "&amp;", "a numeric reference": "&#1;",
    "an ampersand": "&", "a double character": "&nGt;", "a long reference": "&CounterClockwiseContourIntegral;",
    "a quotation mark": '"', "less-than signs": "<", "a tag": "<a ", "an end tag": "</", "a comment": "<!--",
    "a declaration": "<?", "a CDATA section": "<![CDATA[", "an attribute": "<a b=", "bold": "<b>", "letters": "a",
    "spaces": " ", "a line": "a\n", "a hard break": "a  \n", "tabs": "\ta\n", "blank lines": "\n",
    "paragraphs": "a\n\n", "backslashes": "\\", "backslashes at line ends": "\\\n", "an escaped star": "\\*",
    "accents": "\u0301", "a letter with accents": "a\u0301\u0301\u0301\u0301\u0301\u0301",
    "accents as references": "&#769;",
}  # fmt: skip


def built(length: int) -> Iterator[tuple[str, str]]:
    """Yield the worst texts of about `length` characters that are not one piece repeated, each with a name."""
    half = length // 2
    yield "a long title", '[a]: https://x.example/ "' + "&" * (half - 40) + '"\n\n' + "[a]" * (half // 3)
    yield "a long reference", "[a]: https://x.example/" + "a" * (half - 40) + "\n\n" + "[a] " * (half // 4)
    yield "many definitions", "".join(f"[{number}]: /u\n" for number in range(length // 12)) + "[0]"
    yield "a title of escapes", '[a](http://b "' + '\\"' * (half - 20) + '")'
    yield "brackets in brackets", "[" * half + "]" * half
    yield "emphasis in emphasis", "*a " * (length // 6) + " a*" * (length // 6)
    yield "strong in emphasis", "**a *b " * (length // 15) + "c* d**" * (length // 15)
    yield "backticks of all lengths", "".join("`" * (number % 100 + 1) + "a" for number in range(length // 52))
    yield "deeper and deeper quotations", "".join(">" * (number % 25) + "a\n\n" for number in range(length // 15))
    yield "deeper and deeper lists", "".join(" " * (2 * (number % 20)) + "* a\n" for number in range(length // 23))
    yield "a deep quotation that goes on", ">" * 15 + "a\n" + "a\n" * (half - 10)
    yield "a deep list that goes on", "- " * 8 + "a\n" + "a\n" * (half - 10)
    yield "a wide table", "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "x\n" * (half - 210)
    yield "a wide and empty table", "|" * (length // 6) + "\n" + "|-" * (length // 6) + "|\n" + "|\n" * (length // 4)
    yield "a long address", "http://a.de/" + "(" * (length - 20)
    yield "an address of signs", "http://a.de/?" + "&" * (length - 20)
    yield "an address of umlauts", "http://a.de/?" + "ü" * (length - 20)
    yield "an address of emoji", "http://a.de/?" + "😀" * (length - 20)
    yield "notes", "[^1] " * (length // 5 - 5) + "\n\n[^1]: a"
    yield "notes without a name's end", "[^a" * (length // 3 - 5) + "\n\n[^1]: a"
    yield "notes that name each other", "[^0]\n\n" + "".join(f"[^{n}]: [^{n + 1}]\n" for n in range(length // 17))
    yield "notes in notes", "a[^1]\n\n" + "[^1]: " * (length // 6 - 5) + "a"
    yield "a long word before an address", "-" * (length - 20) + "http://a"


def worst(length: int) -> dict[str, str]:
    """Return every generated text by name."""
    return {name: piece * (length // len(piece)) for name, piece in REPEATED.items()} | dict(built(length))


COMMENTS = worst(rendering.MAX_COMMENT)
ARTICLES = worst(rendering.MAX_ARTICLE)


def work(source: str, kind: str = "markdown", *, article: bool = False) -> tuple[int, str]:
    """Return how many functions are called for a text, and its HTML."""
    rendering.render("*once* http://a.example", article=article)  # what is made at the first call only
    profile = cProfile.Profile()
    html = profile.runcall(rendering.render, source, kind, article=article)
    return int(pstats.Stats(profile).total_calls), html  # type: ignore[attr-defined]  # typeshed does not know it


@pytest.mark.parametrize("name", COMMENTS)
def test_no_comment_costs_much_or_becomes_long(name):
    calls, html = work(COMMENTS[name])
    assert calls < WORK
    assert len(html) <= 5 * len(COMMENTS[name]) + COMMENT.spare


# At its full length a text is counted only where its cost once grew by the square, or might.
LONG = [
    "a scheme after a quotation mark",
    "a scheme's end",
    "a long title",
    "addresses with parentheses",
    "an address with an umlaut",
    "a table",
    "a wide table",
    "two lists",
    "notes",
    "notes without a name's end",
    "notes that name each other",
    "notes in notes",
]


@pytest.mark.parametrize("name", LONG)
def test_an_article_costs_at_most_twenty_comments(name):
    calls, html = work(ARTICLES[name], article=True)
    assert calls < 20 * WORK
    assert len(html) <= 20 * len(ARTICLES[name]) + ARTICLE.spare


TAGS = [
    "<a href=//a>b", "<p>a", "<b>a</b>", "<ul><li>a</ul>", "<b><p>", "<b><i><s>a<p>",
    "<a href='http://a.b' title='&quot;'>a</a>", "<blockquote>", "<table><td>", "<br>", "&nbsp;", "<pre>\n", "<li>",
    "</p>", "&", ">", "\"", "<", "<a b=", "<!--", " ",
]  # fmt: skip


@pytest.mark.parametrize("piece", TAGS)
def test_no_comment_in_html_costs_much_or_becomes_long(piece):
    source = piece * (rendering.MAX_COMMENT // len(piece))
    calls, html = work(source, kind="html")
    assert calls < WORK
    assert len(html) <= 5 * len(source) + COMMENT.spare


def test_a_text_that_costs_too_much_is_shown_as_it_was_typed_and_loses_nothing():
    deep = ">" * 30 + "the innermost words"
    assert rendering.render(deep) == "<p>" + "&gt;" * 30 + "the innermost words</p>"
    many = "*a* " * 2_500 + "\n<b>\n\n\nend"
    assert rendering.render(many) == "<p>" + "*a* " * 2_500 + "<br>\n&lt;b&gt;</p>\n<p>end</p>"


@pytest.mark.parametrize("name", COMMENTS)
def test_what_was_typed_is_clean_and_short(name):
    source = tidy(COMMENTS[name])
    made = as_typed(source)
    assert rendering.clean(made) == made
    assert plain(made) == " ".join(source.split())
    assert len(made) <= 5 * len(source) + len("<p></p>")


def test_what_people_really_write_is_read_as_markdown(shared):
    for name in ("reddit-541-comments.jsonl", "mailing-lists-lkml-notmuch.jsonl"):
        for line in (shared / "threads" / name).read_text().splitlines():
            source = tidy(json.loads(line)["body"])[: rendering.MAX_COMMENT]
            # A letter of the Linux kernel's list has 10,000 characters of source code with underscores.
            assert "\n\n>" not in source or "<blockquote>" in rendering.render(source) or source.count("\n>") < 3


def test_an_article_may_hold_all_of_commonmark_and_a_long_table(shared):
    examples = json.loads((shared / "text" / "commonmark-spec.json").read_text())
    long = "\n\n".join(example["markdown"] for example in examples)
    assert rendering.render(long, article=True).count("<h") > 50
    table = "| Year | Boats |\n| --- | --- |\n" + "| 1984 | 12 |\n" * 1_000
    assert rendering.render(table, article=True).count("<tr>") == 1_001


class Ending(str):
    """Words of which only the end is read; the whole says something else."""

    def __getitem__(self, part: object) -> str:
        return "see http"[part]  # type: ignore[index,no-any-return]


def test_an_address_reads_of_the_words_before_it_only_the_end():
    """Else "://" again and again cost an article of 200,000 characters a minute, in one search at each of them."""
    parser = MarkdownIt("commonmark", {"linkify": True})
    parser.linkify = BareAddresses()
    state = StateInline("http://b.example", parser, {}, [])
    state.pos, state.pending = len("http"), Ending("all of it")
    assert linkify(state, True)
    assert state.pos == len(state.src)


@pytest.mark.parametrize("before", ["", "see ", "(", "+", "x", "-", "a.", "/", '"', "é"])
def test_an_address_begins_where_a_word_does(before):
    assert ("<a " in rendering.render(f"{before}http://b.example")) is (before != "x")
