"""What a move must not tell, open, or leave behind: drafts' titles, others' closures, what an undo gives back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum import db
from forum.articles.models import Article
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.moving import actions as moving
from forum.comments.moving import merging
from forum.errors import Forbidden
from forum.moderation import actions as moderation
from forum.moderation import consistency as cases
from forum.people.queries import viewer_of
from tests import factories
from tests.comments.talk import exchange, row, say
from tests.comments.test_moving import move, sound
from tests.moderation.scene import decide

SECRET = "What we will announce in March"


@pytest.fixture
def draft(cast: Any) -> Article:
    """Return a draft of Ida's."""
    return factories.article(cast.ida, SECRET, status="draft", published_at=None)


def test_a_discussion_that_goes_into_a_draft_is_closed_without_its_title(cast, draft):
    exchange(cast)
    merging.merge(cast.ida, cast.article.id, draft.id)
    db.commit()
    for person in (None, cast.tom, cast.quill):
        page = cast.browser(person).get(f"/articles/{cast.article.slug}").text
        assert SECRET not in page and "The discussion goes on in another article." in page
    closure = db.session.scalars(select(Closure.id)).one()
    assert SECRET not in cast.browser().get(f"/closures/{closure}").text
    assert SECRET not in cast.browser(cast.tom).get("/notices", follow_redirects=True).text


def test_what_comes_out_of_a_draft_does_not_name_it(cast, draft):
    top = say(cast.tom, cast.article)
    move(cast.ida, top, draft)
    made = moving.split(cast.ada, top, "Out in the open")
    db.commit()
    slug = db.session.get_one(Article, made.to_article_id).slug
    page = cast.browser().get(f"/articles/{slug}").text
    assert SECRET not in page and draft.slug not in page
    assert "These comments were written under another article." in page


def test_a_person_told_of_what_came_out_of_a_draft_does_not_read_its_title(cast, draft):
    top = say(cast.tom, cast.article)
    move(cast.ida, top, draft)
    other = factories.article(cast.otto, "The ferry is late")
    moving.move(viewer_of(cast.ada.id), top, other.id)
    db.commit()
    for person in (cast.otto, cast.tom):
        page = cast.browser(person).get("/notices", follow_redirects=True).text
        assert "The ferry is late" in page and SECRET not in page


def test_taking_a_merge_back_opens_nothing_else(cast):
    exchange(cast)
    other = factories.article(cast.ida)
    closing.close_article(cast.quill, cast.article.id, Ending(words="It was closed before."))
    db.commit()
    made = merging.merge(cast.quill, cast.article.id, other.id).id
    closing.close_article(cast.quill, cast.article.id, Ending(words="Not you.", people="one", person="tom"))
    db.commit()
    merging.undo_merge(cast.quill, made)
    db.commit()
    assert list(db.session.scalars(select(Closure.words).order_by(Closure.id))) == ["It was closed before.", "Not you."]


@pytest.mark.parametrize("whole", [False, True])
def test_nobody_moves_back_to_where_they_moderate_no_more(cast, whole):
    here, there = factories.tag("here", cast.article), factories.tag("there")
    other = factories.article(cast.otto)
    factories.tag("there", other)
    factories.moderates(cast.rosa, here, there)
    rosa, top = viewer_of(cast.rosa.id), say(cast.tom, cast.article)
    made = merging.merge(rosa, cast.article.id, other.id) if whole else moving.move(rosa, top, other.id)
    made_id = made.id
    db.commit()
    db.lock()
    db.session.get_one(Article, cast.article.id).tags = []
    db.commit()
    with pytest.raises(Forbidden):
        (merging.undo_merge if whole else moving.undo_move)(viewer_of(cast.rosa.id), made_id)
    db.rollback()
    assert row(top).article_id == other.id


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_decision_taken_back_gives_back_what_was_moved_out_of_its_branch(cast, elsewhere):
    ids = exchange(cast, 2)
    other = factories.article(cast.ida)
    removed = decide(cast.quill, ids[0], "hide-replies")
    move(cast.quill, ids[2], other if elsewhere else cast.article)
    moderation.undo(cast.quill, removed)
    db.commit()
    assert [row(id).status for id in ids] == ["published"] * 4
    sound(cast.article, other)
    assert cases.differences()[1] == []


def test_an_article_with_a_closing_to_come_can_be_merged(cast):
    exchange(cast)
    other = factories.article(cast.ida)
    closing.close_article(cast.quill, cast.article.id, Ending(begins=now() + timedelta(days=1)))
    db.commit()
    merging.merge(cast.quill, cast.article.id, other.id)
    db.commit()
    sound(cast.article, other)
