"""Pictures in a text: only those of this site, as figures that keep their place, and what survives elsewhere."""

from __future__ import annotations

import html5lib
import pytest

from forum.text import pictures
from forum.text.as_markdown import as_markdown
from forum.text.pictures import Picture, absolute, embedded, named, pictures_in
from forum.text.rendering import clean, render
from forum.text.words import excerpt
from tests.counting import assert_linear

HERON = Picture("0123456789abcdef" * 2, 1600, 1067)
OTHER = Picture("f" * 32, 300, 200)
ODD = 'A "heron" \\ [asleep] *still* <b> & _more_ ~~no~~ `code` | pipe'


def drawn(source: str, kind: str = "markdown") -> str:
    made = render(source, kind, article=True)
    assert clean(made, article=True) == made
    return made


def images(made: str) -> list[dict[str, str]]:
    found = html5lib.parseFragment(made, treebuilder="etree", namespaceHTMLElements=False)
    return [dict(one.attrib) for one in found.iter("img")]


def test_a_picture_alone_is_a_figure_with_its_place_and_its_widths() -> None:
    made = drawn(HERON.markdown("A heron", "At dawn"))
    assert made.startswith("<figure><img ")
    assert made.endswith("<figcaption>At dawn</figcaption></figure>")
    (img,) = images(made)
    assert (img["src"], img["width"], img["height"]) == (HERON.file(1600), "1600", "1067")
    assert img["srcset"] == ", ".join(f"{HERON.file(width)} {width}w" for width in (480, 960, 1600))
    assert (img["loading"], img["decoding"], img["alt"]) == ("lazy", "async", "A heron")
    assert images(drawn(OTHER.markdown("")))[0]["srcset"] == f"{OTHER.file(300)} 300w"


@pytest.mark.parametrize(
    "words", [ODD, "plain", "", "ends with a backslash \\", "two\nlines", "](javascript:alert(1))"]
)
def test_words_come_out_as_they_were_typed(words: str) -> None:
    made = drawn(HERON.markdown(words, words))
    spelled = " ".join(words.split())
    assert [img["alt"] for img in images(made)] == [spelled]
    tree = html5lib.parseFragment(made, treebuilder="etree", namespaceHTMLElements=False)
    assert [caption.text for caption in tree.iter("figcaption")] == ([spelled] if spelled else [])
    assert drawn(as_markdown(made)) == made
    assert drawn(HERON.html(spelled, spelled), "html") == made.rstrip()


@pytest.mark.parametrize(
    ("source", "figures", "inline"),
    [
        (f"{HERON.markdown('a')}\n{OTHER.markdown('b')}", 2, 0),
        (f"{HERON.markdown('a')}  \n{OTHER.markdown('b')}", 2, 0),
        (f"Words {HERON.markdown('a')} words", 0, 1),
        (f"> {HERON.markdown('a')}", 1, 0),
        (f"- {HERON.markdown('a')}", 1, 0),
        (f"## {HERON.markdown('a')}", 0, 1),
        (f"[{HERON.markdown('a')}](https://a.example)", 0, 1),
        (f"| a |\n| --- |\n| {HERON.markdown('a')} |", 0, 1),
        (f"`{HERON.markdown('a')}`", 0, 0),
        (f"\\{HERON.markdown('a')}", 0, 0),
    ],
)
def test_where_it_may_stand(source: str, figures: int, inline: int) -> None:
    made = drawn(source)
    assert made.count("<figure>") == figures
    assert len(images(made)) == figures + inline


@pytest.mark.parametrize(
    "address",
    [
        *("https://a.example/x.png", "//a.example/x.png", "/logo", "/pictures/x", "data:image/png;base64,AAAA"),
        *(f"/pictures/{'0' * 31}-10x10", f"/pictures/{'0' * 32}-0x10", f"/pictures/{'0' * 32}-10x10/../../logo"),
        *(f"https://a.example/pictures/{'0' * 32}-10x10", f"/pictures/{'A' * 32}-10x10", f"{'0' * 32}-10x10"),
        *("javascript:alert(1)", f"/pictures/{'0' * 32}-99999x1"),
    ],
)
def test_any_other_picture_is_a_link_or_words(address: str) -> None:
    assert images(drawn(f"![A heron]({address})")) == []
    assert "A heron" in drawn(f"![A heron]({address})")
    assert images(drawn(f'<img src="{address}" width="10" height="10" alt="x">', "html")) == []


@pytest.mark.parametrize(
    "attributes",
    [
        'width="11" height="10"',
        'height="10"',
        'width="10"',
        'width="10" height="0"',
        'width="10" height="x"',
        'width="10px" height="10"',
    ],
)
def test_a_size_that_is_not_its_own_is_no_picture(attributes: str) -> None:
    assert images(drawn(f'<img src="/pictures/{"0" * 32}-10.webp" {attributes}>', "html")) == []


def test_nothing_else_of_an_element_is_kept() -> None:
    extra = 'onerror="alert(1)" style="x" id="y" srcset="https://evil.example/x 1w" sizes="1px" loading="eager"'
    made = drawn(HERON.img("a").replace("<img", f"<img {extra}"), "html")
    assert set(images(made)[0]) == {"alt", "src", "width", "height", "srcset", "sizes", "loading", "decoding"}
    assert "evil" not in made
    assert "eager" not in made


def test_comments_have_links_only() -> None:
    assert images(render(HERON.markdown("a"))) == []
    assert images(render(HERON.html("a"), "html")) == []


def test_what_a_text_shows_is_found_once_each() -> None:
    made = drawn("\n\n".join([HERON.markdown(ODD), OTHER.markdown("b"), HERON.markdown("c")]))
    assert pictures_in(made) == [HERON, OTHER]
    assert named(HERON.name) == named(f"/pictures/{HERON.name}") == HERON


def test_other_places_find_them_or_hold_them() -> None:
    made = drawn(HERON.markdown(ODD) + "\n\n/pictures/" + HERON.name)
    whole = absolute(made, "https://forum.example")
    assert whole.count("https://forum.example/pictures/") == 4  # src, and three in srcset; not the words
    held = embedded(made, {HERON.hash: "data:image/webp;base64,AAAA"})
    assert [img["src"] for img in images(held)] == ["data:image/webp;base64,AAAA"]
    assert [img["alt"] for img in images(held)] == [" ".join(ODD.split())]
    assert images(embedded(made, {})) == []


def test_an_excerpt_leaves_captions_out() -> None:
    assert excerpt(drawn(HERON.markdown("a", "A caption.") + "\n\nThe words."), 60) == "The words."


@pytest.mark.parametrize(
    "piece", ["![", "![a](", HERON.markdown("a", "b") + "\n", "![" + HERON.markdown("a"), "<figure><img ", "<img a="]
)
def test_the_time_grows_with_the_length_only(monkeypatch: pytest.MonkeyPatch, piece: str) -> None:
    def act(text: str) -> None:
        for kind in ("markdown", "html"):
            made = render(text, kind, article=True)
            absolute(made, "https://forum.example")
            embedded(text, {})
            pictures_in(text)

    assert_linear(monkeypatch, piece, act, pictures)
