"""What feeds hold: the newest articles and comments, valid, called the same for ever, and never old."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from defusedxml.ElementTree import fromstring
from markupsafe import escape
from sqlalchemy import literal_column, text, update

from forum import db
from forum.articles import actions as articles
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment
from forum.feeds import queries
from forum.front.address import FEED_ARTICLES
from forum.people.models import Person
from forum.site.models import Site
from tests import factories
from tests.comments.talk import counted, let, pour, put, row, say
from tests.feeds.atom_rules import THR, broken
from tests.feeds.reading import feed, fetch, gone, names, with_address
from tests.web.acting import act


def tagged(cast, title: str, *tags: str, body: str = "Words.", **more: str) -> Article:
    """Publish an article by Ida with tags, by the front door."""
    made = act(cast, "ida", articles.create, articles.check_words(title, body, list(tags), **more))
    act(cast, "ida", articles.publish, made.id)
    return db.session.get_one(Article, made.id)


def addresses(cast) -> list[str]:
    """Return one address of every kind of feed."""
    made = tagged(cast, "The ferry is late", "Town")
    say(cast.tom, cast.article, "Is it?")
    root = say(cast.tom, made, "Which ferry?")
    say(cast.rosa, made, "The white one.", root)
    return [
        "/feeds/articles",
        "/feeds/tags/town",
        "/feeds/people/ida",
        f"/feeds/articles/{made.slug}",
        f"/feeds/comments/{root}",
    ]


def test_every_feed_is_valid_with_and_without_an_address(cast, request):
    paths = addresses(cast)
    known = with_address(cast.app, "https://forum.example", request)
    for app in (cast.app, known):
        for path in paths:
            assert feed(app, path).entries, path
    read = feed(known, paths[0])
    assert read.feed.title == "The Reading Room"
    assert {link.rel: link.href for link in read.feed.links} == {
        "self": "https://forum.example/feeds/articles",
        "alternate": "https://forum.example/",
    }
    assert [entry.title for entry in read.entries] == ["The ferry is late", "The library opens on Saturday"]
    assert all(entry.link.startswith("https://forum.example/articles/") for entry in read.entries)
    assert read.entries[0].author == "Ida"
    assert read.entries[0].content[0].value == "<p>Words.</p>"
    assert [(tag.term, tag.label) for tag in read.entries[0].tags] == [("town", "Town")]


def test_empty_feeds_are_valid(cast):
    for path in ("/feeds/people/rosa", f"/feeds/articles/{cast.article.slug}"):
        assert feed(cast.app, path).entries == []
    db.lock()
    db.session.execute(update(Article).values(status="draft"))
    db.commit()
    assert feed(cast.app, "/feeds/articles").entries == []


def test_a_comment_says_what_it_answers(cast, request):
    app = with_address(cast.app, "https://forum.example", request)
    root = say(cast.tom, cast.article, "Which ferry?")
    answer = say(cast.rosa, cast.article, "The white one.", root)
    path = f"/feeds/articles/{cast.article.slug}"
    read = feed(app, path)
    assert [entry.title for entry in read.entries] == [
        f"{name} on “The library opens on Saturday”" for name in ("Rosa", "Tom")
    ]
    answers = [found.attrib for found in fromstring(fetch(app, path).data).iter(f"{THR}in-reply-to")]
    newest, first = read.entries
    article = next(entry for entry in feed(app, "/feeds/articles").entries if entry.link.endswith(cast.article.slug))
    assert [(found["ref"], found["href"]) for found in answers] == [
        (first.id, f"https://forum.example/comments/{root}"),
        (article.id, f"https://forum.example/articles/{cast.article.slug}"),
    ]
    assert newest.link == f"https://forum.example/comments/{answer}"
    assert [link.href for link in article.links if link.rel == "replies"] == [f"https://forum.example{path}"]


def test_a_branch_s_feed_has_the_branch_alone(cast):
    root = say(cast.tom, cast.article, "Which ferry?")
    answer = say(cast.rosa, cast.article, "The white one.", root)
    further = say(cast.tom, cast.article, "Ah.", answer)
    say(cast.otto, cast.article, "Beside it.", root)
    say(cast.otto, cast.article, "Elsewhere.")
    assert [name.rsplit("/", 1)[1] for name in names(cast.app, f"/feeds/comments/{answer}")] == [
        str(further),
        str(answer),
    ]


def test_names_outlive_every_rename(cast, request):
    paths = addresses(cast)
    app = with_address(cast.app, "https://forum.example", request)
    before = {path: names(app, path) for path in paths}
    db.lock(site=db.Hold.EXCLUSIVE)
    db.session.execute(update(Article).where(Article.slug == "the-ferry-is-late").values(slug="ferry", title="Late!"))
    db.session.execute(update(Person).where(Person.username == "ida").values(username="idy", display_name="Idy"))
    db.session.execute(text("UPDATE tags SET slug = 'city', name = 'City'"))
    db.commit()
    moved = with_address(cast.app, "https://elsewhere.example", request)
    renamed = [
        path.replace("the-ferry-is-late", "ferry").replace("ida", "idy").replace("town", "city") for path in paths
    ]
    assert {path: names(moved, now) for path, now in zip(paths, renamed, strict=True)} == before
    assert all(name.startswith("tag:") and ".invalid,2026:" in name for found in before.values() for name in found)


def test_an_origin_that_is_no_part_of_a_host_still_names_things(cast):
    db.lock(site=db.Hold.EXCLUSIVE)
    db.session.get_one(Site, 1).origin = "Mein Forum, <1999>"
    db.commit()
    assert len(feed(cast.app, "/feeds/articles").entries) == 1


def test_updated_follows_what_readers_see(cast):
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        made = tagged(cast, "The ferry is late")
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False):
        words = articles.check_words("The ferry is late", "Other words.")
        act(cast, "ida", articles.edit, made.id, words, db.session.get_one(Article, made.id).mark, "")
        root = say(cast.tom, made, "Which?")
    path = f"/feeds/articles/{made.slug}"
    entry = next(entry for entry in feed(cast.app, "/feeds/articles").entries if entry.title == "The ferry is late")
    assert (entry.published, entry.updated) == ("2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z")
    assert feed(cast.app, path).feed.updated == "2026-03-02T12:00:00Z"
    assert feed(cast.app, path).entries[0].updated == "2026-03-02T12:00:00Z"
    db.lock(made.id)
    row(root).edited_at = row(root).created_at + timedelta(minutes=20)
    db.commit()
    assert feed(cast.app, path).entries[0].updated == "2026-03-02T12:20:00Z"
    # Within the first minutes the page does not say that it was edited; the feed does not either.
    db.lock(made.id)
    row(root).edited_at = row(root).created_at + timedelta(minutes=5)
    db.commit()
    assert feed(cast.app, path).entries[0].updated == "2026-03-02T12:00:00Z"


def test_links_in_texts_lead_to_the_same_places_from_everywhere(cast, request):
    body = '[rules](/rules), [below](#c-1), [there](https://else.example/x), a href="/not-a-link"'
    made = tagged(cast, "Links", body=body)
    say(cast.tom, made, body)
    known = with_address(cast.app, "https://forum.example", request)
    for base, app in (("https://forum.example", known), ("", cast.app)):
        for path in ("/feeds/articles", f"/feeds/articles/{made.slug}"):
            html = feed(app, path).entries[0].content[0].value
            found = [piece.partition('"')[0] for piece in html.split('<a href="')[1:]]
            assert found == [f"{base}/rules", f"{base}/articles/links#c-1", "https://else.example/x"]
            assert "a href=&quot;/not-a-link&quot;" in html


def test_a_quoted_piece_says_where_it_is_from(cast):
    tagged(cast, "Quoted", source_name="The <Town> Paper", source_url="https://paper.example/a?b=1&c=2")
    entry = feed(cast.app, "/feeds/articles").entries[0]
    html = entry.content[0].value
    assert 'href="https://paper.example/a?b=1&amp;c=2">Quoted from The &lt;Town&gt; Paper</a>' in html
    assert [link.href for link in entry.links if link.rel == "via"] == ["https://paper.example/a?b=1&c=2"]


HOSTILE = [
    "]]><script>alert(1)</script>",
    "&lt;b&gt; &amp;amp; <b>",
    "\"quoted\" 'and' `so`",
    "مقال من اليمين إلى اليسار",
    "עברית ואנגלית English",
    "😀👩‍👩‍👧‍👦🏳️‍🌈",
    "<!-- <![CDATA[ x ]]> -->",
    "ﷺ\u200f\u2067x\u2069",
    "\ufffe\uffff\U0001fffe",
    "\x01\x08\x0b\x1b\x7f\x85",
    "&#0; &#x1F; &nbsp;",
    "日本語の題名",
    "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306",
    "line\nline\r\nline\ttab",
    "{{ 7*7 }} %(x)s {0}",
    "' or 1=1 --",
    "%0a%0d",
    "<title>",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "x" * 200,
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_no_name_title_or_text_breaks_a_feed(cast, number):
    """By hand, because forms refuse some of them; a restored or imported database may hold anything."""
    words = HOSTILE[number]
    made = tagged(cast, "Fine", "Fine")
    say(cast.tom, made, "Fine.")
    scripts = fetch(cast.app, f"/articles/{made.slug}").text.count("<script ")  # ours, and the block for search engines
    db.lock(site=db.Hold.EXCLUSIVE)
    db.session.execute(update(Article).where(Article.id == made.id).values(title=words, source_name=words[:120]))
    db.session.execute(update(Article).where(Article.id == made.id).values(html=f"<p>{escape(words)}</p>"))
    db.session.execute(update(Person).where(Person.username.in_(["ida", "tom"])).values(display_name=words[:80]))
    db.session.execute(update(Site).values(tagline=words, name=words[:100]))
    db.session.execute(text("UPDATE tags SET name = :name"), {"name": words[:60]})
    db.session.execute(text("UPDATE comments SET html = :html"), {"html": f"<p>{escape(words)}</p>"})
    db.commit()
    for path in ("/feeds/articles", "/feeds/tags/fine", "/feeds/people/ida", f"/feeds/articles/{made.slug}"):
        read = feed(cast.app, path)
        assert len(read.entries) in (1, 2)
    page = fetch(cast.app, f"/articles/{made.slug}")
    assert page.status_code == 200
    assert page.text.count("</script>") == page.text.count("<script ") == scripts


def test_a_right_to_left_title_is_a_title(cast):
    tagged(cast, "مقال قصير")
    assert feed(cast.app, "/feeds/articles").entries[0].title == "مقال قصير"


def test_feeds_are_bounded_and_cost_the_same_for_many(cast):
    path = f"/feeds/articles/{cast.article.slug}"
    few = pour(cast.article, [cast.tom, cast.rosa], [None, 0, 1])
    for _ in range(2):
        factories.article(cast.ida)
    with counted() as small:
        for address in ("/feeds/articles", "/feeds/people/ida", path, f"/feeds/comments/{few[0]}"):
            fetch(cast.app, address + "?unkept=1")
    ids = pour(cast.article, [cast.tom, cast.rosa], [None, *range(2500)])
    for _ in range(FEED_ARTICLES + 5):
        factories.article(cast.ida)
    with counted() as large:
        for address in ("/feeds/articles", "/feeds/people/ida", path, f"/feeds/comments/{ids[0]}"):
            fetch(cast.app, address + "?unkept=1")
    assert len(small) == len(large)
    assert len(names(cast.app, "/feeds/articles")) == FEED_ARTICLES == queries.ARTICLES
    found = [int(name.rsplit("/", 1)[1]) for name in names(cast.app, path)]
    assert found == list(reversed(ids))[: queries.COMMENTS]


def test_the_newest_comments_are_found_by_their_index(cast):
    """Else an article's feed would go through all its comments."""
    pour(cast.article, [cast.tom, cast.rosa], [None, *range(2500)])
    sqlite = db.engine().dialect.name == "sqlite"
    statement = queries._newest(Comment.article_id == cast.article.id, Comment.status != literal_column("'held'"))
    sql = str(statement.compile(db.engine(), compile_kwargs={"literal_binds": True}))
    if not sqlite:
        db.session.execute(text("ANALYZE comments"))
    plan = db.session.execute(text(("EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN ") + sql.replace(":", r"\:")))
    assert "ix_comments_newest" in "\n".join(map(str, plan))


