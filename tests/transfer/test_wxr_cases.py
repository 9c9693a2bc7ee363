"""Small exports of WordPress that failed once, each with what is right (the README beside them says it)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from forum import db
from forum.articles.models import Article
from forum.closures.models import Closure
from forum.comments.models import Comment
from forum.moderation.queries import queue
from forum.moderation.queries.queue import Filters
from forum.people.models import Person
from forum.text.rendering import render
from forum.text.words import plain
from forum.transfer.into.wxr.paragraphs import paragraphs
from forum.transfer.report import Report, sentences
from tests.cast import Cast
from tests.comments.talk import let
from tests.transfer import scene
from tests.transfer.test_import_wxr import blog, comment, item


@pytest.fixture
def case(app: Flask, shared: Path) -> Case:
    """Return a way to bring one of the small files in."""
    return Case(shared / "cases")


class Case:
    """Bring one of the small files in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str) -> Report:
        return scene.bring_in((self.folder / name).read_bytes(), "wxr")


def test_each_of_the_small_files_is_in_a_test(shared: Path) -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py"))
    files = [path.name for path in (shared / "cases").iterdir() if path.name != "README.md"]
    assert len(files) > 20
    assert [name for name in files if f'"{name}"' not in tests] == []


def said() -> dict[str, list[str]]:
    """Return the words of every comment by the title of its article, in the order of their times."""
    query = select(Article.title, Comment.html).outerjoin(Comment, Comment.article_id == Article.id)
    found: dict[str, list[str]] = {}
    for title, html in db.session.execute(query.order_by(Article.id, Comment.created_at, Comment.id)):
        found.setdefault(title, []).extend([plain(html)] if html is not None else [])
    return found


def test_entities_are_the_signs_they_mean(case: Case) -> None:
    case("wxr-entities-in-title-author-and-tag.xml")
    article = db.session.scalars(select(Article)).one()
    assert article.title == "Salt & bread: who doesn\u2019t want both?"
    assert db.session.get_one(Person, article.author_id).display_name == "Nora & Ole"
    assert [tag.name for tag in article.tags] == ["R&D"]
    assert plain(article.html) == "A first paragraph & a second thought."
    assert db.session.scalars(select(Comment.guest_name)).one() == "Karl & Sons"


def test_a_blank_line_before_the_declaration_is_mended_and_told(case: Case) -> None:
    report = case("wxr-blank-line-before-the-declaration.xml")
    assert report.added["article"] == 1
    assert report.notes["mended-around"] == 1
    assert "before or behind the export itself" in " ".join(sentences(report))


def test_a_discussion_closed_at_the_source_stays_closed(case: Case) -> None:
    assert case("wxr-discussion-closed-at-the-source.xml").added["closure"] == 1
    closure = db.session.scalars(select(Closure)).one()
    assert (closure.branch_id, closure.person_a_id, closure.closed_by_id) == (None, None, None)
    assert case("wxr-discussion-closed-at-the-source.xml").added == {}


def test_links_lead_where_they_led_and_pictures_are_links(case: Case) -> None:
    report = case("wxr-links-relative-bare-and-pictures.xml")
    html = db.session.scalars(select(Article.html)).one()
    for address in ("https://old.example/2019/05/salt-bread/", "https://cdn.example/leaflet.pdf"):
        assert f'href="{address}"' in html
    assert 'map.png" rel="nofollow ugc noopener noreferrer">A map of the ferry stops</a>' in html
    assert 'href="https://video.example/watch?v=42"' in html
    comment = db.session.scalars(select(Comment.html)).one()
    assert 'href="https://town.example/minutes/2019-06.pdf"' in comment
    assert "Line one<br>\nline two" in comment
    assert (report.notes["pictures"], report.notes["relative-links"]) == (1, 2)


def test_two_comments_with_one_number_are_both_kept(case: Case) -> None:
    report = case("wxr-two-comments-with-one-number.xml")
    assert said() == {"Two with one number": ["The first text.", "Quite another text."]}
    assert (report.notes["numbers"], report.present) == (1, {})
    assert case("wxr-two-comments-with-one-number.xml").added == {}


def test_two_posts_with_one_number_have_their_own_comments(case: Case) -> None:
    case("wxr-two-posts-with-one-number.xml")
    assert said() == {"One": ["said under One"], "Two": ["said under Two"]}
    assert case("wxr-two-posts-with-one-number.xml").added == {}


def test_two_articles_with_the_same_comment_number(case: Case) -> None:
    case("wxr-two-articles-with-the-same-comment-number.xml")
    assert said() == {"One": ["first text"], "Two": ["quite another text"]}
    assert case("wxr-two-articles-with-the-same-comment-number.xml").added == {}


def test_blogs_without_an_address_are_two(case: Case) -> None:
    case("wxr-blog-a-without-address.xml")
    case("wxr-blog-b-without-address.xml")
    assert said() == {"Of-blog-A": ["blog A"], "Of-blog-B": ["blog B first", "blog B second"]}
    for name in ("wxr-blog-a-without-address.xml", "wxr-blog-b-without-address.xml"):
        assert case(name).added == {}


