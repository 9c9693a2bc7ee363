"""Comment without an account, where the site lets guests."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from forum import db
from forum.comments.models import Comment
from forum.comments.writing import actions
from forum.errors import Forbidden
from forum.people.lookalikes import looks
from forum.people.models import NameKey
from forum.policy import Nobody
from tests.comments.talk import let, put, row, say


@pytest.fixture
def guest(cast):
    """Return a visitor's browser on a site that lets guests write."""
    let(who_may_comment="guests")
    return cast.browser()


def post(cast, guest, **fields):
    return guest.post(f"/articles/{cast.article.slug}/comments", **{"body": "Hello.", "guest_name": "Moss", **fields})


def test_a_guests_comment_waits(cast, guest):
    answer = post(cast, guest, guest_email="moss@example.org")
    assert answer.status_code == 303
    made = db.session.scalars(select(Comment)).one()
    assert (made.status, made.author_id, made.guest_name) == ("held", None, "Moss")
    assert made.guest_email == "moss@example.org"
    db.session.refresh(cast.article)
    assert cast.article.comment_count == 0


def test_its_writer_sees_it_and_other_visitors_do_not(cast, guest):
    address = post(cast, guest, body="Only I see this.").location
    assert guest.get(address).status_code == 200
    assert "Only I see this." in guest.get(f"/articles/{cast.article.slug}").text
    assert cast.browser().get(address).status_code == 404
    assert "Only I see this." not in cast.browser().get(f"/articles/{cast.article.slug}").text


def test_the_address_is_shown_to_nobody(cast, guest):
    address = post(cast, guest, guest_email="moss@example.org").location
    put(int(address.rsplit("/", 1)[1]), "published")
    for browser in (guest, cast.browser(cast.quill), cast.browser()):
        assert "moss@example.org" not in browser.get(f"/articles/{cast.article.slug}").text


def test_an_approved_comment_is_marked_as_a_guests(cast, guest):
    address = post(cast, guest).location
    put(int(address.rsplit("/", 1)[1]), "published")
    assert '<span class="guest">guest</span>' in cast.browser().get(f"/articles/{cast.article.slug}").text


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 61])
def test_a_guest_needs_a_name(cast, guest, name):
    answer = post(cast, guest, guest_name=name, body="I typed this.")
    assert answer.status_code == 422
    assert "I typed this." in answer.text


def test_a_guest_cannot_take_a_members_name(cast, guest):

    db.lock()
    db.session.add_all([NameKey(key=key, person_id=cast.rosa.id) for key in looks("Rosa")])
    db.commit()
    for name in ("Rosa", "ROSA", "R\u043esa"):  # the last with a Cyrillic o
        answer = post(cast, guest, guest_name=name, body="I am Rosa, believe me.")
        assert answer.status_code == 422
        assert "I am Rosa, believe me." in answer.text
    assert db.session.scalars(select(Comment)).first() is None


def test_a_wrong_address_is_refused(cast, guest):
    assert post(cast, guest, guest_email="nonsense").status_code == 422


def test_guests_are_asked_to_sign_in_where_members_write(cast):
    answer = post(cast, cast.browser())
    assert answer.status_code == 403
    assert 'action="/sign-in"' in answer.text
    assert db.session.scalars(select(Comment)).first() is None


def test_a_guest_edits_while_it_waits_and_not_what_was_approved(cast, guest):
    made = say(None, cast.article, "First.", guest_name="Moss")
    writer = Nobody(frozenset({made}))
    actions.edit(writer, made, "Second.")
    db.commit()
    assert "Second." in row(made).html
    put(made, "published")
    with pytest.raises(Forbidden):
        actions.edit(writer, made, "Buy my lamps.")
    db.rollback()


def test_a_guest_does_not_edit_the_words_of_another_guest(cast, guest):
    mine = say(None, cast.article, guest_name="Moss")
    theirs = say(None, cast.article, guest_name="Fern")
    put(theirs, "published")
    with pytest.raises(Forbidden):
        actions.edit(Nobody(frozenset({mine})), theirs, "Mine now.")
    db.rollback()


def test_a_guest_deletes_their_own(cast, guest):
    address = post(cast, guest).location
    assert guest.post(f"{address}/withdraw").status_code == 303
    assert row(int(address.rsplit("/", 1)[1])).status == "withdrawn"


def test_a_forged_guest_is_refused(cast, guest):
    address = f"/articles/{cast.article.slug}/comments"
    answer = guest.forge(address, body="Hello.", guest_name="Moss")
    assert answer.status_code == 403
    assert "Hello." in answer.text
    assert db.session.scalars(select(Comment)).first() is None


def test_twice_is_once_for_guests_too(cast, guest):
    assert post(cast, guest, key="k").location == post(cast, guest, key="k").location
    assert len(db.session.scalars(select(Comment)).all()) == 1


@pytest.mark.parametrize("typed", ["Admin Team", "The Reading Room", "wanda@post.example", "Ida\u3164", "A\u20dd"])
def test_a_guest_does_not_sound_like_the_site_nor_is_called_by_an_address(cast, typed):
    let(who_may_comment="guests")
    place = f"/articles/{cast.article.slug}/comments"
    answer = cast.browser().post(place, body="What I typed.", guest_name=typed)
    assert answer.status_code == 422
    assert "What I typed." in answer.text
    assert cast.browser().post(place, body="What I typed.", guest_name="Ida Holm").status_code == 303
