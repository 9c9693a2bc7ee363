"""Where a comment is found, and who finds what there."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import time_machine

from forum import db
from forum.clock import now
from forum.comments import queries
from forum.comments.models import Comment
from forum.comments.writing import actions
from tests import factories
from tests.comments.talk import exchange, let, pour, put, say

NAME = "Zebedee Quux"


@pytest.fixture
def zebedee(cast):
    """Return somebody whose name cannot stand on a page by chance."""
    return factories.person(NAME)


def test_a_permalink_leads_to_the_row_on_the_article(cast):
    made = say(cast.tom, cast.article)
    answer = cast.browser().get(f"/comments/{made}")
    assert (answer.status_code, answer.location) == (303, f"/articles/{cast.article.slug}#c-{made}")


def test_a_permalink_beyond_the_first_hundred_rows_leads_into_the_branch(cast):
    ids = pour(cast.article, [cast.tom, cast.ida], [None, *range(150)])
    assert cast.browser().get(f"/comments/{ids[99]}").location == f"/articles/{cast.article.slug}#c-{ids[99]}"
    location = cast.browser().get(f"/comments/{ids[100]}").location
    assert location == f"/comments/{ids[0]}/branch?from={ids[100]}#c-{ids[100]}"
    page = cast.browser().get(location).text
    assert f'id="c-{ids[100]}"' in page
    assert 'class="ancestors"' in page


def test_a_permalink_beyond_the_first_page_begins_with_its_thread(cast):
    ids = pour(cast.article, [cast.tom], [None] * 250)
    location = cast.browser().get(f"/comments/{ids[220]}").location
    assert location == f"/articles/{cast.article.slug}?from={ids[220]}#c-{ids[220]}"
    assert f'id="c-{ids[220]}"' in cast.browser().get(location).text


def test_rows_only_moderators_see_do_not_mislead_their_permalinks(cast):
    ids = pour(cast.article, [cast.tom], [None] + [0] * 105)
    for id in ids[1:6]:
        put(id, "spam")
    last = ids[102]  # the 98th row for readers, the 103rd for moderators
    for browser in (cast.browser(), cast.browser(cast.quill)):
        assert f'id="c-{last}"' in browser.get(browser.get(f"/comments/{last}").location).text


@pytest.mark.parametrize("status", ["held", "hidden"])
def test_what_waits_or_was_removed_is_shown_to_its_writer_and_moderators_alone(cast, status):
    made = say(cast.tom, cast.article, "Between us.")
    put(made, status)
    for person in (cast.tom, cast.ida, cast.quill, cast.ada):
        answer = cast.browser(person).get(f"/comments/{made}")
        assert answer.status_code == 200
        assert "Between us." in answer.text
    for person in (cast.rosa, cast.otto, cast.sven, None):
        answer = cast.browser(person).get(f"/comments/{made}")
        assert answer.status_code == 404
        assert "Between us." not in answer.text


@pytest.mark.parametrize("status", ["withdrawn", "spam"])
def test_what_is_deleted_or_spam_is_not_shown_to_its_writer(cast, status):
    made = say(cast.tom, cast.article, "Between us.")
    put(made, status)
    assert cast.browser(cast.tom).get(f"/comments/{made}").status_code == 404
    assert cast.browser(cast.quill).get(f"/comments/{made}").status_code == 200


def test_what_is_sealed_is_for_admins(cast):
    made = say(cast.tom, cast.article, "A secret.")
    put(made, "sealed")
    assert "A secret." in cast.browser(cast.ada).get(f"/comments/{made}").text
    for person in (cast.quill, cast.ida, cast.tom, None):
        assert cast.browser(person).get(f"/comments/{made}").status_code == 404


@pytest.mark.parametrize("status", ["hidden", "withdrawn", "sealed", "erased", "spam", "held"])
def test_no_page_gives_away_who_wrote_a_frame_or_what(cast, zebedee, status):
    root = say(cast.ida, cast.article)
    made = say(zebedee, cast.article, "Unspeakable words.", parent=root)
    reply = say(cast.rosa, cast.article, "Answered.", parent=made)
    further = say(cast.rosa, cast.article, "And again.", parent=made)
    put(made, status, rule="2. Be kind")
    slug = cast.article.slug
    pages = [f"/articles/{slug}", f"/comments/{root}/branch", f"/comments/{reply}/branch"]
    pages += [f"/comments/{root}/branch?from={further}"]
    pages += [
        f"/comments/{made}{place}" for place in ("", "/branch", "/reply", "/more", "/edit", "/withdraw", "/history")
    ]
    pages += [f"/comments/{made}{place}" for place in ("/close", "/flag")]
    for browser in (cast.browser(), cast.browser(cast.rosa)):
        for page in pages:
            answer = browser.get(page)
            assert NAME not in answer.text, page
            assert "Unspeakable" not in answer.text, page
            assert answer.status_code < 500


def test_a_frame_keeps_the_replies_where_they_stood(cast):
    ids = exchange(cast, 2)
    other = say(cast.rosa, cast.article, parent=ids[0])
    put(ids[1], "spam")
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    levels = dict(re.findall(r'id="c-(\d+)"[^>]*data-level="(\d+)"', page))
    assert {id: levels[str(id)] for id in (*ids, other)} == dict.fromkeys(ids, "0") | {
        ids[1]: "1", ids[2]: "1", ids[3]: "1", other: "0"
    }  # fmt: skip
    assert "Removed" in page


def test_moderators_read_in_place_what_was_removed(cast):
    root = say(cast.tom, cast.article, "Strong words.")
    say(cast.rosa, cast.article, parent=root)
    put(root, "hidden")
    assert "Strong words." in cast.browser(cast.quill).get(f"/articles/{cast.article.slug}").text
    assert "Strong words." in cast.browser(cast.ida).get(f"/articles/{cast.article.slug}").text
    for person in (cast.tom, cast.otto, None):
        assert "Strong words." not in cast.browser(person).get(f"/articles/{cast.article.slug}").text


def test_not_even_moderators_read_in_place_what_is_sealed(cast):
    root = say(cast.tom, cast.article, "Strong words.")
    say(cast.rosa, cast.article, parent=root)
    put(root, "sealed")
    assert "Strong words." not in cast.browser(cast.quill).get(f"/articles/{cast.article.slug}").text


def test_pages_are_the_same_for_every_reader(cast):
    root = say(cast.tom, cast.article)
    say(cast.rosa, cast.article, parent=root)
    seen = set()
    for person in (None, cast.tom, cast.rosa, cast.sven):
        page = cast.browser(person).get(f"/articles/{cast.article.slug}").text
        seen.add(page[page.index('<section class="thread"') : page.index('<div id="write">')])
    assert len(seen) == 1


def test_a_branch_from_a_row_outside_it_is_not_found(cast):
    first, second = exchange(cast, 2), say(cast.rosa, cast.article)
    beside = say(cast.rosa, cast.article, parent=first[0])
    for row in (second, beside):
        assert cast.browser().get(f"/comments/{first[1]}/branch?from={row}").status_code == 404
    assert cast.browser().get(f"/comments/{first[1]}/branch?from={first[3]}").status_code == 200


@pytest.mark.parametrize("number", ["x", "-1", "9" * 40, "", "1.5"])
def test_an_odd_from_is_no_mistake(cast, number):
    root = say(cast.tom, cast.article)
    assert cast.browser().get(f"/articles/{cast.article.slug}?from={number}").status_code == 200
    assert cast.browser().get(f"/comments/{root}/branch?from={number}").status_code == 200


def test_the_menu_says_why_not(cast):
    made = say(cast.tom, cast.article)
    own, other = (
        cast.browser(cast.tom).get(f"/comments/{made}/more"),
        cast.browser(cast.rosa).get(f"/comments/{made}/more"),
    )
    assert "Delete my comment" in own.text
    assert f"/comments/{made}/flag" not in own.text
    assert f"/comments/{made}/flag" in other.text
    assert "Delete my comment" not in other.text
    assert "End this exchange" not in other.text
    assert f"/comments/{made}/close" in cast.browser(cast.ida).get(f"/comments/{made}/more").text
    assert "Please sign in" in cast.browser().get(f"/comments/{made}/more").text


def test_the_menu_of_a_member_is_not_kept_by_anybody(cast):
    made = say(cast.tom, cast.article)
    assert "no-store" in cast.browser(cast.tom).get(f"/comments/{made}/more").headers["Cache-Control"]


def test_comments_under_an_article_taken_back_are_gone_with_it(cast):
    made = say(cast.tom, cast.article, "Only here.")
    db.lock(cast.article.id)
    cast.article.status = "draft"
    db.commit()
    for place in ("", "/branch", "/more", "/reply", "/edit"):
        assert cast.browser(cast.rosa).get(f"/comments/{made}{place}").status_code == 404
    assert queries.by_person(cast.tom.id) == []


def test_a_profile_lists_what_is_published(cast):
    say(cast.tom, cast.article, "For all to read.")
    put(say(cast.tom, cast.article, "Not for all."), "hidden")
    page = cast.browser().get(f"/people/{cast.tom.username}/comments").text
    assert "For all to read." in page
    assert "Not for all." not in page


def test_an_edit_reaches_every_page(cast):
    made = say(cast.tom, cast.article, "Slander.")
    say(cast.rosa, cast.article, parent=made)
    actions.edit(cast.tom, made, "Praise.")
    db.commit()
    for page in (f"/articles/{cast.article.slug}", f"/comments/{made}/branch", f"/comments/{made}/reply"):
        assert "Slander" not in cast.browser().get(page).text


def test_a_visitor_of_a_quiet_page_gets_no_cookie(cast):
    answer = cast.app.test_client().get(f"/articles/{cast.article.slug}")
    assert "Set-Cookie" not in answer.headers


def test_admins_find_the_way_from_a_comment_to_its_writers_account(cast):
    made = say(cast.tom, cast.article)
    page = cast.browser(cast.ada).get(f"/comments/{made}/more").text
    assert f'<a href="/admin/people/{cast.tom.id}">Manage the account of Tom</a>' in page
    answer = cast.browser(cast.ada).get(f"/admin/people/{cast.tom.id}")
    assert answer.status_code == 200
    assert f'href="/admin/people/{cast.tom.id}"' in cast.browser(cast.ada).get("/people/tom").text


@pytest.mark.parametrize("who", [None, "tom", "ida", "quill", "sven"])
def test_nobody_else_finds_it(cast, who):
    made = say(cast.tom, cast.article)
    browser = cast.browser(getattr(cast, who) if who else None)
    for url in (f"/comments/{made}/more", "/people/tom", f"/articles/{cast.article.slug}"):
        assert "/admin/people" not in browser.get(url).text


def test_there_is_no_way_to_the_account_of_a_guest_or_to_ones_own(cast):
    let(who_may_comment="guests")
    for writer in (None, cast.ada):
        made = say(writer, cast.article)
        assert "/admin/people" not in cast.browser(cast.ada).get(f"/comments/{made}/more").text


@pytest.fixture
def years(cast):
    """Return a talk of 2019 that somebody took up again in 2021, and a new letter."""
    ids = [say(cast.tom, cast.article, f"Letter {number}.") for number in range(3)]
    db.lock(cast.article.id)
    cast.article.published_at = datetime(2019, 9, 1, 9, 0, tzinfo=UTC)
    for id, year in zip(ids[:2], (2019, 2021), strict=True):
        db.session.get_one(Comment, id).created_at = datetime(year, 9, 17, 15, 37, tzinfo=UTC)
    db.commit()
    return ids


def shown_times(page):
    """Return the time beside each comment of a page."""
    return re.findall(r"<time datetime=[^>]+>(\d+ \w+ ?\d*, \d\d:\d\d)</time>", page)


def test_a_comment_of_another_year_than_its_article_says_its_year(cast, years):
    article = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert "1 September 2019" in article
    assert shown_times(article)[:2] == ["17 Sep, 15:37", "17 Sep 2021, 15:37"]
    assert re.search(rf" {now().year}, ", shown_times(article)[2])


def test_a_page_that_is_kept_over_new_year_stays_right(cast, years):
    urls = (f"/articles/{cast.article.slug}", f"/comments/{years[0]}/branch")
    before = [cast.browser().get(url).text for url in urls]
    with time_machine.travel(now().replace(year=now().year + 1, month=1, day=1), tick=False):
        assert [cast.browser().get(url).text for url in urls] == before


def test_a_branch_says_of_which_year_its_article_is(cast, years):
    for id in years:
        assert "Article of 1 September 2019" in cast.browser().get(f"/comments/{id}/branch").text


def test_where_the_article_is_not_shown_a_comment_says_its_year_unless_it_is_this_one(cast, years):
    for url in (f"/comments/{years[0]}/more", f"/comments/{years[0]}/reply", f"/moderation/queue/{years[0]}"):
        assert shown_times(cast.browser(cast.quill).get(url).text)[0] == "17 Sep 2019, 15:37"
        shown = shown_times(cast.browser(cast.quill).get(url.replace(str(years[0]), str(years[2]))).text)[0]
        assert str(now().year) not in shown