def test_no_address_is_a_guests_name(case: Case) -> None:
    case("wxr-address-in-a-guest-name.xml")
    assert sorted(map(str, db.session.scalars(select(Comment.guest_name)))) == ["Jo", "jo"]
    assert not [name for name in db.session.scalars(select(Person.display_name)) if "@" in name]


@pytest.mark.parametrize(
    ("named", "kept"), [("\u3164", "Anonymous"), ("\u2800 ", "Anonymous"), ("jo\ufe6bx.example", "jo")]
)
def test_a_guests_name_shows_one_and_no_address(app: Flask, named: str, kept: str) -> None:
    scene.bring_in(blog(item(comment(1, author=named))), "wxr")
    assert db.session.scalars(select(Comment.guest_name)).one() == kept


def test_a_number_of_two_people_makes_nobody_say_what_another_wrote(app: Flask) -> None:
    other = b"<wp:author><wp:author_id>7</wp:author_id><wp:author_login>ole</wp:author_login></wp:author><item>"
    said = comment(1, user_id="7", author="Ole the Younger") + comment(2, user_id="8", author="Passer-by")
    report = scene.bring_in(blog(item(said)).replace(b"<item>", other, 1), "wxr")
    rows = db.session.execute(select(Comment.author_id, Comment.guest_name).order_by(Comment.id)).all()
    assert [tuple(row) for row in rows] == [(None, "Ole the Younger"), (None, "Passer-by")]
    assert (report.notes["shared-numbers"], report.examples["shared-numbers"]) == (1, ["Ole the Younger"])


def test_an_item_without_a_type_is_an_article(case: Case) -> None:
    case("wxr-items-without-type.xml")
    assert said() == {"One": ["kept?"]}
    assert db.session.scalars(select(Article.status)).one() == "published"


ZONES = pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata"])


@ZONES
def test_an_article_of_the_year_1_has_another_date(case: Case, cast: Cast, zone: str) -> None:
    report = case("wxr-article-of-the-year-1.xml")
    assert report.notes["dates"] == 1
    assert min(db.session.scalars(select(Article.created_at))).year > 1970
    assert answering(cast, zone)


@ZONES
def test_a_comment_of_the_year_1_has_its_articles_date(case: Case, cast: Cast, zone: str) -> None:
    assert case("wxr-comment-of-the-year-1.xml").notes["dates"] == 1
    assert f"{db.session.scalars(select(Comment.created_at)).one():%Y-%m-%d}" == "2020-01-01"
    assert answering(cast, zone)


def answering(cast: Cast, zone: str) -> bool:
    """Tell whether the home page, the page of the imported article and both archives to read are there in a zone."""
    let(timezone=zone)
    slug = db.session.scalars(select(Article.slug).where(Article.origin.is_not(None))).one()
    pages = [cast.browser().get(address).status_code for address in ("/", f"/articles/{slug}")]
    return pages == [200, 200] and all(scene.taken_out(wanted, "html") for wanted in (None, slug))


def test_the_same_blog_with_https_comes_once(app: Flask) -> None:
    data = blog(item(comment(1)))
    scene.bring_in(data, "wxr")
    for address in (b"http://harbour.example/", b"http://www.harbour.example", b"HTTPS://Harbour.example:443"):
        assert scene.bring_in(data.replace(b"https://harbour.example", address), "wxr").added == {}


def test_a_blog_begun_anew_at_its_address_is_not_here_already(app: Flask) -> None:
    scene.bring_in(blog(item(comment(1), post_date_gmt="2012-01-01 10:00:00")), "wxr")
    anew = item(comment(1, date_gmt="2020-02-02 10:00:00"), title="Anew", post_date_gmt="2020-01-01 10:00:00")
    report = scene.bring_in(blog(anew), "wxr")
    assert (report.added, report.notes["numbers"]) == ({"article": 1, "comment": 1}, 2)
    assert said() == {"The quay": ["Comment 1"], "Anew": ["Comment 1"]}
    assert scene.bring_in(blog(anew), "wxr").added == {}


def test_a_login_equal_to_an_admins_writes_in_a_name_of_its_own(cast: Cast) -> None:
    report = scene.bring_in(blog(item(creator="ada")), "wxr")
    author = db.session.scalars(select(Article).where(Article.origin.is_not(None))).one().author_id
    assert author != cast.ada.id
    assert db.session.get_one(Person, author).username == "ada-2"
    assert "ada → ada-2" in report.examples["renamed"]


def test_a_person_who_took_the_name_of_the_unknown_author_writes_nothing_of_theirs(cast: Cast) -> None:
    scene.bring_in(blog(item(creator="")), "wxr", who=scene.actor(cast.ada))
    article = db.session.scalars(select(Article).where(Article.origin.is_not(None))).one()
    person = db.session.get_one(Person, article.author_id)
    assert (person.display_name, article.author_id != cast.ada.id) == ("Unknown author", True)
    assert cast.browser().get(f"/people/{person.username}").status_code == 200


