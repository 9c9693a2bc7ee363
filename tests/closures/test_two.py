"""An exchange of two that was ended: where its words stand, what each of the two reads, and what others do."""

from __future__ import annotations

import re
from datetime import timedelta

from forum.clock import now
from tests.closures.test_close import end
from tests.comments.talk import exchange, say

NO_MORE = "can no longer answer each other here"
NOT_YET = "cannot answer each other here until "


def page_of(cast, person=None) -> str:
    return cast.browser(person).get(f"/articles/{cast.article.slug}").text


def after(page: str, anchor: str) -> str:
    """Return the id of the comment that stands before a piece of the page."""
    return re.findall(r'<article id="c-(\d+)"', page.split(anchor)[0])[-1]


def test_the_words_stand_below_their_last_letter(cast):
    ids = exchange(cast)
    aside = say(cast.rosa, cast.article, "A word of mine.", ids[-1])
    made = end(cast, ids[2], people="two", words="Enough, you two.")
    page = page_of(cast)
    assert page.count("Enough, you two.") == 1
    assert after(page, f'id="closing-{made}"') == str(ids[-1])
    assert f'id="c-{aside}"' in page.split(f'id="closing-{made}"')[1]


def test_each_of_the_two_is_told_in_person_and_nobody_else(cast):
    ids = exchange(cast)
    until = now() + timedelta(days=2)
    end(cast, ids[-1], people="two", until=until)
    for person, other in ((cast.tom, "Ida"), (cast.ida, "Tom")):
        page = page_of(cast, person)
        assert f"You and {other} {NOT_YET}" in page
        assert f"You and {other} {NOT_YET}" in cast.browser(person).get(f"/comments/{ids[2]}/branch").text
    for other in (None, cast.rosa, cast.quill):
        page = page_of(cast, other)
        assert NO_MORE not in page and NOT_YET not in page
        assert "Only the two who wrote to each other here are meant; everybody else can reply." in page


def test_the_box_tells_with_whom(cast):
    ids = exchange(cast)
    end(cast, ids[-1], people="two", words="Enough.")
    page = cast.browser(cast.tom).get(f"/comments/{ids[-1]}/reply").text
    assert f"You and Ida {NO_MORE}." in page
    assert "Enough." in page
    late = cast.browser(cast.tom).post(f"/comments/{ids[-1]}/reply", body="But still.")
    assert late.status_code == 409
    assert f"You and Ida {NO_MORE}." in late.text
    assert "But still." in late.text
    assert (
        "You two can no longer answer each other here." in cast.browser(cast.tom).get(f"/comments/{ids[-1]}/more").text
    )


def test_the_person_who_may_answer_once_more_reads_that(cast):
    ids = exchange(cast)
    end(cast, ids[-1], actor=cast.ida, people="two", once=True)
    page = page_of(cast, cast.tom)
    assert "You may answer Ida once more." in page
    assert "data-instead" not in page
    assert "data-instead" in page_of(cast, cast.ida)


def test_shared_pages_hold_no_name_of_theirs_in_the_words(cast):
    ids = exchange(cast)
    made = end(cast, ids[-1], people="two")
    words = page_of(cast).split(f'id="closing-{made}"')[1].split("</aside>")[0]
    assert "Tom" not in words
    assert "Ida" not in words
    about = cast.browser(cast.tom).get(f"/closures/{made}").text
    assert "You and Ida can no longer answer each other under this article." in about
    assert "Ida and Tom can no longer" in cast.browser(cast.quill).get(f"/closures/{made}").text or (
        "Tom and Ida can no longer" in cast.browser(cast.quill).get(f"/closures/{made}").text
    )


def test_a_closed_branch_is_marked_at_its_beginning(cast):
    ids = exchange(cast)
    made = end(cast, ids[-1], start_id=ids[2])
    page = page_of(cast)
    mark = f'href="#closing-{made}"'
    assert after(page, mark) == str(ids[2])
    assert after(page, f'id="closing-{made}"') == str(ids[-1])
    branch = cast.browser().get(f"/comments/{ids[2]}/branch").text
    assert mark in branch
    below = cast.browser().get(f"/comments/{ids[4]}/branch").text
    assert below.index("This exchange has ended.") < below.index(f'id="c-{ids[4]}"')
    assert f'href="/comments/{ids[2]}"' in below


def test_a_branch_of_one_has_its_words_directly_below(cast):
    ids = exchange(cast)
    made = end(cast, ids[-1])
    assert f'href="#closing-{made}"' not in page_of(cast)


def test_what_is_ended_is_not_offered_to_be_ended(cast):
    ids = exchange(cast)
    aside = say(cast.rosa, cast.article, "Something else.", ids[1])
    made = end(cast, ids[-1], people="two")
    staff = cast.browser(cast.quill)
    for id in (ids[1], ids[-1]):
        menu = staff.get(f"/comments/{id}/more").text
        assert "End this exchange" not in menu
        assert f'href="/closures/{made}/reopen"' in menu
    assert "End this exchange" in staff.get(f"/comments/{aside}/more").text
    whole = end(cast, aside)
    menu = staff.get(f"/comments/{aside}/more").text
    assert "End this exchange" not in menu
    assert f'href="/closures/{whole}/reopen"' in menu


def test_the_list_names_place_and_people(cast):
    ids = exchange(cast)
    end(cast, ids[-1], people="two")
    end(cast, ids[-1], start_id=ids[2])
    page = cast.browser(cast.quill).get("/moderation/closures").text
    assert re.search(r"Between (Ida and Tom|Tom and Ida), anywhere under this article\.", page)
    assert "For everybody, from the comment by Tom of " in page
