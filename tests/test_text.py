"""User text in, safe HTML out: attack corpora, addresses, size, characters (bar 1, 4, 5, 8, 10)."""

from __future__ import annotations

import json
import unicodedata
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import html5lib
import nh3
import pytest

from forum.text import rendering, tokens, words
from forum.text.links import SCHEMES, safe_link, text_link
from forum.text.words import excerpt, is_legible, one_line, plain, tidy, trimmed
from tests.counting import Work, assert_linear, count_patterns

ATTRIBUTES = {"a": {"href", "title", "rel"}, "abbr": {"title"}, "ol": {"start"}}
KINDS = ["markdown", "html"]
XHTML = "{http://www.w3.org/1999/xhtml}"


def payloads(shared: Path) -> list[str]:
    """Return every attack of the corpora, and every naughty string."""
    xss = shared / "xss"
    found = [item["payload"] for item in json.loads((xss / "dompurify-expect.json").read_text())]
    h5sc = json.loads((xss / "h5sc.json").read_text())
    for item in h5sc["items"]:
        data = item["data"]
        for name, value in h5sc["payloads"].items():
            data = data.replace(f"%{name}%", str(value))
        found.append(data)
    found += [item["input"] for item in json.loads((xss / "html5lib-sanitizer-tests.json").read_text())]
    attacks = (xss / "htmlpurifier-xssAttacks.xml").read_text("utf-8", "replace")
    found += [code.text or "" for code in ElementTree.fromstring(attacks).iter("code")]
    found.append((xss / "markdown-it-xss.md").read_text())
    found += json.loads((shared / "text" / "blns.json").read_text())
    return [str(payload) for payload in found]


def allowed_tags(article: bool) -> set[str]:
    return {*rendering.INLINE, *rendering.BLOCK, *(rendering.ARTICLE_ONLY if article else ())}


def faults(cleaned: str, article: bool = False) -> list[str]:
    """Return what a browser would find in cleaned HTML that we never allowed."""
    wrong: list[str] = []
    for element in html5lib.parseFragment(cleaned, treebuilder="etree").iter():
        if not isinstance(element.tag, str):
            wrong.append("a comment")
            continue
        tag = element.tag.removeprefix(XHTML)
        if tag == "DOCUMENT_FRAGMENT":
            continue
        if tag not in allowed_tags(article) | ({"tbody"} if article else set()):
            wrong.append(f"<{tag}>")
        wrong += [f"<{tag} {name}>" for name in element.attrib if name not in ATTRIBUTES.get(tag, set())]
        href = element.attrib.get("href")
        here = href is not None and href.startswith(("/", "#")) and not href.startswith(("//", "/\\"))
        if href is not None and not here and not href.lower().startswith(("http://", "https://", "mailto:")):
            wrong.append(f"href={href}")
        if tag == "a" and href is None:
            wrong.append("a link that leads nowhere")
        if href is not None and element.attrib.get("rel") != "nofollow ugc noopener noreferrer":
            wrong.append("a link without rel")
    return wrong


