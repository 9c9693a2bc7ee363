"""Moderators of tags: who chooses them, what they find and may do, and that it holds and ends at once."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete, select

from forum import db
from forum.articles.models import Tag, article_tags
from forum.clock import now
from forum.comments.ending import actions as ending
from forum.comments.ending.request import Ending
from forum.errors import Forbidden, Invalid, NotFound
from forum.moderation import actions, bulk, claims
from forum.moderation.queries import queue
from forum.moderation.queries.queue import Filters
from forum.moderation.tags import choose_tags, moderated
from forum.people.models import Person
from forum.policy import Actor
from forum.sanctions import actions as sanctions
from forum.sanctions.actions import Wanted
from forum.site.models import Site
from tests import factories
from tests.cast import Cast
from tests.moderation import scene


@pytest.fixture
def boats(cast: Cast) -> Tag:
    """Return a tag of Ida's article, beside one that only Otto's article has."""
    factories.tag("books", scene.another_article(cast))
    return factories.tag("boats", cast.article)


def choose(cast: Cast, person: Person, *names: str, by: Person | None = None) -> None:
    """Let Ada choose the tags in which somebody moderates."""
    choose_tags(scene.actor(by or cast.ada), person.id, names)
    db.commit()


def comments_of(actor: Actor, tab: str = "reported") -> list[int | None]:
    """Return the comments that somebody finds under a tab."""
    return [row.comment_id for row in queue.page(actor, Filters(tab=tab)).rows]


def two_reported(cast: Cast) -> tuple[int, int]:
    """Let Tom's comments under Ida's and Otto's article be reported; return them."""
    other = db.session.execute(select(article_tags.c.article_id).join(Tag).where(Tag.slug == "books")).scalar_one()
    inside = scene.write(cast.tom, cast.article, "We sail at noon")
    made = scene.comments.post(scene.actor(cast.tom), other, "We read at noon").id
    db.commit()
    for key in (inside, made):
        scene.report(cast.otto, key, note="Look at this")
    return inside, made


def test_an_admin_chooses_and_the_person_is_told(cast, boats):
    choose(cast, cast.rosa, "Boats", "books")
    assert [tag.slug for tag in moderated(cast.rosa.id)] == ["boats", "books"]
    entry = scene.last_act()
    assert (entry.act, entry.details["after"], entry.details["before"]) == ("person.tags", ["boats", "books"], [])
    page = cast.browser(cast.rosa).get("/notices").text
    assert "You moderate under articles about these subjects now: Boats, Books." in page
    choose(cast, cast.rosa, "books")
    assert [tag.slug for tag in moderated(cast.rosa.id)] == ["books"]
    choose(cast, cast.rosa)
    assert "You no longer moderate in any subject." in cast.browser(cast.rosa).get("/notices").text


def test_what_is_chosen_already_is_no_act(cast, boats):
    choose(cast, cast.rosa, "boats")
    before, told = scene.last_act().id, len(scene.told(cast.rosa))
    choose(cast, cast.rosa, "BOATS", "boats")
    assert (scene.last_act().id, len(scene.told(cast.rosa))) == (before, told)


def test_only_admins_choose_and_only_tags_that_there_are(cast, boats):
    for person in (cast.quill, cast.ida, cast.rosa):
        with pytest.raises(Forbidden):
            choose(cast, cast.rosa, "boats", by=person)
        db.rollback()
    with pytest.raises(Invalid) as refused:
        choose(cast, cast.rosa, "boats", "trains")
    db.rollback()
    assert "trains" in refused.value.fields["tags"]
    with pytest.raises(NotFound):
        choose_tags(scene.actor(cast.ada), 99_999, ["boats"])
    db.rollback()
    assert moderated(cast.rosa.id) == []


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(cast, boats):
    browser, address = cast.browser(cast.ada), f"/admin/people/{cast.rosa.id}/tags"
    assert 'value="Boats"' not in browser.get(address).text
    answer = browser.post(address, tags="boats, trains")
    assert answer.status_code == 422
    assert 'value="boats, trains"' in answer.text and "There is no subject “trains” here." in answer.text
    assert browser.post(address, tags="x" * 2001).status_code == 422
    assert browser.post(address, tags="boats").status_code == 303
    assert 'value="Boats"' in browser.get(address).text
    assert "Moderates in 1 subject." in browser.get(f"/admin/people/{cast.rosa.id}").text
    listed = browser.get("/admin/people?state=staff").text
    assert "Rosa</bdi>" in listed and "Moderates in 1 subject<" in listed and "Tom</bdi>" not in listed
    assert browser.get("/admin/people/99999/tags").status_code == 404