BROKEN = {
    "a byte": (b"quay", b"qu\x92ay", "mended-bytes", "qu\ufffday"),
    "a control character": (b"quay", b"qu\x0bay", "mended-controls", "quay"),
    "a reference to one": (b"quay", b"qu&#11;ay", "mended-controls", "quay"),
    "a bare and": (b"quay", b"qu & ay", "mended-ampersands", "qu & ay"),
    "an unknown entity": (b"quay", b"qu&nbsp;ay", "mended-ampersands", "qu ay"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_damage_is_mended_and_told(app: Flask, name: str) -> None:
    whole, broken, code, right = BROKEN[name]
    report = scene.bring_in(blog(item(title="The quay")).replace(b"The " + whole, b"The " + broken), "wxr")
    assert report.notes[code] == 1
    assert db.session.scalars(select(Article.title)).one() == f"The {right}"


BROKEN_ADDRESSES = ["http://[oops", "//[", "http://a]b/", "http://quay\u2100.example/"]


@pytest.mark.parametrize("address", BROKEN_ADDRESSES)
def test_a_broken_address_of_an_item_leads_nowhere_and_hinders_nothing(app: Flask, address: str) -> None:
    words = '<a href="there">There</a> <a href="http://[">here</a> <img src="http://[x">'
    data = blog(item(comment(1), more=f"<link>{address}</link>", content=words), item(post_id="2", title="Second"))
    assert scene.bring_in(data, "wxr").added["article"] == 2
    html = db.session.scalars(select(Article.html).where(Article.title == "The quay")).one()
    assert re.findall('href="([^"]*)"', html) == ["https://harbour.example/there"]
    assert "here" in html


@pytest.mark.parametrize("address", BROKEN_ADDRESSES)
def test_a_broken_address_of_a_blog_is_none(app: Flask, address: str) -> None:
    data = blog(item(comment(1))).replace(b"https://harbour.example<", f"{address}<".encode())
    assert scene.bring_in(data, "wxr").added["comment"] == 1
    assert scene.bring_in(data, "wxr").added == {}


@pytest.mark.parametrize("text", ["&#\u0666\u0665;", "&#x\uff11;"])
def test_digits_of_other_scripts_make_no_reference(app: Flask, text: str) -> None:
    report = scene.bring_in(blog(item(title=f"The {text} quay")), "wxr")
    assert report.notes["mended-ampersands"] == 1
    assert db.session.scalars(select(Article.title)).one() == f"The {text} quay"


def test_a_list_begins_with_digits_that_a_browser_reads() -> None:
    for start, kept in (("3", ' start="3"'), ("\u0663", "")):
        source = f'<ol start="{start}"><li>One</li></ol>'
        assert f"<ol{kept}>" in paragraphs(source)[0]
        assert f"<ol{kept}>" in render(source, "html", article=True)


@pytest.mark.parametrize("at", range(90))
def test_damage_at_every_place_of_a_piece_is_mended(at: int) -> None:
    import io

    from forum.transfer.into.wxr import mending
    from forum.transfer.report import Findings

    inside = b"<a>&amp; & <![CDATA[ & &nbsp; ]]> &#11;&#65;<!-- & ]]> <![CDATA[ --->&</a>"
    data = b"x" * (mending.PIECE - at) + inside + b"y" * 100
    text = "".join(mending.mended(io.BytesIO(data), Findings()))
    assert text.strip("xy") == "<a>&amp; &amp; <![CDATA[ & &nbsp; ]]> &#65;<!-- & ]]> <![CDATA[ --->&amp;</a>"


def test_what_wordpress_itself_writes_above_its_exports_is_no_damage(app: Flask) -> None:
    data = blog(item(comment(1))).replace(b"<rss", b"<!-- 4. Activate & Run Importer. -->\n<rss", 1)
    assert "mended-ampersands" not in scene.bring_in(data, "wxr").notes


def test_lines_behind_the_end_are_passed_over(app: Flask) -> None:
    report = scene.bring_in(blog(item(comment(1))) + b"\n<br /><b>Warning</b>: out of time", "wxr")
    assert (report.added["comment"], report.notes["mended-around"]) == (1, 1)


def test_comments_under_other_kinds_of_items_are_kept(app: Flask) -> None:
    report = scene.bring_in(blog(item(comment(1), post_type="recipe", title="Soup")), "wxr")
    assert said() == {"Soup": ["Comment 1"]}
    assert report.examples["other-kinds"] == ["Soup"]


def test_what_was_in_the_bin_is_listed_as_removed_and_can_be_brought_back(cast: Cast) -> None:
    comments = comment(1, approved="trash") + comment(2, approved="spam") + comment(3)
    assert scene.bring_in(blog(item(comments)), "wxr").added["decision"] == 2
    removed = queue.page(scene.actor(cast.ada), Filters(tab="decided")).rows
    assert {row.outcome for row in removed} == {"hide", "spam"}
    assert scene.bring_in(blog(item(comments)), "wxr").added == {}
