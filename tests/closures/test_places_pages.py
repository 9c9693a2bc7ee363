"""The pages of closures of more than one article, for one person, and to come: who reads what, how they are made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from forum import db
from forum.articles.models import Article, Tag
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.people.queries import viewer_of
from tests.closures.test_told import read, told
from tests.comments.talk import exchange, let, say

DAY = timedelta(days=1)


@pytest.fixture
def tag(cast: Any) -> int:
    """The id of a tag that Ida's article has."""
    db.lock(cast.article.id)
    made = Tag(slug="town", name="Town")
    db.session.get_one(Article, cast.article.id).tags = [made]
    db.commit()
    return made.id


def page(cast: Any, person: Any = None) -> str:
    return cast.browser(person).get(f"/articles/{cast.article.slug}").text


def newest() -> Closure:
    return db.session.scalars(select(Closure).order_by(Closure.id.desc())).first()


def alone(cast: Any, actor: str = "quill", **values: Any) -> int:
    made = closing.close_article(
        viewer_of(cast.ids()[actor]), cast.article.id, Ending(**{"people": "one", "person": "tom", **values})
    )
    db.commit()
    return made.id


@pytest.mark.parametrize(("name", "address", "sentence"), [
    ("ada", "/moderation/closures/site", "Nobody can write comments on this site at the moment."),
    ("quill", "/tags/town/close", "All discussions about Town are closed."),
])  # fmt: skip
def test_everybody_reads_it_above_each_discussion_until_it_is_opened(
    cast: Any, tag: int, name: str, address: str, sentence: str
) -> None:
    ids = exchange(cast)
    let(who_may_comment="guests")
    browser = cast.browser(getattr(cast, name))
    assert sentence not in page(cast)
    assert "Close" in browser.get(address).text
    answer = browser.post(address, words="Repairs until Sunday.", note="For us.")
    assert answer.status_code == 303
    for person in (None, cast.tom, cast.ida, cast.quill, cast.ada):
        text = page(cast, person)
        assert sentence in text and "Repairs until Sunday." in text and "For us." not in text
        assert f"/comments/{ids[0]}/reply" not in text
        assert "For us." not in text
        assert sentence in cast.browser(person).get(f"/comments/{ids[0]}/branch").text
        assert "Repairs until Sunday." in cast.browser(person).get(f"/comments/{ids[0]}/reply").text
    refused = cast.browser(cast.tom).post(f"/comments/{ids[0]}/reply", body="But I was writing.")
    assert refused.status_code == 409
    assert "But I was writing." in refused.text and "Repairs until Sunday." in refused.text
    assert "Repairs until Sunday." in cast.browser(cast.tom).get(f"/closures/{newest().id}").text
    listed = browser.get("/moderation/closures").text
    assert "Repairs until Sunday." in listed and "For us." in listed
    assert browser.post(f"/closures/{newest().id}/reopen", reason="Repaired.").status_code == 303
    assert sentence not in page(cast) and f"/comments/{ids[0]}/reply" in page(cast)


def test_undone_at_once_nothing_is_left(cast: Any) -> None:
    browser = cast.browser(cast.ada)
    browser.post("/moderation/closures/site", words="A slip.")
    made = newest().id
    assert cast.browser(cast.quill).post(f"/closures/{made}/undo").status_code == 403
    assert browser.forge(f"/closures/{made}/undo").status_code == 403
    assert browser.post(f"/closures/{made}/undo").status_code == 303
    assert newest() is None and "A slip." not in page(cast)
    assert cast.browser().get(f"/closures/{made}").status_code == 404


def test_forged_and_foreign_ones_change_nothing(cast: Any, tag: int) -> None:
    addresses = ("/moderation/closures/site", "/tags/town/close", f"/articles/{cast.article.slug}/close")
    for address in addresses:
        assert cast.browser(cast.ada).forge(address, words="Silence!").status_code == 403
        assert cast.browser(cast.tom).post(address, words="Silence!").status_code == 403
    assert cast.browser(cast.quill).post(addresses[0], words="Silence!").status_code == 403
    assert newest() is None


@pytest.mark.parametrize("fields", [
    {"person": "nobody-here"}, {"begins": "soon"}, {"until": "yesterday"}, {"people": "two"}, {"words": "x" * 1001},
    {"begins": "2199-01-01T00:00:00Z"}, {"people": "one"},
])  # fmt: skip
def test_what_cannot_be_is_refused_with_the_words(cast: Any, tag: int, fields: dict[str, str]) -> None:
    for address in ("/moderation/closures/site", "/tags/town/close"):
        answer = cast.browser(cast.ada).post(address, **{"words": "Kept words.", **fields})
        assert answer.status_code == 422, address
        assert "Kept words." in answer.text or "words" in fields
    assert newest() is None


def test_closed_already_is_said_with_the_words(cast: Any) -> None:
    browser = cast.browser(cast.ada)
    browser.post("/moderation/closures/site", words="The first.")
    answer = browser.post("/moderation/closures/site", words="The second.")
    assert answer.status_code == 409
    assert "The first." in answer.text and "The second." in answer.text


