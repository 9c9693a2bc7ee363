"""The page that says how to hear of new articles, and the line below an article that leads there."""

from __future__ import annotations

import re

from tests.feeds.reading import feed, fetch, with_address
from tests.feeds.test_feeds import tagged


def test_every_article_has_one_line_that_leads_there(cast):
    page = fetch(cast.app, f"/articles/{cast.article.slug}").text
    line = re.search(r'<p class="share">(.*?)</p>', page, re.DOTALL)
    assert line
    assert '<a href="/subscribe">Get new articles by feed</a>' in line[1]
    assert f'href="/articles/{cast.article.slug}"' in line[1]
    assert "mail" not in line[1]  # the site sends none


def test_the_page_gives_addresses_that_work(cast, request):
    tagged(cast, "The ferry is late", "Town", "Sea & <Sand>")
    app = with_address(cast.app, "https://forum.example", request)
    page = fetch(app, "/subscribe")
    found = re.findall(r'readonly value="https://forum\.example(/feeds/[^"]+)">', page.text)
    assert sorted(found) == ["/feeds/articles", "/feeds/tags/sea-sand", "/feeds/tags/town"]
    for path in found:
        assert feed(app, path).entries
    assert "<Sand>" not in page.text
    fields = re.findall(r'<input id="([^"]+)" type="text" readonly', page.text)
    labels = re.findall(r'for="([^"]+)"', page.text.partition("<main")[2])
    assert fields == re.findall(r'data-copy="([^"]+)"[^>]* hidden>', page.text) == labels
    assert len(fields) == len(set(fields)) == len(found)


def test_a_site_without_an_address_gives_the_one_it_was_asked_at(cast):
    page = cast.browser().get("/subscribe", base_url="http://127.0.0.1:8123").text
    assert 'value="http://127.0.0.1:8123/feeds/articles"' in page


def test_a_site_without_articles_has_its_feed_all_the_same(cast):
    cast.browser(cast.ida).post(f"/articles/{cast.article.slug}/unpublish")
    page = fetch(cast.app, "/subscribe")
    assert page.status_code == 200
    assert "one subject" not in page.text
