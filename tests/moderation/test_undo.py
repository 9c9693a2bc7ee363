"""Take a decision back."""

import pytest

from forum import db
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.comments.writing import actions as comments
from forum.moderation.queries import queue
from tests.moderation import scene


@pytest.fixture
def reported(cast):
    """Return a comment of Tom's that Rosa reported."""
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key)
    return key


def test_the_next_page_offers_it_and_it_works(cast, reported):
    browser = cast.browser(cast.quill)
    browser.post(f"/moderation/queue/{reported}", decision="hide", reason="1")
    page = browser.get("/moderation/queue").text
    address = next(part for part in page.split('"') if part.startswith("/moderation/decisions/"))
    assert browser.post(address).status_code == 303
    assert scene.status(reported) == "published"
    assert scene.last_act().act == "decision.undo"


def test_reports_are_open_again_and_everybody_hears(cast, reported):
    made = scene.decide(cast.quill, reported, "hide")
    for person in (cast.tom, cast.rosa):
        scene.has_read(person)
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    assert [row.comment_id for row in queue.page(scene.actor(cast.quill), queue.Filters()).rows] == [reported]
    assert scene.told(cast.tom)[0] == ("restored", "")
    assert scene.told(cast.rosa)[0] == ("report-answered", "reopened")


def test_a_writer_who_had_not_read_of_it_hears_of_neither(cast, reported):
    scene.has_read(cast.rosa)
    before = scene.told(cast.rosa)
    made = scene.decide(cast.quill, reported, "hide")
    other = scene.decide(cast.quill, scene.write(cast.tom, cast.article, "Another"), "hide")
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    assert scene.told(cast.tom) == [("removed", "")]
    assert scene.told(cast.rosa) == before
    cast.browser(cast.quill).post(f"/moderation/decisions/{other}/undo")
    assert scene.told(cast.tom) == []


def test_a_branch_comes_back_as_it_was(cast, reported):
    below = scene.write(cast.rosa, cast.article, "An answer", reported)
    deeper = scene.write(cast.tom, cast.article, "Another", below)
    scene.decide(cast.quill, deeper, "spam")
    made = scene.decide(cast.quill, reported, "hide-replies")
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    assert [scene.status(key) for key in (reported, below, deeper)] == ["published", "published", "spam"]
    assert db.session.get_one(Article, cast.article.id).comment_count == 2
    assert db.session.get_one(Comment, reported).reply_count == 1


def test_what_was_approved_waits_again(cast):
    scene.let_guests_write()
    key = scene.write(None, cast.article)
    made = scene.decide(cast.quill, key, "keep", "")
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    assert scene.status(key) == "held"


def test_twice_is_refused(cast, reported):
    made = scene.decide(cast.quill, reported, "hide")
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    assert cast.browser(cast.ada).post(f"/moderation/decisions/{made}/undo").status_code == 409


def test_what_its_writer_deleted_since_stays_deleted(cast, reported):
    made = scene.decide(cast.quill, reported, "hide-replies")
    again = scene.decide(cast.quill, scene.write(cast.tom, cast.article), "keep", "")
    assert made != again
    below = scene.write(cast.tom, cast.article)
    comments.withdraw(scene.actor(cast.tom), below)
    db.commit()
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    assert (scene.status(reported), scene.status(below)) == ("published", "withdrawn")


def test_a_removal_within_a_removed_branch_stands_when_the_branch_comes_back(cast, reported):
    below = scene.write(cast.rosa, cast.article, "An answer", reported)
    scene.decide(cast.quill, below, "hide")
    made = scene.decide(cast.quill, reported, "hide-replies")
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    assert (scene.status(reported), scene.status(below)) == ("published", "hidden")


def test_only_those_who_may_decide_here(cast, reported):
    made = scene.decide(cast.quill, reported, "hide")
    for person, wanted in ((cast.otto, 404), (cast.rosa, 403), (cast.tom, 403), (None, 403)):
        assert cast.browser(person).post(f"/moderation/decisions/{made}/undo").status_code == wanted
    assert scene.status(reported) == "hidden"
    assert cast.browser(cast.quill).post("/moderation/decisions/4711/undo").status_code == 404


def test_forged_it_changes_nothing(cast, reported):
    made = scene.decide(cast.quill, reported, "hide")
    assert cast.browser(cast.quill).forge(f"/moderation/decisions/{made}/undo").status_code == 403
    assert scene.status(reported) == "hidden"