def structure(html: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return the elements and attributes that a browser builds."""
    fragment = html5lib.parseFragment(html, treebuilder="etree")
    return [(str(element.tag), tuple(sorted(element.attrib.items()))) for element in fragment.iter()]


def oracle(html: str, article: bool = False) -> str:
    """Clean again with another library and the same list."""
    tags, schemes = allowed_tags(article), set(SCHEMES)
    return nh3.clean(html, tags=tags, attributes=ATTRIBUTES, url_schemes=schemes, link_rel=None)


@pytest.mark.parametrize("article", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_no_attack_of_the_corpora_leaves_anything_but_our_tags(shared, kind, article):
    attacks = payloads(shared)
    assert len(attacks) > 1000
    bad = {
        attack: found
        for attack in attacks
        if (found := faults(rendering.render(attack, kind, article=article), article))
    }
    assert bad == {}


@pytest.mark.parametrize("kind", KINDS)
def test_another_cleaner_finds_nothing_more_to_take_away(shared, kind):
    for attack in payloads(shared):
        cleaned = rendering.render(attack, kind)
        assert structure(oracle(cleaned)) == structure(cleaned), attack


@pytest.mark.parametrize("kind", KINDS)
def test_cleaning_twice_changes_nothing_more(shared, kind):
    for attack in payloads(shared):
        cleaned = rendering.render(attack, kind)
        assert rendering.clean(cleaned) == cleaned, attack


def test_all_of_commonmark_is_safe_and_stable(shared):
    for example in json.loads((shared / "text" / "commonmark-spec.json").read_text()):
        for article in (False, True):
            cleaned = rendering.render(example["markdown"], article=article)
            assert faults(cleaned, article) == []
            assert rendering.clean(cleaned, article=article) == cleaned


BAD_ADDRESSES = [
    "javascript:123", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:1", "data:text/html,x", "vbscript:x",
    "//evil.example",
    "/\\evil.example", "\\\\evil.example", "/path", "path", "#fragment", "?q", "", " ", "java\tscript:alert(1)",
    "java\nscript:alert(1)", "\x00javascript:alert(1)", "\x01javascript:alert(1)", "jav\u0430script:alert(1)",
    "http\uff1a//evil.example", "\uff48ttp://evil.example", "&#x6a;avascript:alert(1)", "javascript&colon;alert(1)",
    "http:", "http://", "https:evil.example", "http:///evil.example", "mailto:", "mailto:nobody",
    "ftp://a.example", "file:///etc/passwd",
    "blob:https://a.example/1", "view-source:http://a.example", "http://a b.example",
    "http://[::1", "http://a.example\\@b", "http://a:b.example/",
    "http://ex&auml;mple.com/", "http://a.example/\x7f",
]  # fmt: skip


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_addresses_that_are_no_links(address):
    assert safe_link(address) is None
    for source, kind in (
        (f"[x]({address})", "markdown"),
        (f"[x](<{address}>)", "markdown"),
        (f'<a href="{address}">x</a>', "html"),
    ):
        assert faults(rendering.render(source, kind)) == []


@pytest.mark.parametrize("address", [
    "http://a.example", "https://a.example/path?q=1#f", "HTTPS://A.example/", "mailto:ida@a.example", "http://[::1]:80/",
    "https://a.example/ä", "http://127.0.0.1:8000/", "https://user@a.example/",
])  # fmt: skip
def test_addresses_that_are(address):
    assert safe_link(address) == address


@pytest.mark.parametrize(("address", "spelled"), [
    ("https://p\u0430ypal.com/login", "https://xn--pypal-4ve.com/login"),
    ("https://B\u00dcCHER.example/", "https://xn--bcher-kva.example/"),
    ("http://b\u00fccher.example:8080/b\u00fccher", "http://xn--bcher-kva.example:8080/b\u00fccher"),
])  # fmt: skip
def test_a_host_in_other_letters_is_spelled_out(address, spelled):
    assert safe_link(address) == spelled
    link = html5lib.parseFragment(rendering.render(f'<a href="{address}">x</a>', "html"), treebuilder="etree").find(
        f".//{XHTML}a"
    )
    assert link is not None
    assert link.attrib["href"].split("/")[2].isascii()


@pytest.mark.parametrize(("address", "leads"), [
    ("/rules", "/rules"), ("/tags/tea?from=3#c-4", "/tags/tea?from=3#c-4"), ("#c-12", "#c-12"),
    ("the-next-one", "/articles/the-next-one"), ("../people/tom", "/people/tom"),
    ("./a/b.html?x=1", "/articles/a/b.html?x=1"),
    ("//cdn.example/leaflet.pdf", "https://cdn.example/leaflet.pdf"), ("..//evil.example/x", "/evil.example/x"),
])  # fmt: skip
def test_relative_links_lead_to_the_same_place_wherever_the_text_is_shown(address, leads):
    assert text_link(address) == leads
    for source, kind in ((f"[x]({address})", "markdown"), (f'<a href="{address}">x</a>', "html")):
        assert f'href="{leads}"' in rendering.render(source, kind)


@pytest.mark.parametrize("address", [
    "localhost:5001/foo", "?q", "#", "", "javascript:1", "java\u0441cript:1", "javascript&colon;1", "a:b",
    "./..//..//evil.example", "///evil.example", "/\\evil.example", "/\t/evil.example", "http\uff1a//evil.example",
])  # fmt: skip
def test_what_may_not_be_a_link_is_plain_text(address):
    assert text_link(address) is None
    assert rendering.render(f'a <a href="{address}">b <b>c</b></a> d', "html") == "a b <b>c</b> d"
    if address.isascii() and "\\" not in address:  # Markdown writes "%5C" and its like instead, which is harmless
        assert "<a" not in rendering.render(f"[x]({address})") + rendering.render(f"<{address}>")


def test_a_link_that_may_not_be_one_stays_as_it_was_typed():
    assert rendering.render("[x](localhost:5001/foo)") == "<p>[x](localhost:5001/foo)</p>"
    assert rendering.render("<a>localhost:5001/foo</a>", "html") == "localhost:5001/foo"


def test_words_that_look_like_hosts_are_words(shared):
    cases = (shared / "cases" / "comment-words-that-look-like-hosts.md").read_text()
    assert "<a" not in rendering.render(cases)
    assert "<a" not in rendering.render("see //evil.com/x, b.co.uk/path, 10.0.0.1")


@pytest.mark.parametrize(("typed", "leads"), [
    ("https://a.example/b", "https://a.example/b"), ("www.example.com/b", "http://www.example.com/b"),
    ("ida@example.com", "mailto:ida@example.com"), ("HTTP://localhost:5001/foo", "HTTP://localhost:5001/foo"),
])  # fmt: skip
def test_bare_addresses_are_links_with_a_scheme_or_www(typed, leads):
    assert f'<a href="{leads}"' in rendering.render(f"See {typed} there.It rained.")
    assert rendering.render(f"See {typed} there.It rained.").count("<a ") == 1


@pytest.mark.parametrize("article", [False, True])
def test_a_text_may_begin_with_code(shared, article):
    source = (shared / "cases" / "article-beginning-with-indented-code.md").read_text()
    assert trimmed(tidy("\n \n" + source)) == source.rstrip()
    assert rendering.render(source, article=article).startswith("<pre><code>def tide(h):")


def test_quotes_inside_single_quotes_stay_in_the_address(shared):
    source = (shared / "cases" / "html-quotes-inside-single-quotes.html").read_text()
    cleaned = rendering.render(source, "html")
    link = html5lib.parseFragment(cleaned, treebuilder="etree").find(f".//{XHTML}a")
    assert link is not None
    assert link.attrib["href"] == 'http://a.test/?q="c"&d=e'
    assert rendering.clean(cleaned) == cleaned


def test_nothing_of_a_user_can_be_found_by_name():
    cleaned = rendering.render('<a name="x" id="y" class="z" href="https://a.example">a</a><p id=forms>', "html")
    assert not {"name=", "id=", "class="} & {part for part in ("name=", "id=", "class=") if part in cleaned}


def test_typed_html_stays_text():
    assert rendering.render("<b>bold?</b>") == "<p>&lt;b&gt;bold?&lt;/b&gt;</p>"


def test_comments_have_no_headings_and_articles_begin_at_the_second():
    assert "<h" not in rendering.render("# Loud\n\nLoud\n====")
    assert rendering.render("# One\n\n#### Four", article=True).startswith("<h2>One</h2>")


@pytest.mark.parametrize("article", [False, True])
def test_a_line_directly_below_a_quotation_is_the_writers_own(shared, article):
    source = (shared / "cases" / "comment-answer-directly-below-a-quote.md").read_text()
    assert rendering.render(source, article=article) == (
        "<blockquote>\n<p>Ferries are always late.</p>\n</blockquote>\n<p>That is simply not true.</p>"
    )
    nested = rendering.render("> > One.\n> Two.\nThree.\n\n- > Four.\n  Five.", article=article)
    assert nested.count("<blockquote>") == 3
    assert nested.index("</blockquote>") < nested.index("Two.") < nested.rindex("</blockquote>\n<p>Three.")
    assert nested.index("Four.") < nested.rindex("</blockquote>") < nested.index("Five.")


def test_pictures_are_not_fetched():
    assert "<img" not in rendering.render("![x](https://a.example/x.png)", article=True)
    assert rendering.render('<img src="https://a.example/x.png">y', "html") == "y"


def test_what_stands_between_script_tags_goes_with_them():
    assert rendering.render("a<script>alert(1)</script>b<style>p{}</style>c", "html") == "abc"


AWKWARD = {
    "brackets": "[", "quotes": ">", "backticks": "`", "stars": "*a ", "underscores": "_a", "links": "[a](",
    "images": "![a](",
    "tildes": "~~a", "entities": "&#x6a;", "addresses": "a@", "pipes": "|a", "autolinks": "<http://a", "hosts": "www.",
    "dots": "a.", "backslashes": "\\", "lists": "- ", "tags": "<b><p>", "lines": "a\n", "paragraphs": "a\n\n",
    "definitions": "[a]: /u\n", "emphasis": "*a* ", "parentheses": "(", "nested": "<div>", "marks": "\u0301",
    "urls": "http://a.b/ ",
    "closing": "</b>", "attributes": "<a href=x ", "comments": "<!--", "cdata": "<![CDATA[", "table": "<table><td>",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", AWKWARD)
def test_the_most_awkward_text_of_full_length_comes_to_an_end(name, kind):
    piece = AWKWARD[name]
    cleaned = rendering.render(piece * (rendering.MAX_COMMENT // len(piece)), kind)
    assert faults(cleaned) == []
    assert rendering.clean(cleaned) == cleaned
    assert len(cleaned) < 12 * rendering.MAX_COMMENT


def test_html_that_nests_too_deep_is_flattened_before_it_costs_anything():
    deep = "<b><i>" * 60_000 + "word"
    assert rendering.render(deep, "html") == "<p>word</p>"


def test_html_with_too_many_tags_is_flattened():
    assert "<br" not in rendering.render("<ul>" + "a<br>" * (rendering.MAX_TAGS + 1), "html")


def test_long_markdown_keeps_its_lines_and_emphasis():
    assert rendering.render("a\n" * (rendering.MAX_COMMENT // 2)).count("<br") == rendering.MAX_COMMENT // 2 - 1
    assert rendering.render("*some few words* " * 450).count("<em>") == 450


def test_paragraphs_without_end_tags_are_not_deep():
    assert rendering.render("<p>a" * 400 + "<ul>" + "<li>b" * 400, "html").count("<li>") == 400


# What a text costs is told by a piece that is repeated; each made the time grow by the square once.
HOSTILE = {
    "signs": "< ",
    "tags without an end": "<a ",
    "quotation marks without an end": '<a ="<b" ',
    "quoted signs": ' ="<b"',
    "references": "&",
    "comments without an end": "<!--",
    "declarations": "<?",
    "scripts": "<script></scrip",
    "spaces": " ",
    "paragraphs": "<p>a <b>b</b></p>\n",
    "lists": "<ul><li>a</li></ul>",
}


def shown(text: str) -> str:
    return plain(rendering.render(text, "html", article=True))


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("act", [shown, plain])
def test_the_work_for_html_grows_with_its_length_only(act, name, monkeypatch):
    assert_linear(monkeypatch, HOSTILE[name], act, tokens, words, rendering)


class Searched(str):
    """A text that counts how far it is searched."""

    far = 0

    def find(self, *given: Any) -> int:
        found = super().find(*given)
        self.far += (found if found >= 0 else len(self)) - given[1]
        return found


@pytest.mark.parametrize("name", HOSTILE)
def test_no_end_is_looked_for_again_and_again(name):
    text = Searched(HOSTILE[name] * (20_000 // len(HOSTILE[name])))
    list(tokens.tokens(text))
    assert text.far < 4 * len(text)


def test_a_tag_with_thousands_of_attributes_costs_nothing(monkeypatch):
    many = "<p " + " ".join(f"a{number}=1" for number in range(2_000)) + ">x</p>"
    rendering.render("<p>x</p>", "html")
    work = Work(most=20 * len(many))
    count_patterns(monkeypatch, work, tokens, words, rendering)
    with work.lines():
        assert rendering.render(many, "html") == "<p>x</p>"


def test_a_long_text_is_cleaned_in_pieces_and_stays_whole():
    piece = '<p>One <a href="https://a.example/">two</a> &amp; three</p>\n<ul>\n<li>four</li>\n</ul>\n'
    long = rendering.render(piece * 2_000, "html", article=True)
    assert long == "\n".join([rendering.render(piece, "html", article=True)] * 2_000)
    assert rendering.clean(long, article=True) == long


def test_references_of_many_digits_are_no_error():
    assert rendering.render("&#" + "1" * 5_000 + ";", "html") == "\ufffd"
    assert plain("&#" + "1" * 5_000 + ";") == "\ufffd"


def test_the_address_of_a_link_in_single_quotation_marks_is_kept(shared):
    cleaned = rendering.render((shared / "cases" / "html-quotes-inside-single-quotes.html").read_text(), "html")
    link = html5lib.parseFragment(cleaned, treebuilder="etree").find(f"{XHTML}a")
    assert (link.get("href"), link.get("title")) == ('http://a.test/?q="c"&d=e', '"a" & b')
    assert rendering.clean(cleaned) == cleaned


@pytest.mark.parametrize("kind", KINDS)
def test_overrides_and_accents_written_as_references_are_none(shared, kind):
    source = (shared / "cases" / "comment-overrides-and-accents-as-references.txt").read_text()
    cleaned = rendering.render(source, kind)
    assert "\u202e" not in cleaned
    assert "Z" + "\u0335\u0489" * 2 + "\u0335" in cleaned
    assert "\u0335\u0489" * 3 not in cleaned


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("override", ["&#x202E;", "&#8238;", "&#x61c;", "&#1564;", "&#x2066;", "&#x200F;"])
def test_no_reference_turns_a_text_around(override, kind):
    for source in (f"a{override}b", f"`a{override}b`", f"    a{override}b", f'[a](https://a.example "{override}")'):
        cleaned = rendering.render(source, kind, article=True)
        assert not set("\u202e\u061c\u2066\u200f") & set(cleaned + plain(cleaned))


@pytest.mark.parametrize(("source", "kind"), [
    ("Z" + "*\u0335\u0489\u0335\u0489\u0335*~~\u0335\u0489\u0335\u0489\u0335~~" * 40, "markdown"),
    ("Z" + "<b>\u0335\u0489\u0335\u0489\u0335</b>" * 40, "html"), ("Z" + "\u0335\u200d\u0335\u200b" * 60, "markdown"),
    ("Z" + "\u0335\u200c&#x335;&#x200d;" * 60, "html"),
])  # fmt: skip
def test_tags_and_invisible_characters_between_accents_make_no_more_of_them(source, kind):
    assert sum(unicodedata.combining(char) > 0 or char == "\u0489" for char in rendering.render(source, kind)) <= 5


def test_a_replacement_character_is_a_character(shared):
    source = (shared / "cases" / "comment-with-replacement-character.txt").read_text().strip()
    assert "\ufffd" in source
    assert (tidy(source), rendering.render(source)) == (source, f"<p>{source}</p>")


# Characters


def test_direction_overrides_are_taken_out():
    assert tidy("a\u202eb\u2066c\u200fd\u061ce") == "abcde"
    assert "\u202e" not in rendering.render("a\u202egpj.exe")


def test_zalgo_is_cut_to_what_a_script_needs():
    for mark in ("\u0301", "\u0e47", "\u20dd", "\u0f39"):
        assert tidy("e" + mark * 50) == "e" + mark * 5
    assert tidy("ế שָׁלוֹם สิ่งที่") == "ế שָׁלוֹם สิ่งที่"


def test_controls_and_halves_of_characters_are_taken_out():
    assert tidy("a\x00b\x07c\x7fd\ud800e\tf\r\ng\rh") == "abcde\tf\ng\nh"
    rendering.render("\udfff ok").encode()


def test_names_are_one_line():
    assert one_line(" \u200bIda\n \u00a0 of \tthe\u202e Hall\u200b") == "Ida of the Hall"
    assert one_line("Zoe\u0308") == unicodedata.normalize("NFC", "Zoe\u0308")


@pytest.mark.parametrize(("cleaned", "seen"), [
    ("<p>a</p>", True), ("<p>\U0001f600</p>", True), ("<hr>", True), ("<p>\u200b \u2060\ufeff</p>", False), ("", False),
    ("<p>&nbsp;\u3000</p>", False), ("<p>\u0301</p>", False),
    ("<p>\u2800 \u3164</p>", False), ("<p>\uffa0&#x1160;\u115f\ufffc</p>", False), ("<p>\u2801</p>", True),
])  # fmt: skip
def test_whether_there_is_anything_to_see(cleaned, seen):
    assert is_legible(cleaned) is seen


def test_words_of_blocks_do_not_run_together():
    assert plain("<p>One</p><ul><li>two</li><li>&amp; three</li></ul>four<br>five") == "One two & three four five"


# Excerpts


def test_a_short_text_is_its_own_excerpt():
    assert excerpt("<p>Short &amp; <em>good</em>.</p>") == "Short & good."


def test_an_excerpt_ends_between_words():
    found = excerpt("<p>" + "word " * 40 + "</p>")
    assert found == "word " * 11 + "word…"
    assert len(found) <= 61


def test_an_excerpt_of_one_long_word_is_cut():
    assert excerpt("<p>" + "x" * 500 + "</p>") == "x" * 60 + "…"


@pytest.mark.parametrize("whole", ["👩‍👩‍👧", "🏳️‍🌈", "👍🏽", "🇮🇹", "e\u0301", "❤️"])
def test_an_excerpt_does_not_tear_what_belongs_together(whole):
    for room in range(1, 12):
        found = excerpt("<p>" + "x" * (60 - room) + whole * 12 + "</p>")
        rest = found.removesuffix("…").lstrip("x")
        assert rest == whole * (len(rest) // len(whole)), (room, found)


def test_an_excerpt_shows_no_half_tag():
    link = '<p><a href="https://a.example/' + "y" * 3000 + '">words</a></p>'
    assert "<" not in excerpt(link)
    assert "href" not in excerpt("<p>" + "a b " * 290 + '<a href="https://a.example/' + "y" * 3000)


def test_the_corpora_have_excerpts(shared):
    for attack in payloads(shared):
        cleaned: Any = rendering.render(attack)
        assert len(excerpt(cleaned)) <= 61