class TestOnePerson:
    """Only this person is kept from writing, reads why, and is told; to everybody else nothing is shown."""

    def test_the_form_at_a_comment(self, cast: Any) -> None:
        ids = exchange(cast)
        browser = cast.browser(cast.quill)
        menu = browser.get(f"/comments/{ids[0]}/more").text
        assert "End it for Tom only" in menu
        form = browser.get(f"/comments/{ids[0]}/close?people=one").text
        assert 'value="one" checked' in form and "Only Tom, anywhere under this article" in form
        assert browser.post(f"/comments/{ids[0]}/close", reach="one", words="Not here.").status_code == 303
        made = newest()
        assert (made.article_id, made.branch_id, made.person_a_id) == (cast.article.id, None, cast.tom.id)
        after = browser.get(f"/comments/{ids[0]}/more").text
        assert "It is closed for this person only" in after and "This exchange has ended." not in after
        assert f'/closures/{made.id}/reopen">Let Tom write here again' in after
        assert browser.post(f"/comments/{ids[1]}/close", reach="one-thread").status_code == 303
        assert (newest().branch_id, newest().person_a_id) == (ids[0], cast.ida.id)

    def test_only_this_person_reads_it(self, cast: Any) -> None:
        ids = exchange(cast)
        before = {person: page(cast, person) for person in (None, cast.rosa)}
        made = alone(cast, words="A rest would be good.", note="He was tired.")
        mine = page(cast, cast.tom)
        assert "You can no longer write under this article." in mine and "A rest would be good." in mine
        reply = cast.browser(cast.tom).get(f"/comments/{ids[1]}/reply").text
        assert "You can no longer write under this article." in reply and "A rest would be good." in reply
        assert "You can no longer write here." in cast.browser(cast.tom).get(f"/comments/{ids[1]}/more").text
        about = cast.browser(cast.tom).get(f"/closures/{made}").text
        assert "A rest would be good." in about and "He was tired." not in about and "Quill" in about
        for person in (None, cast.rosa):
            assert _steady(page(cast, person)) == _steady(before[person])
            assert cast.browser(person).get(f"/closures/{made}").status_code == 404
        assert "Tom can no longer write under this article." in cast.browser(cast.ada).get(f"/closures/{made}").text
        assert f"/comments/{ids[0]}/reply" in page(cast)

    def test_the_refusal_keeps_what_was_typed(self, cast: Any) -> None:
        ids = exchange(cast)
        alone(cast, words="A rest would be good.")
        for address in (f"/comments/{ids[1]}/reply", f"/articles/{cast.article.slug}/comments"):
            answer = cast.browser(cast.tom).post(address, body="But still.")
            assert answer.status_code == 409
            assert "But still." in answer.text and "A rest would be good." in answer.text

    def test_who_is_told_and_can_object(self, cast: Any) -> None:
        exchange(cast)
        made = alone(cast, words="A rest would be good.")
        assert told(cast.tom) == [("one-article", "", "")]
        assert [told(person) for person in (cast.ida, cast.rosa, cast.quill, cast.ada)] == [[], [], [], []]
        notices = cast.browser(cast.tom).get("/notices").text
        assert "You can no longer write under this article." in notices and "A rest would be good." in notices
        object_at = re.findall(r'href="(/notices/\d+/object)"', notices)
        assert object_at
        browser = cast.browser(cast.tom)
        assert browser.post(object_at[0], words="I was calm.").status_code == 303
        assert "Closed for this person only" in cast.browser(cast.ada).get("/moderation/objections").text
        read(cast.tom)
        closing.reopen(viewer_of(cast.ada.id), made, "It was a mistake.")
        db.commit()
        assert told(cast.tom)[0] == ("one-article", "", "reopened")
        assert "You can write in this discussion again." in cast.browser(cast.tom).get("/notices").text

    @pytest.mark.parametrize("place", ["site", "tag"])
    def test_of_more_than_one_article(self, cast: Any, tag: int, place: str) -> None:
        address = "/moderation/closures/site" if place == "site" else "/tags/town/close"
        said = "on this site" if place == "site" else "in discussions about Town"
        assert cast.browser(cast.ada).post(address, words="Enough.", person="tom").status_code == 303
        assert f"You can no longer write {'comments ' if place == 'site' else ''}{said}." in page(cast, cast.tom)
        assert "Enough." not in page(cast) and "Enough." not in page(cast, cast.rosa)
        assert told(cast.tom) == [(f"one-{place}", "", "")]
        assert say(cast.rosa, cast.article)
        about = cast.browser(cast.tom).get(f"/closures/{newest().id}")
        assert about.status_code == 200 and said in about.text
        assert cast.browser(cast.rosa).get(f"/closures/{newest().id}").status_code == 404

    def test_no_history_that_all_read_has_it(self, cast: Any) -> None:
        made = alone(cast, words="Enough.")
        closing.reopen(viewer_of(cast.quill.id), made, "Calmer.")
        db.commit()
        public = cast.browser().get("/history").text
        assert "Reopened" not in public and "closed" not in public.split("<main")[1]
        staff = cast.browser(cast.ada).get("/moderation/history").text
        assert "closed a discussion for one person only" in staff and "opened again" in staff


