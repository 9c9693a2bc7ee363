"""What the head of a page says to programs: its feeds, its one address, what it is about; and the sitemap."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from defusedxml.ElementTree import fromstring
from sqlalchemy import update

from forum import db
from forum.articles.models import Article
from forum.comments.reading.views import structured
from forum.feeds import queries
from tests import factories
from tests.comments.talk import let, say
from tests.feeds.reading import fetch, with_address
from tests.feeds.test_feeds import tagged

MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def known(cast, request):
    """Return the site as an app that knows its address."""
    return with_address(cast.app, "https://forum.example", request)


def feeds_of(app, path: str) -> list[str]:
    """Return the feeds that a page names."""
    head = fetch(app, path).text.partition("</head>")[0]
    return re.findall(r'<link rel="alternate" type="application/atom\+xml" title="[^"]+" href="([^"]+)">', head)


def meta(app, path: str) -> dict[str, str]:
    """Return what the head of a page says, by name."""
    head = fetch(app, path).text.partition("</head>")[0]
    found = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', head))
    return found | dict(re.findall(r'<link rel="(canonical)" href="([^"]*)">', head))


def test_every_page_names_the_feeds_of_what_it_is(cast):
    made = tagged(cast, "The ferry is late", "Town")
    root = say(cast.tom, made)
    everywhere, own = "/feeds/articles", f"/feeds/articles/{made.slug}"
    expected = {
        "/": [everywhere],
        "/tags/town": [everywhere, "/feeds/tags/town"],
        "/people/ida": [everywhere, "/feeds/people/ida"],
        "/people/ida/articles": [everywhere, "/feeds/people/ida"],
        "/people/tom": [everywhere],
        f"/articles/{made.slug}": [everywhere, own],
        f"/comments/{root}/branch": [everywhere, f"/feeds/comments/{root}", own],
        "/rules": [everywhere],
        "/nothing-here": [everywhere],
    }
    assert {path: feeds_of(cast.app, path) for path in expected} == expected
    for path in (found for paths in expected.values() for found in paths):
        assert fetch(cast.app, path).status_code == 200


def test_a_page_has_one_address(cast, known):
    root = say(cast.tom, cast.article)
    page = f"/articles/{cast.article.slug}"
    expected = {
        "/": "/",
        "/?from=99&x=1": "/?from=99",
        page: page,
        f"{page}?order=newest": page,
        f"{page}?from={root}&utm_source=x": f"{page}?from={root}",
        f"/comments/{root}/branch": f"/comments/{root}/branch",
        "/rules?from=1": "/rules",
        "/subscribe": "/subscribe",
    }
    assert {path: meta(known, path)["canonical"] for path in expected} == {
        path: f"https://forum.example{meant}" for path, meant in expected.items()
    }
    for path in expected:
        assert "canonical" not in meta(cast.app, path)
        assert "og:url" not in meta(cast.app, path)
    assert "canonical" not in meta(known, "/nothing-here")


def test_a_slug_in_another_script_is_spelled_as_browsers_do(cast, known):
    tagged(cast, "Fähre Ελλάδα")
    address = meta(known, "/articles/fahre-ελλάδα")["canonical"]
    assert address.isascii()
    assert fetch(known, address.removeprefix("https://forum.example")).status_code == 200


def test_an_article_says_what_it_is_about(cast, known):
    made = tagged(cast, 'Late "ferries" & <others>', body="It was *late*.\n\n" + "And later. " * 60)
    found = meta(known, f"/articles/{made.slug}")
    assert found["description"].startswith("It was late. And later.")
    assert len(found["description"]) <= structured.DESCRIPTION + 1
    assert found["og:description"] == found["description"]
    assert found["og:title"] == "Late &#34;ferries&#34; &amp; &lt;others&gt;"
    assert (found["og:type"], found["og:site_name"]) == ("article", "The Reading Room")
    assert found["og:url"] == found["canonical"] == f"https://forum.example/articles/{made.slug}"
    # A member's page says the same.
    page = cast.browser(cast.rosa).get(f"/articles/{made.slug}").text
    assert f'<meta name="description" content="{found["description"]}">' in page


def test_search_engines_get_the_article_and_a_few_comments(cast, known):
    made = tagged(cast, "Late </script><script>alert(1)</script>", "Town")
    ids = [say(cast.tom, made, f"Number {number}: </script><!-- {'long ' * 200}") for number in range(15)]
    page = fetch(known, f"/articles/{made.slug}").text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert block
    assert "<" not in block[1]
    found = json.loads(block[1])
    assert set(found["@type"]) == {"Article", "DiscussionForumPosting"}
    assert found["headline"] == "Late </script><script>alert(1)</script>"
    assert found["author"] == {"@type": "Person", "name": "Ida", "url": "https://forum.example/people/ida"}
    assert found["url"] == f"https://forum.example/articles/{made.slug}"
    assert datetime.fromisoformat(found["datePublished"]).tzinfo == UTC
    assert (found["commentCount"], len(found["comment"])) == (15, structured.COMMENTS)
    assert [comment["url"] for comment in found["comment"]] == [
        f"https://forum.example/comments/{id}" for id in ids[: structured.COMMENTS]
    ]
    assert all(len(comment["text"]) <= structured.WORDS + 1 for comment in found["comment"])


def test_the_page_says_in_which_zone_its_times_are(cast):
    let(timezone="America/New_York")
    for path in ("/", f"/articles/{cast.article.slug}", "/rules", "/people/ida"):
        assert "Times on this site are those of the time zone America/New York." in fetch(cast.app, path).text


def test_the_sitemap_names_every_article_by_pages(cast, known, monkeypatch):
    monkeypatch.setattr(queries, "SITEMAP", 10)
    made = [cast.article, *(factories.article(cast.ida) for _ in range(25))]
    draft = factories.article(cast.ida, status="draft", published_at=None)
    index = fetch(known, "/sitemap.xml")
    assert index.content_type == "application/xml; charset=utf-8"
    pages = [found.text or "" for found in fromstring(index.data).iter(f"{MAPS}loc")]
    assert pages == [f"https://forum.example/sitemaps/{number}.xml" for number in range(made[-1].id // 10 + 1)]
    found = []
    for page in pages:
        answer = fetch(known, page.removeprefix("https://forum.example"))
        assert "Cookie" not in answer.headers.get("Vary", "")
        places = fromstring(answer.data).findall(f"{MAPS}url")
        assert len(places) <= 11
        found += [place.findtext(f"{MAPS}loc") for place in places]
    assert found == ["https://forum.example/", *(f"https://forum.example/articles/{one.slug}" for one in made)]
    assert draft.slug not in str(found)
    for number in (len(pages), 10**6, 2**63 - 1):
        assert fetch(known, f"/sitemaps/{number}.xml").status_code == 404
    assert fetch(known, "/sitemaps/x.xml").status_code == 404


def test_the_sitemap_says_when_an_article_was_changed(cast, known):
    changed = datetime(2026, 3, 2, 12, tzinfo=UTC)
    db.lock()
    values = {"published_at": datetime(2026, 3, 1, tzinfo=UTC), "updated_at": changed}
    db.session.execute(update(Article).values(**values))
    db.commit()
    found = [one.text for one in fromstring(fetch(known, "/sitemaps/0.xml").data).iter(f"{MAPS}lastmod")]
    assert found == ["2026-03-02T12:00:00Z"]


def test_the_sitemap_is_named_where_there_is_one(cast, known):
    assert "Sitemap: https://forum.example/sitemap.xml" in fetch(known, "/robots.txt").text.splitlines()
    assert "Sitemap" not in fetch(cast.app, "/robots.txt").text
    assert fetch(cast.app, "/sitemap.xml").status_code == fetch(cast.app, "/sitemaps/0.xml").status_code == 404


def test_a_branch_tells_of_a_few_comments(cast, known, monkeypatch):
    monkeypatch.setattr(structured, "COMMENTS", 3)
    root = say(cast.ida, cast.article, "A beginning.")
    below = [say(cast.tom, cast.article, f"Word {n}. </script>", root) for n in range(6)]
    page = fetch(known, f"/comments/{root}/branch").text
    about = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    assert about["@type"] == "DiscussionForumPosting"
    assert about["text"] == "A beginning."
    assert about["isPartOf"]["url"] == f"https://forum.example/articles/{cast.article.slug}"
    assert [one["url"].rsplit("/", 1)[1] for one in about["comment"]] == [str(id) for id in below[:3]]


def test_a_preview_shows_the_sites_logo(cast, known):
    path = f"/articles/{cast.article.slug}"
    assert "og:image" not in meta(known, path)
    let(logo_hash="abc", url="https://forum.example")
    assert meta(known, path)["og:image"] == "https://forum.example/logo?v=abc"
