"""Where a comment is found, and who finds what there."""

from __future__ import annotations

import re

import pytest

from forum import db
from forum.comments import queries
from forum.comments.writing import actions
from tests import factories
from tests.comments.talk import exchange, pour, put, say

NAME = "Zebedee Quux"


@pytest.fixture
def zebedee(cast):
    """Be somebody whose name cannot stand on a page by chance."""
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
    assert "Report" not in own.text.split("menu-list")[1]
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