class TestToCome:
    """What is announced: words above each discussion, and closed from that moment on, worker or not."""

    @pytest.fixture
    def clock(self) -> Iterator[Any]:
        with time_machine.travel(now(), tick=True) as clock:
            yield clock

    def test_it_is_told_and_closes_then(self, cast: Any, clock: Any) -> None:
        ids = exchange(cast)
        browser = cast.browser(cast.ada)
        assert (
            browser.post("/moderation/closures/site", words="Moving house.", delay="24", period="1").status_code == 303
        )
        made = newest()
        assert made.until - made.begins_at == DAY
        for person in (None, cast.tom):
            text = page(cast, person)
            assert "on nobody can write comments on this site." in text and "Moving house." in text
            assert f"/comments/{ids[0]}/reply" in text
        assert "on nobody can write" in cast.browser(cast.tom).get(f"/comments/{ids[0]}/reply").text
        assert say(cast.tom, cast.article)
        assert "Moving house." in browser.get("/moderation/closures?state=coming").text
        assert "Moving house." not in browser.get("/moderation/closures").text
        clock.shift(DAY + timedelta(minutes=1))
        for person in (None, cast.tom):
            text = page(cast, person)
            assert "Nobody can write comments on this site at the moment." in text
            assert f"/comments/{ids[0]}/reply" not in text
        assert cast.browser(cast.tom).post(f"/comments/{ids[0]}/reply", body="Late.").status_code == 409
        clock.shift(DAY)
        for person in (None, cast.tom):
            assert "Moving house." not in page(cast, person) and f"/comments/{ids[0]}/reply" in page(cast, person)
        assert cast.browser(cast.tom).post(f"/comments/{ids[0]}/reply", body="Early.").status_code == 303

    def test_a_branch_to_come(self, cast: Any, clock: Any) -> None:
        ids = exchange(cast)
        begins = (now() + DAY).isoformat()
        browser = cast.browser(cast.quill)
        answer = browser.post(f"/comments/{ids[2]}/close", words="Soon.", people="all", begins=begins)
        assert answer.status_code == 303
        assert "It is announced: from " in browser.get(f"/comments/{ids[2]}/more").text
        text = page(cast)
        assert "This exchange ends on " in text and f"/comments/{ids[3]}/reply" in text
        assert "nobody can reply from here down" not in text
        clock.shift(2 * DAY)
        assert "This exchange has ended." in page(cast) and f"/comments/{ids[3]}/reply" not in page(cast)


def test_the_one_that_lasts_longest_is_told(cast: Any) -> None:
    ada = viewer_of(cast.ada.id)
    closing.close_many(ada, None, Ending(words="Until tomorrow.", until=now() + DAY))
    closing.close_article(ada, cast.article.id, Ending(words="For good."))
    db.commit()
    assert "For good." in page(cast) and "Until tomorrow." not in page(cast)
    assert "Open the discussion again" in page(cast, cast.ada)


def test_the_rest_is_open_unless_just_this_article_is_closed(cast: Any, tag: int) -> None:
    ids = exchange(cast)
    other = Tag(slug="sea", name="Sea")
    db.lock()
    db.session.add(other)
    db.session.flush()
    ada = viewer_of(cast.ada.id)
    made = closing.close_branch(ada, ids[2], Ending(words="Here.")).id
    closing.close_many(ada, other.id, Ending(words="Of the sea."))
    db.commit()
    browser = cast.browser()
    assert "Everywhere else the discussion is open." in browser.get(f"/closures/{made}").text
    assert "The rest of the discussion is open." in page(cast)
    closing.close_many(ada, tag, Ending(words="Of the town."))
    db.commit()
    assert "The whole discussion of this article is closed as well." in browser.get(f"/closures/{made}").text
    assert "The rest of the discussion is open." not in page(cast)


@pytest.mark.parametrize("place", ["site", "tag", "one"])
def test_the_list_finds_each_place(cast: Any, tag: int, place: str) -> None:
    ada = viewer_of(cast.ada.id)
    closing.close_many(ada, None, Ending(words="The site."))
    closing.close_many(ada, tag, Ending(words="The tag."))
    closing.close_many(ada, tag, Ending(words="For one.", people="one", person="tom"))
    db.commit()
    words = {"site": "The site.", "tag": "The tag.", "one": "For one."}
    listed = cast.browser(cast.quill).get(f"/moderation/closures?place={place}").text
    assert [said for said in words.values() if said in listed] == [words[place]]
    by_tag = cast.browser(cast.quill).get("/moderation/closures?tag=town&person=tom").text
    assert "For one." in by_tag and "The tag." not in by_tag
    assert "The site." not in cast.browser(cast.ida).get("/moderation/closures").text


def _steady(text: str) -> str:
    """Return a page without what differs each time: tokens."""
    return re.sub(r'value="[^"]{20,}"', "", text)
