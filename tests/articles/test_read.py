"""Lists of articles: paging, tags, months, and what a list must not tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from forum import db
from forum.articles import actions, lists, queries
from forum.articles.models import Article
from forum.clock import now
from tests import factories
from tests.cast import Cast


def many(cast: Cast, number: int) -> list[Article]:
    """Publish articles, two at each moment, so that the id has to decide."""
    moment = now() - timedelta(days=2)
    return [factories.article(cast.ida, published_at=moment - timedelta(hours=n // 2)) for n in range(number)]


def test_pages_follow_each_other_without_gap_or_repetition(cast: Cast) -> None:
    made = many(cast, 45)
    seen: list[int] = []
    start: int | None = None
    for _ in range(3):
        page = lists.listing(cast.tom, start=start)
        seen += [item.id for item in page.items]
        start = page.next_id
    assert start is None
    assert sorted(seen) == sorted([cast.article.id, *(article.id for article in made)])
    assert len(set(seen)) == 46


def test_the_page_links_to_the_older_ones(cast: Cast) -> None:
    many(cast, 25)
    page = lists.listing(cast.tom)
    assert f"/?from={page.next_id}" in cast.browser().get("/").text
    older = cast.browser().get(f"/?from={page.next_id}").text
    assert cast.article.title not in older
    assert "To the newest" in older


@pytest.mark.parametrize("start", ["0", "-1", "x", "9" * 30, "999999", ""])
def test_an_unknown_start_is_the_beginning(cast: Cast, start: str) -> None:
    answer = cast.browser().get("/", query_string={"from": start})
    assert answer.status_code == 200
    assert cast.article.title in answer.text


def test_a_list_costs_the_same_for_few_and_for_many(cast: Cast) -> None:
    def statements() -> int:
        counted: list[str] = []
        note = lambda *values: counted.append(values[2])  # noqa: E731
        event.listen(db.engine(), "before_cursor_execute", note)
        lists.listing(cast.tom)
        lists.months(ZoneInfo("UTC"), 12)
        event.remove(db.engine(), "before_cursor_execute", note)
        return len(counted)

    few = statements()
    many(cast, 25)
    assert statements() == few


def test_months_are_those_of_the_sites_time_zone(cast: Cast) -> None:
    factories.article(cast.ida, "New year", published_at=datetime(2021, 12, 31, 20, 0, tzinfo=UTC))
    found = {(month.year, month.month) for month in lists.months(ZoneInfo("Asia/Tokyo"), 12)}
    assert (2022, 1) in found
    assert (2021, 12) not in found


def test_the_first_page_lists_twelve_months_and_a_page_of_its_own_all(cast: Cast) -> None:
    for month in range(1, 13):
        factories.article(cast.ida, f"Of month {month}", published_at=datetime(2020, month, 15, tzinfo=UTC))
    home, archive = cast.browser().get("/").text, cast.browser().get("/archive").text
    assert "/archive/2020/2" in home
    assert '/archive/2020/1"' not in home
    assert 'href="/archive"' in home
    assert archive.count('href="/archive/20') == 13


def test_a_month_shows_its_articles_only(cast: Cast) -> None:
    factories.article(cast.ida, "New year", published_at=datetime(2021, 12, 31, 20, 0, tzinfo=UTC))
    page = cast.browser().get("/archive/2021/12")
    assert "New year" in page.text
    assert cast.article.title not in page.text
    assert "December 2021" in page.text
    assert "/archive/2021/12" in cast.browser().get("/").text


@pytest.mark.parametrize(
    "address", ["/archive/2021/13", "/archive/2021/0", "/archive/0/1", "/archive/99999/1", "/archive/1999/1"]
)
def test_months_that_are_none_are_not_found(cast: Cast, address: str) -> None:
    assert cast.browser().get(address).status_code == 404


def test_a_drafts_tags_and_a_scheduled_ones_are_not_found(cast: Cast) -> None:
    actions.create(cast.ida, actions.check_words("Draft", "b", ["secret plan"]))
    later = actions.create(cast.ida, actions.check_words("Later", "b", ["later plan"]))
    actions.schedule(cast.ida, later.id, now() + timedelta(days=1))
    db.commit()
    assert cast.browser().get("/tags/secret-plan").status_code == 404
    assert cast.browser().get("/tags/later-plan").status_code == 404


def test_an_empty_site_is_friendly(cast: Cast) -> None:
    db.lock(cast.article.id)
    cast.article.status = "draft"
    db.commit()
    assert "Nothing has been published here yet" in cast.browser().get("/").text
    assert "Write your first article" not in cast.browser(cast.tom).get("/").text
    assert "Write your first article" in cast.browser(cast.otto).get("/").text


def test_titles_are_words_not_markup(cast: Cast) -> None:
    factories.article(cast.ida, "<img src=x onerror=alert(1)>", slug="x")
    page = cast.browser().get("/").text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_an_excerpt_of_a_long_article_is_whole_words(cast: Cast) -> None:
    body = "".join(f"[w](https://example.org/{'x' * 400}/{n}) " for n in range(40))
    factories.article(cast.ida, "Links", body=body)
    item = next(item for item in lists.listing(cast.tom).items if item.title == "Links")
    assert set(item.excerpt) <= set("w …")


def test_the_view_says_whether_it_is_out(cast: Cast) -> None:
    found = queries.article_by_id(cast.article.id)
    assert found is not None
    assert (found.is_out, found.is_scheduled, found.author_name) == (True, False, "Ida")
    assert queries.article("nothing") is None


def test_a_space_parts_the_date_from_the_first_tag(cast: Cast) -> None:
    made = actions.create(cast.ida, actions.check_words("Tagged", "Text.", ["ferry"]))
    actions.publish(cast.ida, made.id)
    db.commit()
    page = cast.browser().get(f"/articles/{made.slug}").text
    assert '</time> <a class="tag"' in page


def test_a_profile_leads_to_the_articles_of_its_owner(cast: Cast) -> None:
    made = many(cast, 25)
    factories.article(cast.ada, "By another")
    factories.article(cast.ida, "A draft", status="draft", published_at=None)
    browser = cast.browser()
    assert 'href="/people/ida/articles"' in browser.get("/people/ida").text
    assert "/people/tom/articles" not in browser.get("/people/tom").text
    first = browser.get("/people/ida/articles").text
    assert first.count("article-item") == lists.PAGE
    assert "By another" not in first
    assert "A draft" not in first
    older = first.split('rel="next" href="')[1].split('"')[0]
    assert made[-1].slug in browser.get(older).text
    assert "Nothing published yet" in browser.get("/people/tom/articles").text
    assert browser.get("/people/nobody/articles").status_code == 404