def test_long_articles_are_sent_whole_only_as_far_as_they_fit(cast):
    for number in range(7):
        factories.article(cast.ida, f"Long {number}", body="word " * 39_000)
    read = feed(cast.app, "/feeds/articles")
    assert ["content" in entry for entry in read.entries] == [True] * 5 + [False] * 2 + [True]
    assert read.entries[5].summary.endswith("word…")


def test_a_feed_is_kept_confirmed_by_304_and_the_same_everywhere(cast, request):
    say(cast.tom, cast.article, "A word.")
    other = with_address(cast.app, "", request)
    for path in addresses(cast):
        plain, packed = fetch(cast.app, path), fetch(cast.app, path, **{"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed.data) == plain.data
        assert fetch(other, path).data == plain.data
        assert fetch(other, path).headers["ETag"] == plain.headers["ETag"] != packed.headers["ETag"]
        assert "Cookie" not in plain.headers["Vary"]
        again = fetch(cast.app, path, **{"If-None-Match": plain.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        head = cast.app.test_client(use_cookies=False).head(path)
        assert (head.data, dict(head.headers)) == (b"", dict(plain.headers))
        with counted() as sent:
            fetch(cast.app, path)
        assert sent == []  # answered before Flask


def test_everybody_who_asks_gets_the_same_feed(cast):
    waits = say(cast.tom, cast.article, "Not for all.")
    put(waits, "held")
    for path in addresses(cast):
        plain = fetch(cast.app, path).data
        for person in (cast.tom, cast.ida, cast.quill, cast.ada):
            answer = cast.browser(person).get(path)
            assert answer.data == plain
            assert "Set-Cookie" not in answer.headers


def test_whatever_is_written_is_in_the_next_answer(cast):
    made = tagged(cast, "The ferry is late", "Town")
    for path in ("/feeds/articles", "/feeds/tags/town", "/feeds/people/ida"):
        fetch(cast.app, path)
    words = articles.check_words("The ferry is here", "Other words.", ["Town"])
    act(cast, "ida", articles.edit, made.id, words, db.session.get_one(Article, made.id).mark)
    for path in ("/feeds/articles", "/feeds/tags/town", "/feeds/people/ida"):
        assert feed(cast.app, path).entries[0].title == "The ferry is here"
    act(cast, "ida", articles.unpublish, made.id)
    assert "ferry" not in fetch(cast.app, "/feeds/articles").text
    assert fetch(cast.app, "/feeds/tags/town").status_code == 404
    assert fetch(cast.app, f"/feeds/articles/{made.slug}").status_code == 404


def test_a_scheduled_article_comes_by_the_clock(cast):
    soon = now() + timedelta(hours=1)
    made = act(cast, "ida", articles.create, articles.check_words("Tomorrow's news", "Not yet.", ["Town"]))
    act(cast, "ida", articles.schedule, made.id, soon)
    for path in ("/feeds/articles", "/feeds/people/ida"):
        assert "news" not in fetch(cast.app, path).text
    assert fetch(cast.app, "/feeds/tags/town").status_code == 404
    assert fetch(cast.app, f"/feeds/articles/{made.slug}").status_code == 404
    with time_machine.travel(soon + timedelta(seconds=1)):
        for path in ("/feeds/articles", "/feeds/people/ida", "/feeds/tags/town"):
            assert feed(cast.app, path).entries[0].title == "Tomorrow's news"
        assert feed(cast.app, f"/feeds/articles/{made.slug}").entries == []


@pytest.mark.parametrize(
    "path",
    [
        *("/feeds", "/feeds/x", "/feeds/tags/none", "/feeds/people/none", "/feeds/people/nele", "/feeds/articles/none"),
        *("/feeds/comments/0", "/feeds/comments/999", "/feeds/comments/99999999999999999999", "/feeds/comments/x"),
    ],
)
def test_there_is_no_feed_of_what_is_not_there(cast, path):
    assert fetch(cast.app, path).status_code == 404


def test_other_spellings_lead_to_the_address(cast):
    say(cast.tom, cast.article)
    for given, meant in (("/feeds/people/IDA", "/feeds/people/ida"), ("/feeds/articles/", "/feeds/articles")):
        answer = fetch(cast.app, given)
        assert (answer.status_code, answer.headers["Location"]) == (301, meant)
    assert fetch(cast.app, "/feeds/tags/" + "x" * 2100).status_code == 414


def test_an_article_that_has_no_version_is_not_kept(cast):
    fetch(cast.app, "/feeds/articles")
    db.lock()
    db.session.execute(text("DELETE FROM article_versions"))
    db.commit()
    db.lock()
    db.session.execute(update(Article).values(title="By hand"))
    db.commit()
    assert feed(cast.app, "/feeds/articles").entries[0].title == "By hand"
    db.lock()
    db.session.execute(update(Article).values(title="By hand again"))
    db.commit()
    assert feed(cast.app, "/feeds/articles").entries[0].title == "By hand again"


def test_guests_are_named_without_an_address(cast):
    let(who_may_comment="guests")
    made = say(None, cast.article, "Who painted the boat?")
    put(made, "published")
    entry = feed(cast.app, f"/feeds/articles/{cast.article.slug}").entries[0]
    assert entry.author_detail == {"name": "Moss"}
    assert gone(cast.app, f"/feeds/articles/{cast.article.slug}") == []


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b"<entry>", b"<entry>words"),
        (b"<entry>", b'<entry class="new">'),
        (b'rel="self"', b'rel="self" media="print"'),
        (b"</author>", b"<name>Another</name></author>"),
        (b"</feed>", b"<editor/></feed>"),
        (b"<updated>", b"<modified/><updated>"),
        (b"</title>", b"<b/></title>"),
    ],
)
def test_the_schema_refuses_what_is_not_in_it(cast, written, instead):
    say(cast.tom, cast.article)
    body = fetch(cast.app, f"/feeds/articles/{cast.article.slug}").data
    assert broken(body) == []
    assert broken(body.replace(written, instead, 1)) != []