def test_they_find_only_what_is_in_their_tags_and_the_tabs_count_it(cast, boats):
    inside, outside = two_reported(cast)
    choose(cast, cast.rosa, "boats")
    rosa = scene.actor(cast.rosa)
    assert comments_of(rosa) == [inside]
    assert queue.tabs(rosa) == {"reported": 1, "waiting": 0}
    browser = cast.browser(cast.rosa)
    page = browser.get("/moderation/queue").text
    assert re.findall(r'data-comment="(\d+)"', page) == [str(inside)]
    assert browser.get(f"/moderation/queue/{outside}").status_code == 404
    assert browser.post(f"/moderation/queue/{outside}", decision="spam").status_code == 404
    for tab in ("accounts", "notices"):
        assert browser.get(f"/moderation/queue?tab={tab}").status_code == 404
    assert scene.status(outside) == "published"


def test_they_see_who_reported_as_moderators_do_but_not_of_their_own(cast, boats):
    inside, _ = two_reported(cast)
    own = scene.write(cast.rosa, cast.article, "my own")
    scene.report(cast.otto, own, note="She says it everywhere")
    choose(cast, cast.rosa, "boats")
    browser = cast.browser(cast.rosa)
    page = browser.get(f"/moderation/queue/{inside}").text
    assert "Otto" in page and "Look at this" in page
    mine = browser.get(f"/moderation/queue/{own}").text
    assert "She says it everywhere" not in mine and "somebody else has to decide" in mine
    assert "Otto" not in mine.partition("<h2>Reports</h2>")[2]


def test_an_author_who_moderates_a_tag_has_both_in_reach(cast, boats):
    inside, outside = two_reported(cast)
    choose(cast, cast.otto, "boats")
    assert set(comments_of(scene.actor(cast.otto))) == {inside, outside}


def test_they_decide_undo_end_and_reopen_there_and_nowhere_else(cast, boats):
    inside, outside = two_reported(cast)
    choose(cast, cast.rosa, "boats")
    rosa = scene.actor(cast.rosa)
    made = scene.decide(cast.rosa, inside, "hide")
    assert scene.status(inside) == "hidden"
    assert ("removed", "") in scene.told(cast.tom)
    actions.undo(rosa, made)
    closed = ending.close_branch(rosa, inside, Ending(words="Enough.")).id
    ending.reopen(rosa, closed, "Calmer now.")
    ending.close_article(rosa, cast.article.id, Ending(words="Enough."))
    claims.claim(rosa, scene.case_of(inside))
    db.commit()
    assert scene.status(inside) == "published"
    with pytest.raises(NotFound):
        actions.decide(rosa, outside, "hide", "1")
    with pytest.raises(NotFound):
        claims.claim(rosa, scene.case_of(outside))
    with pytest.raises(Forbidden):
        ending.close_branch(rosa, outside, Ending(words="Enough."))
    db.rollback()


def test_pages_of_a_discussion_are_those_of_staff_for_them_and_no_longer_when_the_tag_is_gone(cast, boats):
    inside, outside = two_reported(cast)
    for key in (inside, outside):
        scene.decide(cast.quill, key, "spam")
    browser, address = cast.browser(cast.rosa), f"/articles/{cast.article.slug}"
    assert "We sail at noon" not in browser.get(address).text
    choose(cast, cast.rosa, "boats")
    assert "We sail at noon" in browser.get(address).text
    assert "Keep or remove" in browser.get(f"/comments/{inside}/more").text
    assert "Close the discussion" in browser.get(address).text
    assert browser.get(f"/comments/{outside}/more").status_code == 404
    assert "We read at noon" not in browser.get("/articles/a-bridge-for-the-ferry").text
    assert "We sail at noon" not in cast.browser(cast.tom).get(address).text
    db.lock(cast.article.id)
    db.session.execute(delete(article_tags).where(article_tags.c.tag_id == boats.id))
    db.commit()
    assert "We sail at noon" not in browser.get(address).text
    assert browser.get(f"/moderation/queue/{inside}").status_code == 404


