"""Bring WordPress exports in: exact counts of a real one, every odd case of others, and attacks refused."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from forum import db
from forum.articles.models import Article, FormerAddress, Tag
from forum.comments.models import Comment, Source
from forum.errors import Invalid
from forum.ledger.models import Entry
from forum.people.models import Person
from forum.text import rendering, tokens
from forum.transfer.into.wxr import attachments
from forum.transfer.into.wxr import paragraphs as wordpress
from forum.transfer.into.wxr.attachments import Attachments
from forum.transfer.into.wxr.paragraphs import paragraphs
from tests import factories
from tests.cast import Cast
from tests.counting import assert_linear
from tests.transfer import scene

THEME = "themeunittestdata.wordpress.xml"
REFUSED = {"importer-malformed.xml", "importer-invalid-version-tag.xml", "importer-crazy-cdata.xml"}
HEAD = (
    '<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"><channel><title>Harbour notes</title>'
    "<link>https://harbour.example</link><wp:wxr_version>1.2</wp:wxr_version>"
    "<wp:author><wp:author_id>7</wp:author_id><wp:author_login>lene</wp:author_login>"
    "<wp:author_email>canary@harbour.example</wp:author_email>"
    "<wp:author_display_name>Lene Holm</wp:author_display_name></wp:author>"
)
TAIL = "</channel></rss>"


def item(comments: str = "", **fields: str) -> str:
    """Return one post."""
    values = {"post_id": "1", "post_type": "post", "status": "publish", "post_name": "the-quay"} | fields
    named = "".join(f"<wp:{name}>{value}</wp:{name}>" for name, value in values.items() if name not in OWN)
    creator, content = fields.get("creator", "lene"), fields.get("content", "One\n\nTwo\nThree")
    title = fields.get("title", "The quay")
    text = f"<title>{title}</title><dc:creator>{creator}</dc:creator>{fields.get('more', '')}"
    return f"<item>{text}<content:encoded><![CDATA[{content}]]></content:encoded>{named}{comments}</item>"


OWN = ("creator", "content", "title", "more")


def comment(id: int, parent: int = 0, **fields: str) -> str:
    """Return one comment."""
    values = {
        "id": str(id),
        "parent": str(parent),
        "author": "Passer-by",
        "author_email": "canary@guest.example",
        "author_IP": "203.0.113.77",
        "date_gmt": f"2015-03-01 10:{id % 60:02}:00",
        "content": f"Comment {id}",
        "approved": "1",
        "type": "",
        "user_id": "0",
    } | fields
    return (
        "<wp:comment>" + "".join(f"<wp:comment_{k}>{v}</wp:comment_{k}>" for k, v in values.items()) + "</wp:comment>"
    )


def blog(*items: str) -> bytes:
    """Return an export."""
    return (HEAD + "".join(items) + TAIL).encode()


def plainly(raw: str, name: str) -> list[str]:
    """Return what stands in the elements of a name, by a way of reading that shares nothing with the importer."""
    found = re.findall(rf"<wp:{name}>(.*?)</wp:{name}>", raw, re.DOTALL)
    return [value.removeprefix("<![CDATA[").removesuffix("]]>").strip() for value in found]


@pytest.fixture(scope="module")
def theme(shared: Path) -> bytes:
    """Return the real export."""
    return (shared / "wxr" / THEME).read_bytes()


def test_the_real_export_comes_in_exactly(app: Flask, theme: bytes) -> None:
    wanted = _expected(theme.decode())
    scene.bring_in(theme, "wxr")
    articles = db.session.scalars(select(Article)).all()
    assert {(row.foreign_id, row.status, f"{row.created_at:%Y-%m-%d %H:%M:%S}") for row in articles} == wanted[
        "articles"
    ]
    comments = db.session.scalars(select(Comment)).all()
    parents = {row.id: row.foreign_id for row in comments}
    found = {
        (row.foreign_id, parents.get(row.parent_id or 0), row.status, f"{row.created_at:%Y-%m-%d %H:%M:%S}")
        for row in comments
    }
    assert found == wanted["comments"]
    assert (len(articles), len(comments)) == (79, 29)


def test_the_real_export_makes_a_thread_nine_deep(app: Flask, theme: bytes) -> None:
    scene.bring_in(theme, "wxr")
    depths = db.session.scalars(select(Comment.depth)).all()
    assert max(depths) == 9
    assert sum(depth > 0 for depth in depths) == 10


def test_a_second_import_of_the_real_export_adds_nothing(app: Flask, theme: bytes) -> None:
    scene.bring_in(theme, "wxr")
    before = scene.everything()
    assert scene.bring_in(theme, "wxr").added == {}
    assert scene.everything() == before


def test_the_real_export_goes_out_and_in_byte_for_byte(app: Flask, empty: Flask, theme: bytes) -> None:
    scene.bring_in(theme, "wxr")
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data
        assert scene.bring_in(theme, "wxr").added == {}


def test_no_address_of_the_real_export_is_kept(app: Flask, theme: bytes) -> None:
    raw = theme.decode()
    scene.bring_in(theme, "wxr")
    data = scene.taken_out().decode()
    addresses = set(plainly(raw, "comment_author_email") + plainly(raw, "author_email")) - {""}
    networks = set(plainly(raw, "comment_author_IP")) - {"", "0.0.0.0"}
    assert len(addresses) > 3
    assert not [found for found in addresses | networks if found in data]


def test_every_other_real_export_comes_in_or_is_refused_with_words(app: Flask, shared: Path) -> None:
    refused = {}
    for path in sorted((shared / "wxr").glob("importer-*.xml")):
        try:
            scene.bring_in(path.read_bytes(), "wxr")
        except Invalid as error:
            refused[path.name] = error.reason
    assert set(refused) == REFUSED
    assert re.match(r"Line \d+: this is not well-formed XML", refused["importer-malformed.xml"])
    assert "'abc'" in refused["importer-invalid-version-tag.xml"]


def test_namespaces_of_others_count_for_nothing(app: Flask, shared: Path) -> None:
    scene.bring_in((shared / "wxr" / "importer-namespace-edge-cases.xml").read_bytes(), "wxr")
    # It has no address, so that its numbers alone say nothing.
    assert {id.split("-")[0] for id in db.session.scalars(select(Article.foreign_id))} == {"1", "2", "3", "4", "6"}
    people = set(db.session.scalars(select(Person.username)))
    assert {"real_user", "version_conflict"} <= people
    assert not {"fake_ns_user", "custom_user"} & people


def test_backslashes_stay(app: Flask, shared: Path) -> None:
    scene.bring_in((shared / "wxr" / "importer-slashes.xml").read_bytes(), "wxr")
    assert "\\o/" in (db.session.scalars(select(Source.source)).one())
    assert 'aren\\\'t \\"cool\\"' in db.session.scalars(select(Article.source)).one()


def test_authors_come_without_a_password_and_without_an_address(app: Flask) -> None:
    scene.bring_in(blog(item()), "wxr")
    lene = db.session.scalars(select(Person).where(Person.username == "lene")).one()
    assert (lene.display_name, lene.role, lene.password_hash, lene.email) == ("Lene Holm", "author", None, None)


def test_an_author_named_by_an_address_is_not(app: Flask) -> None:
    scene.bring_in(blog(item(creator="canary@mail.example")), "wxr")
    assert b"mail.example" not in scene.taken_out()
    assert db.session.scalars(select(Article)).one().author_id


def test_a_known_number_makes_the_comment_that_persons(app: Flask) -> None:
    scene.bring_in(blog(item(comment(1, user_id="7") + comment(2, user_id="8"))), "wxr")
    rows = {row.foreign_id: row for row in db.session.scalars(select(Comment))}
    assert rows["1"].author_id == db.session.scalar(select(Person.id).where(Person.username == "lene"))
    assert (rows["2"].author_id, rows["2"].guest_name) == (None, "Passer-by")
    assert rows["2"].guest_email is None


@pytest.mark.parametrize(
    ("approved", "status"),
    [("1", "published"), ("0", "held"), ("spam", "spam"), ("trash", "hidden"), ("nonsense", "held")],
)
def test_states_of_comments(app: Flask, approved: str, status: str) -> None:
    scene.bring_in(blog(item(comment(1, approved=approved))), "wxr")
    assert db.session.scalars(select(Comment.status)).one() == status


@pytest.mark.parametrize(
    ("theirs", "ours"), [("publish", "published"), ("draft", "draft"), ("private", "draft"), ("future", "draft")]
)
def test_states_of_articles(app: Flask, theirs: str, ours: str) -> None:
    date = "2031-05-06 07:08:09" if theirs == "future" else "2014-05-06 07:08:09"
    scene.bring_in(blog(item(status=theirs, post_date_gmt=date)), "wxr")
    article = db.session.scalars(select(Article)).one()
    assert article.status == ours
    assert (article.published_at is None) == (theirs == "draft")
    if theirs == "future":
        assert f"{article.published_at:%Y-%m-%d}" == "2031-05-06"


def test_what_stood_behind_a_password_is_a_draft_and_told(app: Flask) -> None:
    report = scene.bring_in(blog(item(post_password="sesame")), "wxr")
    assert db.session.scalars(select(Article.status)).one() == "draft"
    assert report.notes["protected"] == 1


def test_pictures_menus_and_the_bin_are_left_out_and_counted(app: Flask) -> None:
    items = [item(post_type="attachment"), item(post_type="nav_menu_item"), item(status="trash")]
    report = scene.bring_in(blog(*items), "wxr")
    assert (report.notes["other-items"], report.notes["binned"]) == (2, 1)
    assert scene.count(Article) == 0


def test_pingbacks_and_notes_of_plugins_are_left_out_and_counted(app: Flask) -> None:
    kinds = comment(1, type="pingback") + comment(2, type="trackback") + comment(3, type="order_note")
    report = scene.bring_in(blog(item(kinds + comment(4, type="comment"))), "wxr")
    assert (report.notes["pings"], report.notes["no-comments"], report.added["comment"]) == (2, 1, 1)


def test_a_circle_is_broken_also_where_a_reply_to_an_earlier_comment_closes_it(app: Flask) -> None:
    odd = comment(1, 4) + comment(2, 3) + comment(3, 4) + comment(4, 2)
    report = scene.bring_in(blog(item(odd)), "wxr")
    assert report.notes["circles"] == 1
    rows = {row.foreign_id: row for row in db.session.scalars(select(Comment))}
    assert rows["4"].parent_id is None
    assert [rows[key].parent_id for key in ("1", "2", "3")] == [rows["4"].id, rows["3"].id, rows["4"].id]
    assert [rows[key].depth for key in ("4", "1", "3", "2")] == [0, 1, 1, 2]


def test_orphans_circles_and_their_own_parents_come_to_the_top(app: Flask) -> None:
    odd = comment(1, 99) + comment(2, 2) + comment(3, 4) + comment(4, 5) + comment(5, 3) + comment(6, 1)
    report = scene.bring_in(blog(item(odd)), "wxr")
    assert (report.notes["orphans"], report.notes["circles"]) == (1, 2)
    rows = {row.foreign_id: row for row in db.session.scalars(select(Comment))}
    assert rows["1"].parent_id is None
    assert rows["1"].foreign_parent_id == "99"
    assert rows["2"].parent_id is None
    assert rows["6"].parent_id == rows["1"].id
    assert sum(rows[key].parent_id is None for key in ("3", "4", "5")) == 1


def test_a_parent_under_another_article_is_none(app: Flask) -> None:
    items = [item(comment(1)), item(comment(2, 1), post_id="2", post_name="other")]
    assert scene.bring_in(blog(*items), "wxr").notes["orphans"] == 1


def test_comments_that_came_later_are_added_under_what_is_there(app: Flask) -> None:
    scene.bring_in(blog(item(comment(1))), "wxr")
    report = scene.bring_in(blog(item(comment(1) + comment(2, 1))), "wxr")
    assert report.added == {"comment": 1}
    rows = {row.foreign_id: row for row in db.session.scalars(select(Comment))}
    assert rows["2"].parent_id == rows["1"].id
    assert rows["1"].reply_count == 1


def test_comments_before_the_fields_of_their_post_are_no_matter(app: Flask) -> None:
    turned = item().replace("<item>", "<item>" + comment(1))
    scene.bring_in(blog(turned), "wxr")
    assert scene.count(Comment) == 1


def test_dates_that_are_none(app: Flask) -> None:
    nothing = "0000-00-00 00:00:00"
    note = comment(1, date_gmt=nothing, date="2015-03-02 11:00:00")
    more = "<pubDate>Mon, 02 Mar 2015 09:30:00 +0100</pubDate>"
    scene.bring_in(blog(item(note, post_date_gmt=nothing, post_date=nothing, more=more)), "wxr")
    assert f"{db.session.scalars(select(Article.published_at)).one():%Y-%m-%d %H:%M}" == "2015-03-02 08:30"
    assert f"{db.session.scalars(select(Comment.created_at)).one():%Y-%m-%d %H:%M}" == "2015-03-02 11:00"


def test_same_addresses_and_missing_titles(app: Flask) -> None:
    items = [
        item(),
        item(post_id="2"),
        item(post_id="3", title="", post_name="", content="<b>First words</b> of it"),
        item(post_id="4", title="", post_name="", content=""),
        item(post_id="5", post_name="%e6%b8%af"),
    ]
    scene.bring_in(blog(*items), "wxr")
    rows = db.session.execute(select(Article.slug, Article.title).order_by(Article.id)).all()
    assert [row.slug for row in rows] == ["the-quay", "the-quay-2", "first-words-of-it", "article-4", "港"]
    assert [row.title for row in rows][2:4] == ["First words of it", "Untitled"]


def test_tags_of_both_kinds(app: Flask) -> None:
    more = (
        '<category domain="category" nicename="boats">Boats</category>'
        '<category domain="post_tag" nicename="tide">Tide</category>'
        '<category domain="post_format" nicename="aside">Aside</category>'
    )
    scene.bring_in(blog(item(more=more)), "wxr")
    assert [tag.slug for tag in db.session.scalars(select(Article)).one().tags] == ["boats", "tide"]
    assert scene.count(Tag) == 2


def test_texts_are_cleaned_and_get_their_paragraphs(app: Flask) -> None:
    bad = "One<script>alert(1)</script>\n\n<a href='javascript:alert(1)' onclick='x'>Two</a>"
    scene.bring_in(blog(item(content=bad)), "wxr")
    html = db.session.scalars(select(Article.html)).one()
    assert html.count("<p>") == 2
    assert not re.search("script|onclick|javascript", html)


def test_php_values_are_never_read(app: Flask) -> None:
    meta = '<wp:postmeta><wp:meta_key>x</wp:meta_key><wp:meta_value>O:8:"canaryX":0:{}</wp:meta_value></wp:postmeta>'
    scene.bring_in(blog(item(more=meta)), "wxr")
    assert b"canary" not in scene.taken_out()


def test_nothing_of_mail_or_network_is_kept(app: Flask) -> None:
    named_so = comment(2, author="canary@author.example")
    scene.bring_in(blog(item(comment(1) + named_so)), "wxr")
    data = scene.taken_out()
    assert b"canary@" not in data
    assert b"203.0.113.77" not in data


def test_a_trial_writes_nothing_and_says_the_same(app: Flask) -> None:
    data = blog(item(comment(1) + comment(2, 99)))
    before = scene.everything()
    trial = scene.bring_in(data, "wxr", dry_run=True)
    assert scene.everything() == before
    real = scene.bring_in(data, "wxr")
    assert (trial.added, trial.notes) == (real.added, real.notes)


def test_the_import_is_in_the_history(cast: Cast) -> None:
    scene.bring_in(blog(item()), "wxr", who=scene.actor(cast.ada))
    act = db.session.scalars(select(Entry).where(Entry.act == "site.import")).one()
    assert act.actor_id == cast.ada.id


def test_an_author_whose_name_shows_nothing_is_called_by_the_sign_in_name(app: Flask) -> None:
    data = blog(item()).replace(b"Lene Holm", "Lene\u3164".encode())
    scene.bring_in(data, "wxr")
    db.commit()
    assert db.session.query(Person.display_name).filter_by(username="lene").scalar() == "lene"


def test_people_of_that_name_here_are_the_same_people_only_where_the_admin_says_so(cast: Cast) -> None:
    report = scene.bring_in(blog(item(creator="ida")), "wxr", same_people=True)
    assert report.present["person"] == 1
    article = db.session.scalars(select(Article).where(Article.origin.is_not(None))).one()
    assert article.author_id == cast.ida.id


ATTACKS = {
    "billion laughs": b'<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><rss>&b;</rss>',
    "external entity": b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>',
    "external document type": b'<!DOCTYPE rss SYSTEM "http://203.0.113.1/x.dtd"><rss/>',
    "document type": b"<!DOCTYPE rss><rss/>",
    "in UTF-16": '\ufeff<!DOCTYPE rss [<!ENTITY a "ha">]><rss>&a;</rss>'.encode("utf-16"),
    "in UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADw-rss/>',
    "an unknown encoding": b'<?xml version="1.0" encoding="nonsense"?><rss/>',
    "an unknown entity": b"<rss>&nbsp;</rss>",
    "nothing": b"",
    "spaces": b" " * 1000,
    "no XML": b"PK\x03\x04 something",
    "another feed": b"<rss><channel><title>News</title><item><title>x</title></item></channel></rss>",
    "another document": b"<html><body>Hello</body></html>",
    "too deep": b"<rss>" + b"<a>" * 100_000,
    "a tag without end": b"<rss " + b"a" * 20_000_000,
    "cut off": blog(item(comment(1)))[:-30],
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_and_wrong_files_are_refused_with_words(app: Flask, name: str) -> None:
    before = scene.everything()
    with pytest.raises(Invalid) as refused:
        scene.bring_in(ATTACKS[name], "wxr")
    assert len(refused.value.reason) > 20
    assert scene.everything() == before


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("One\ntwo\n\n\nThree", "<p>One<br>\ntwo</p>\n<p>Three</p>"),
        ("<p>One\ntwo</p>\n\nThree", "<p>One<br>\ntwo</p>\n<p>Three</p>"),
        ("A\n\n<ul>\n<li>x</li>\n</ul>\nB\nC", "<p>A</p>\n<ul>\n<li>x</li>\n</ul>\n<p>B<br>\nC</p>"),
        ("A<blockquote>B\n\nC</blockquote>", "<p>A</p>\n<blockquote>\n<p>B</p>\n<p>C</p>\n</blockquote>"),
        ("<pre>a\n\n<b>b</b></pre>", "<pre>a\n\n<b>b</b></pre>"),
        ("<div>a</div><div>b</div>c", "<p>a</p>\n<p>b</p>\n<p>c</p>"),
        ("<h1>a</h1>b<h5>c</h5>d", "<h2>a</h2>\n<p>b</p>\n<h4>c</h4>\n<p>d</p>"),
        ("<li><p>a</p><p>b</p></li>", "<li>\n<p>a</p>\n<p>b</p>\n</li>"),
        ("a<br />\nb<br>c", "<p>a<br>\nb<br>c</p>"),
        ("<!-- wp:paragraph --><p>a\n\nb</p><!-- /wp:paragraph -->", "<p>a\n\nb</p>"),
        ('<a href="#note">1</a>', '<p><a href="https://old.example/a/#note">1</a></p>'),
        ('<a href="javascript:alert(1)">a</a>', "<p>a</p>"),
        ("<a href=b.jpg><img src=s.jpg alt=Big></a>", '<p><a href="https://old.example/a/b.jpg">Big</a></p>'),
        ("<img src=/map.png>", '<p><a href="https://old.example/map.png">map.png</a></p>'),
        ("[caption id=1]<img src=/m.png alt=M> The map[/caption]x",
         '<p><a href="https://old.example/m.png">M</a> The map</p>\n<p>x</p>'),
        ('[caption width="9" caption="Of <b>old</b>"]<a href=/m.png><img src=/s.png alt=M></a>[/caption]x',
         '<p><a href="https://old.example/m.png">M</a> Of <b>old</b></p>\n<p>x</p>'),
        ("a[video width='9' mp4=/f.mp4][/video]b",
         '<p>a</p>\n<p><a href="https://old.example/f.mp4">f.mp4</a></p>\n<p>b</p>'),
        ("[audio] [gallery ids='1'] [playlist]", "<p>[audio] [gallery ids='1'] [playlist]</p>"),
        ("[[caption]] it's", "<p>[[caption]] it's</p>"),
        ("<figure><img src=/m.png alt=M><figcaption>C</figcaption></figure>",
         '<p><a href="https://old.example/m.png">M</a></p>\n<p>C</p>'),
        ("(http://a.example/x_(y)).", '<p>(<a href="http://a.example/x_(y)">http://a.example/x_(y)</a>).</p>'),
        ("[http://a.example/x[1]],", '<p>[<a href="http://a.example/x[1]">http://a.example/x[1]</a>],</p>'),
        ("<q>Ay</q>, <abbr title='Long\n\"form\"'>LF</abbr>",
         '<p>\u201cAy\u201d, <abbr title="Long &quot;form&quot;">LF</abbr></p>'),
        ("<acronym title=x>a</acronym>", '<p><abbr title="x">a</abbr></p>'),
        ("<code>http://a.example</code>", "<p><code>http://a.example</code></p>"),
        ("  ", ""),
    ],
)  # fmt: skip
def test_texts_look_as_wordpress_shows_them(source: str, shown: str) -> None:
    assert paragraphs(source, "https://old.example/a/")[0] == shown


def picture(number: int, parent: int, title: str, caption: str = "", order: int = 0, more: str = "") -> str:
    """Return a picture that was uploaded for an article."""
    address = f"https://harbour.example/wp-content/uploads/{number}-quay.jpg"
    own = f"<wp:attachment_url>{address}</wp:attachment_url><wp:menu_order>{order}</wp:menu_order>"
    more += f"{own}<wp:post_parent>{parent}</wp:post_parent><excerpt:encoded><![CDATA[{caption}]]></excerpt:encoded>"
    kind = {"post_id": str(number), "post_type": "attachment", "post_name": f"a{number}", "status": "inherit"}
    return item(title=title, content="", more=more, **kind)


def test_a_gallery_shows_its_pictures_with_their_words(app: Flask) -> None:
    pictures = [
        picture(21, 1, "The pier", "At <em>dawn</em>", order=2),
        picture(22, 1, "22 quay", order=1),
        picture(23, 2, "A &amp;lt;boat&amp;gt; of another article"),
        picture(24, 1, "A leaflet").replace(".jpg", ".pdf"),
    ]
    texts = [
        "[gallery columns=2] Behind",
        "[gallery ids='23,21,99,23']",
        "[gallery exclude='21' order=DESC]",
        "[gallery id=7]",
    ]
    export = blog(item(content="\n\n".join(texts)), *pictures)
    report = scene.bring_in(export, "wxr")
    html = db.session.scalars(select(Article.html)).one()
    lines = re.sub(r"<a [^<>]*/([0-9]+)[^<>]*>", r"\1:", html).replace("</a>", "").split("\n")
    boat, nameless = "23:A &lt;boat&gt; of another article", "22:22-quay.jpg"
    assert lines == [
        f"<p>{nameless}</p>",
        "<p>21:The pier At <em>dawn</em></p>",
        "<p>Behind</p>",
        f"<p>{boat}</p>",
        "<p>21:The pier At <em>dawn</em></p>",
        f"<p>{boat}</p>",
        f"<p>{nameless}</p>",
        "<p>[gallery id=7]</p>",
    ]
    assert report.notes["shortcodes"] == 1
    assert scene.bring_in(export, "wxr").added == {}


def meta(**values: str) -> str:
    """Return what WordPress keeps beside an item."""
    return "".join(
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
        for key, value in values.items()
    )


def test_the_addresses_an_article_had_before_lead_to_it(app: Flask) -> None:
    old = [meta(_wp_old_slug=slug) for slug in ("the-old-quay", "%C3%BCber", "the-quay", "a/b", "", "x" * 2000)]
    other = item(post_id="2", post_name="the-old-quay", more=meta(_wp_old_slug="the-quay"))
    scene.bring_in(blog(item(more="".join(old)), other), "wxr")
    (quay, second) = db.session.scalars(select(Article).order_by(Article.id)).all()
    assert (quay.slug, second.slug) == ("the-quay", "the-old-quay")
    former = {row.slug: row.article_id for row in db.session.scalars(select(FormerAddress))}
    assert former == {"uber": quay.id, "a-b": quay.id}


def test_only_three_plain_values_are_taken_of_what_stands_beside_an_item(app: Flask) -> None:
    beside = meta(_edit_last="1", secret='a:1:{s:1:"x";}', _thumbnail_id="no number")
    alone = "<wp:postmeta><wp:meta_value>x</wp:meta_value></wp:postmeta><wp:postmeta/>"
    report = scene.bring_in(blog(item(more=beside + alone)), "wxr")
    article = db.session.scalars(select(Article)).one()
    assert (article.lead, article.slug, "leads" in report.notes) == ("", "the-quay", False)


def test_of_endless_addresses_before_some_are_kept(app: Flask) -> None:
    """Else each one more would copy all that are there."""
    old = "".join(meta(_wp_old_slug=f"{number}-{'x' * 90}") for number in range(300))
    report = scene.bring_in(blog(item(more=old)), "wxr")
    kept = len(db.session.scalars(select(FormerAddress)).all())
    assert 100 < kept < 120
    assert report.notes["addresses-before"] == 300 - kept


def test_of_two_lead_pictures_the_first_counts(app: Flask) -> None:
    article = item(more=meta(_thumbnail_id="21") + meta(_thumbnail_id="22"))
    report = scene.bring_in(blog(article, picture(21, 1, "The pier")), "wxr")
    assert report.notes["leads"] == 1  # it is known, and only its file is not at hand


def test_a_lead_picture_that_is_not_at_hand_is_counted(app: Flask) -> None:
    article = item(more=meta(_thumbnail_id="21"))
    report = scene.bring_in(blog(article, picture(21, 1, "The pier")), "wxr")
    assert report.notes["leads"] == 1
    assert db.session.scalars(select(Article.lead)).one() == ""


def test_a_gallery_of_pictures_again_and_again_ends(app: Flask) -> None:
    ids = ",".join(["21"] * 200_000)
    texts = [f"[gallery ids='{ids}']", *["[gallery]"] * 20_000]
    report = scene.bring_in(blog(item(content="\n".join(texts)), picture(21, 1, "The pier")), "wxr")
    assert report.added["article"] == 1
    assert len(db.session.scalars(select(Article.html)).one()) < 4_000_000


def test_no_blog_becomes_many_times_as_large_by_its_galleries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "_ROOM", 5_000)
    pictures = Attachments()
    for number in range(30):
        address = f"https://old.example/{number}.png"
        pictures.take({"wp:attachment_url": address, "wp:post_id": str(number), "wp:post_parent": "1"}, "", "")
    shown = [pictures.of(str(article))({"id": "1"}) for article in range(1, 60)]
    assert all(gallery.count("<img") == 30 for gallery in shown[:10])
    assert "".join(shown[20:]) == ""


def test_the_cells_of_a_table_in_a_comment_are_not_glued() -> None:
    table = "<table><tr><th>Year</th><td>5410012</td></tr><tr><td>017</td></tr></table>"
    assert paragraphs(table, article=False)[0] == "<p>Year | 5410012</p>\n<p>017</p>"
    assert rendering.render(paragraphs(table)[0], "html", article=True).count("<td>") == 2


@pytest.mark.parametrize(
    "piece",
    [
        " ",
        "< ",
        "\n ",
        "<li>",
        "http://",
        "<img src=a>",
        "<br>",
        "[caption ",
        "[gallery",
        '[caption caption="',
        "[audio '\"",
        "www.",
        "&",
        '<a ="<b" ',
        ' ="<b"',
    ],
)
def test_the_work_for_a_text_grows_with_its_length_only(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(text: str) -> None:
        paragraphs(text, "https://old.example/")

    assert_linear(monkeypatch, piece, shown, tokens, wordpress)


def _expected(raw: str) -> dict[str, set[tuple[str | None, ...]]]:
    """Read the export with regular expressions only."""
    articles, comments = set(), set()
    for text in re.findall(r"<item>(.*?)</item>", raw, re.DOTALL):
        head = text.split("<wp:comment>")[0]
        kind, status = plainly(head, "post_type")[0], plainly(head, "status")[0]
        if kind not in ("post", "page"):
            continue
        locked = plainly(head, "post_password")[:1] not in ([], [""])
        ours = "published" if status == "publish" and not locked else "draft"
        date = plainly(head, "post_date_gmt")[0]
        date = plainly(head, "post_date")[0] if date.startswith("0000") else date
        articles.add((plainly(head, "post_id")[0], ours, date))
        rows = [row for row in text.split("<wp:comment>")[1:] if plainly(row, "comment_type") not in ALIEN]
        ids = {plainly(row, "comment_id")[0] for row in rows}
        for row in rows:
            id, parent = plainly(row, "comment_id")[0], plainly(row, "comment_parent")[0]
            state = {"1": "published", "0": "held"}[plainly(row, "comment_approved")[0]]
            comments.add((id, parent if parent in ids else None, state, plainly(row, "comment_date_gmt")[0]))
    assert Counter(len(entry) for entry in articles) == {3: 79}
    return {"articles": articles, "comments": comments}


ALIEN = (["pingback"], ["trackback"])


def test_the_id_of_a_deleted_article_is_not_given_again(cast: Cast) -> None:
    deleted = factories.article(cast.otto, "Not ready", status="draft").id
    db.lock(deleted)
    db.session.delete(db.session.get_one(Article, deleted))
    db.commit()
    scene.bring_in(blog(item()), "wxr")
    later = factories.article(cast.otto, "Later")
    ids = list(db.session.scalars(select(Article.id).order_by(Article.id)))
    assert ids[0] == cast.article.id
    assert min(ids[1:]) > deleted
    assert later.id == max(ids)
