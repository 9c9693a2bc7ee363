"""What an author writes beside the text goes out and comes in again: standfirst, words around, former addresses."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring
from flask import Flask

from forum import db
from forum.articles import actions as articles
from forum.articles.models import Article, FormerAddress
from forum.errors import Invalid
from tests.cast import Cast
from tests.transfer import scene
from tests.transfer.test_import_wxr import blog, item

EXCERPT = "{http://wordpress.org/export/1.2/excerpt/}encoded"


def written(cast: Cast) -> str:
    """Let Ida give her article all that may stand beside a text, and twice another address; return its address."""
    words = articles.check_words(
        *(cast.article.title, "A *piece*.", (), "The Gazette", "https://gazette.example/x"),
        standfirst="Two & a half <benches>.",
        foreword="See **this**.",
        afterword="I doubt it.",
        slug="second",
    )
    articles.edit(cast.ida, cast.article.id, words, updated="The date.")
    articles.edit(cast.ida, cast.article.id, articles.check_words("T", "b", slug="third"))
    articles.edit(cast.ida, cast.article.id, articles.check_words(words.title, "b", slug="fourth"))
    articles.edit(cast.ida, cast.article.id, words)
    db.commit()
    return words.slug or ""


def test_out_in_and_out_again_gives_the_same_bytes(cast: Cast, empty: Flask) -> None:
    first, slug = cast.article.slug, written(cast)
    data = scene.taken_out()
    (line,) = scene.of_type(data, "article")
    assert line["former"] == sorted([first, "fourth", "third"])
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data
        article = db.session.query(Article).one()
        assert (article.slug, article.standfirst) == (slug, "Two & a half <benches>.")
        assert article.foreword_html == "<p>See <strong>this</strong>.</p>"
        assert (article.afterword, article.update_note) == ("I doubt it.", "The date.")
        assert {row.slug for row in db.session.query(FormerAddress)} == {first, "fourth", "third"}


def test_an_article_is_taken_out_by_an_address_it_had_before(cast: Cast) -> None:
    former, slug = cast.article.slug, written(cast)
    for format in ("csv", "html", "markdown"):
        assert scene.taken_out(former, format) == scene.taken_out(slug, format)
    with pytest.raises(Invalid):
        scene.taken_out("fifth")


def test_an_article_without_any_of_it_has_no_such_fields(cast: Cast) -> None:
    (line,) = scene.of_type(scene.taken_out(), "article")
    assert not {"standfirst", "foreword", "afterword", "update_note", "former"} & set(line)


def test_a_former_address_that_is_anothers_here_stays_with_it(cast: Cast, empty: Flask) -> None:
    records = scene.lines(scene.taken_out(written(cast)))
    # An article's versions name it by its address, which is altered here.
    data = scene.sealed([record for record in records if record["type"] != "article-version"])
    with empty.app_context():
        scene.bring_in(scene.altered(data, "article", former=["third"]))
        (mine,) = db.session.query(Article)
        scene.bring_in(
            scene.altered(
                data, "article", id=99, former=["third", "other"], slug="fresh", origin="x" * 8, foreign_id="1"
            )
        )
        assert {row.slug: row.article_id == mine.id for row in db.session.query(FormerAddress)} == {
            "third": True,
            "other": False,
        }
        scene.bring_in(scene.altered(data, "article", slug="other", origin="y" * 8, foreign_id="1"))
        assert {article.slug for article in db.session.query(Article)} == {mine.slug, "fresh", "other-2"}


@pytest.mark.parametrize("former", [["new"], ["a/b"], ["x" * 121], "third", [1], [""]])
def test_a_damaged_list_of_addresses_is_refused(cast: Cast, empty: Flask, former: object) -> None:
    data = scene.altered(scene.taken_out(cast.article.slug), "article", former=former)
    with empty.app_context(), pytest.raises(Invalid):
        scene.bring_in(data)


def test_wordpress_gets_the_standfirst_as_the_excerpt_and_the_words_around_in_the_text(cast: Cast) -> None:
    slug = written(cast)
    found = fromstring(scene.taken_out(slug, "wxr"))
    assert found.findtext(f"channel/item/{EXCERPT}") == "Two & a half <benches>."
    text = found.findtext("channel/item/{http://purl.org/rss/1.0/modules/content/}encoded") or ""
    places = [text.index(part) for part in ("See <strong>this", "<blockquote>", "Gazette", "I doubt it.")]
    assert places == sorted(places)


def test_an_excerpt_of_wordpress_becomes_the_standfirst(cast: Cast) -> None:
    excerpt = "<excerpt:encoded><![CDATA[<p>Short <b>words</b></p>]]></excerpt:encoded>"
    scene.bring_in(blog(item(excerpt, title="Told")), "wxr")
    assert db.session.query(Article).filter_by(title="Told").one().standfirst == "Short words"


@pytest.mark.parametrize("format", ["html", "markdown"])
def test_the_readable_archives_have_it_in_the_order_of_the_page(cast: Cast, format: str) -> None:
    text = scene.taken_out(written(cast), format).decode()
    words = ("benches", "this", "piece", "Quoted from", "I doubt it.")
    start = text.index("Two &" if format == "html" else "**Two")
    places = [text.index(part, start) for part in words]
    assert places == sorted(places)