def test_taking_the_tag_from_the_person_ends_it_at_once(cast, boats):
    inside, _ = two_reported(cast)
    choose(cast, cast.rosa, "boats")
    before = scene.actor(cast.rosa)  # who is asking, as a request read it that then waits for the lock
    choose(cast, cast.rosa)
    with pytest.raises(NotFound):
        actions.decide(before, inside, "spam")
    db.rollback()
    browser = cast.browser(cast.rosa)
    assert browser.get("/moderation/queue").status_code == 403
    assert ">Queue" not in browser.get("/").text


def test_several_at_once_are_only_those_in_reach_and_end_with_it(cast, boats):
    inside, outside = two_reported(cast)
    choose(cast, cast.rosa, "boats")
    rosa, both = scene.actor(cast.rosa), [scene.case_of(inside), scene.case_of(outside)]
    with pytest.raises(Invalid):
        bulk.begin(rosa, both[1:], now(), "spam", "", "")
    db.rollback()
    made = bulk.begin(rosa, both, now(), "spam", "", "").id
    db.commit()
    choose(cast, cast.rosa)
    while bulk.step(made):
        db.commit()
    assert scene.status(inside) == scene.status(outside) == "published"
    choose(cast, cast.rosa, "boats")
    again = bulk.begin(scene.actor(cast.rosa), both, now(), "spam", "", "").id
    db.commit()
    while bulk.step(again):
        db.commit()
    assert (scene.status(inside), scene.status(outside)) == ("spam", "published")


def test_what_they_write_there_is_not_screened(cast, boats):
    site = db.session.get_one(Site, 1)
    db.lock()
    site.hold_everything = True
    db.commit()
    choose(cast, cast.rosa, "boats")
    assert scene.status(scene.write(cast.rosa, cast.article)) == "published"
    assert scene.status(scene.write(cast.tom, cast.article)) == "held"


def test_a_person_who_objects_to_them_is_answered_by_a_moderator(cast, boats):
    inside, _ = two_reported(cast)
    choose(cast, cast.rosa, "boats")
    scene.decide(cast.rosa, inside, "hide")
    notice = cast.browser(cast.tom).get("/notices").text
    address = re.search(r'href="(/notices/\d+/object)"', notice)
    assert address
    assert cast.browser(cast.tom).post(address[1], words="It was not rude.").status_code == 303
    assert cast.browser(cast.rosa).get("/moderation/objections").status_code == 403
    page = cast.browser(cast.quill).get("/moderation/objections").text
    assert "Tom" in page


def test_suspended_they_moderate_nothing(cast, boats):
    inside, _ = two_reported(cast)
    choose(cast, cast.rosa, "boats")
    suspend_rosa(cast)
    with pytest.raises(NotFound):
        actions.decide(scene.actor(cast.rosa), inside, "spam")
    db.rollback()
    assert cast.browser(cast.rosa).get("/moderation/queue").status_code == 403


def suspend_rosa(cast: Cast) -> None:
    """Let Quill suspend Rosa."""

    sanctions.sanction(scene.actor(cast.quill), cast.rosa.id, Wanted("suspension", words="Rest.", days=1))
    db.commit()


@pytest.mark.parametrize("tab", ["reported", "waiting", "decided"])
def test_a_page_takes_as_many_statements_however_much_waits(cast, app, boats, tab):
    choose(cast, cast.rosa, "boats")
    rosa, counted = scene.actor(cast.rosa), []
    for _ in range(2):
        keys = scene.many_reported(cast, 3)
        if tab == "decided":
            scene.decide(cast.quill, keys[0], "spam")
        with scene.Statements(app) as statements:
            queue.page(rosa, Filters(tab=tab))
            queue.tabs(rosa)
        counted.append(statements.count)
    assert counted[0] == counted[1] <= 6
