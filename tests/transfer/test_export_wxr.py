"""Take discussions out as WordPress exports, and bring them in again: the same tree."""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from sqlalchemy import select

from forum import db
from forum.articles.models import Article
from forum.comments.models import Comment
from tests import factories
from tests.cast import Cast
from tests.comments.talk import exchange_with_remarks, let, say
from tests.transfer import scene
from tests.transfer.test_export_tables import table
from tests.transfer.test_pictures import shown

WP = "{http://wordpress.org/export/1.2/}"
META = f"{WP}postmeta"
ALIKE = ("path", "depth", "answers", "state", "text", "name")


def exported(slug: str | None = None) -> Element:
    """Return the export, read as XML."""
    found: Element = fromstring(scene.taken_out(slug, "wxr"))
    return found


def again(cast: Cast) -> list[dict[str, str]]:
    """Bring the export of the article in beside it, and return the rows of the new one."""
    known = {article.slug for article in db.session.query(Article)}
    scene.bring_in(scene.taken_out(cast.article.slug, "wxr"), "wxr", same_people=True)
    (slug,) = {article.slug for article in db.session.query(Article)} - known
    return table(slug)


def alike(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in ALIKE) for row in rows]


def test_it_comes_in_again_as_the_same_tree(cast: Cast) -> None:
    exchange_with_remarks(cast)
    before = table(cast.article.slug)
    assert len(before) > 10
    assert alike(again(cast)) == alike(before)


def test_what_is_gone_keeps_its_place_and_loses_its_words(cast: Cast) -> None:
    made = scene.furnish(cast)
    text = scene.taken_out(cast.article.slug, "wxr").decode()
    assert "cannot even push" not in text and "post.example" not in text
    comments = {int(one.findtext(f"{WP}comment_id") or 0): one for one in exported().iter(f"{WP}comment")}
    gone = comments[made["rude"]]
    said = [gone.findtext(f"{WP}comment_{name}") for name in ("author", "content", "approved", "user_id")]
    assert said == ["", "", "trash", "0"]
    assert comments[made["below"]].findtext(f"{WP}comment_parent") == str(made["rude"])
    assert made["guest"] not in comments  # waits
    assert [row["path"] for row in again(cast)] == [row["path"] for row in table(cast.article.slug)]


def test_a_depth_of_a_hundred_is_kept(cast: Cast) -> None:
    ids = scene.many(cast.article, 100, thread=100, body="word")
    parents = [one.findtext(f"{WP}comment_parent") for one in exported().iter(f"{WP}comment")]
    assert parents == ["0", *map(str, ids[:-1])]
    assert max(int(row["depth"]) for row in again(cast)) == 99


def test_only_authors_of_articles_are_users(cast: Cast) -> None:
    say(cast.tom, cast.article, "From a reader.")
    say(cast.ida, cast.article, "From the author.")
    logins = [one.text for one in exported().iter(f"{WP}author_login")]
    users = [one.text for one in exported().iter(f"{WP}comment_user_id")]
    assert (logins, users) == (["ida"], ["0", str(cast.ida.id)])


def test_what_ends_a_section_and_what_xml_does_not_know(cast: Cast) -> None:
    said = say(cast.tom, cast.article, "Hello.")
    db.lock(cast.article.id)
    db.session.get_one(Comment, said).html = "<p>a ]]&gt; b ]]> c \x0b\ufffe d &amp; e</p>"
    db.commit()
    (content,) = [one.text for one in exported().iter(f"{WP}comment_content")]
    assert content == "<p>a ]]&gt; b ]]> c  d &amp; e</p>"


def test_a_lead_picture_goes_out_as_one_that_was_uploaded_for_its_article(cast: Cast) -> None:
    let(url="https://forum.example")
    article = shown(cast)
    articles = dict(db.session.execute(select(Article.id, Article.slug)).all())
    items = {int(one.findtext(f"{WP}post_id") or 0): one for one in exported().iter("item")}
    (number,) = items.keys() - articles.keys()
    values = {one.findtext(f"{WP}meta_key"): one.findtext(f"{WP}meta_value") for one in items[article.id].iter(META)}
    assert values == {"_thumbnail_id": str(number)}
    said = {name: items[number].findtext(f"{WP}{name}") for name in ("post_type", "post_parent", "attachment_url")}
    file = f"/pictures/{article.lead.rsplit('-', 1)[0]}-700.webp"
    address = f"https://forum.example{file}"
    assert said == {"post_type": "attachment", "post_parent": str(article.id), "attachment_url": address}
    assert cast.browser().get(file).status_code == 200
    values = {one.findtext(f"{WP}meta_key"): one.findtext(f"{WP}meta_value") for one in items[number].iter(META)}
    assert values == {"_wp_attachment_image_alt": article.lead_alt}
    assert list(items[cast.article.id].iter(META)) == []  # which has none


@pytest.mark.parametrize("state", ["draft", "scheduled", "closed"])
def test_states_of_an_article(cast: Cast, state: str) -> None:
    article = factories.article(cast.otto, "A bench for the square")
    db.lock(article.id)
    if state == "draft":
        article.status = "draft"
    elif state == "scheduled":
        assert article.published_at is not None
        article.published_at += timedelta(days=30)
    db.commit()
    if state == "closed":
        scene.close_article(article)
    titles = [one.findtext("title") for one in exported().iter("item")]
    assert ("A bench for the square" in titles) == (state == "closed")
    (item,) = exported(article.slug).iter("item")
    expected = ("publish", "closed") if state == "closed" else ("draft", "open")
    assert (item.findtext(f"{WP}status"), item.findtext(f"{WP}comment_status")) == expected


def test_a_quoted_piece_says_where_it_is_from(cast: Cast) -> None:
    quoted = {"source_name": "The Post & more", "source_url": "https://post.example/a?b=1&c=2"}
    article = factories.article(cast.otto, "Quoted", **quoted)
    (item,) = exported(article.slug).iter("item")
    text = item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") or ""
    assert '<a href="https://post.example/a?b=1&amp;c=2">The Post &amp; more</a>' in text
