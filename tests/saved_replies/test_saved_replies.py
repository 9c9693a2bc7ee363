"""Texts that moderators keep: whose they are, and how they get into a box without losing what is typed."""

from __future__ import annotations

import pytest
from flask import Flask

from forum import db
from forum.comments.models import Comment
from forum.errors import Forbidden, Invalid, NotFound
from forum.ledger.models import Entry
from forum.moderation.models import Decision
from forum.sanctions.models import Sanction
from forum.saved_replies import actions, queries
from forum.saved_replies.models import SavedReply
from tests.cast import Cast
from tests.comments.talk import say
from tests.moderation import scene
from tests.transfer import scene as archive
from tests.transfer.conftest import empty

__all__ = ["empty"]  # a fixture
PAGE = "/moderation/replies"
TEXT = "Please argue about the <matter>,\nnot about the person."


def keep(person, title="Be kind", text=TEXT, *, shared=False):
    made = actions.save_reply(scene.actor(person), title, text, shared=shared).id
    db.commit()
    return made


def titles(person):
    return [one.title for one in queries.saved_replies(scene.actor(person))]


def rows():
    return db.session.query(SavedReply).count()


def test_keep_change_and_delete(cast):
    browser = cast.browser(cast.quill)
    assert "You have none yet." in browser.get(PAGE).text
    assert browser.post(PAGE, title="  Be  kind ", text=f"{TEXT}\n\n").status_code == 303
    (made,) = queries.saved_replies(scene.actor(cast.quill))
    assert (made.title, made.text, made.is_shared) == ("Be kind", TEXT, False)
    page = browser.get(PAGE).text
    assert "&lt;matter&gt;" in page and f"{PAGE}/{made.id}" in page
    assert browser.post(f"{PAGE}/{made.id}", title="Kind", text="Be kind.").status_code == 303
    assert titles(cast.quill) == ["Kind"]
    assert browser.post(f"{PAGE}/{made.id}/delete").status_code == 303
    assert rows() == 0
    assert browser.get(f"{PAGE}/{made.id}").status_code == 404


def test_each_has_their_own_and_those_of_everybody(cast):
    for person, title in (
        (cast.quill, "Zebra"),
        (cast.quill, "\u00d6rtlich"),
        (cast.quill, "ant"),
        (cast.ida, "Ida's"),
    ):
        keep(person, title)
    keep(cast.ada, "Shared", shared=True)
    assert titles(cast.quill) == ["ant", "\u00d6rtlich", "Zebra", "Shared"]
    assert titles(cast.ida) == ["Ida's", "Shared"]
    assert titles(cast.ada) == ["Shared"]
    assert titles(cast.tom) == titles(cast.sven) == []


def test_nobody_changes_what_is_not_theirs(cast):
    own, shared = keep(cast.quill), keep(cast.ada, shared=True)
    for act in (actions.delete_reply, lambda who, reply: actions.change_reply(who, reply, "Mine", "Mine")):
        with pytest.raises(NotFound):
            act(scene.actor(cast.ada), own)
        with pytest.raises(Forbidden):
            act(scene.actor(cast.quill), shared)
        with pytest.raises(NotFound):
            act(scene.actor(cast.quill), 10**9)
    with pytest.raises(Forbidden):
        actions.save_reply(scene.actor(cast.quill), "For all", "Words", shared=True)
    with pytest.raises(Forbidden):
        actions.save_reply(scene.actor(cast.tom), "Mine", "Words")
    db.rollback()
    assert rows() == 2


def test_only_what_everybody_has_stands_in_the_log(cast):
    keep(cast.quill)
    shared = keep(cast.ada, shared=True)
    actions.change_reply(scene.actor(cast.ada), shared, "Kind", "Be kind.")
    actions.delete_reply(scene.actor(cast.ada), shared)
    db.commit()
    acts = [entry.act for entry in db.session.query(Entry).order_by(Entry.id) if entry.act.startswith("saved-reply")]
    assert acts == ["saved-reply.add", "saved-reply.change", "saved-reply.delete"]
    assert "changed a saved reply of everybody" in cast.browser(cast.quill).get("/moderation/history").text


@pytest.mark.parametrize(
    ("title", "text", "told"),
    [
        ("", "Words", "Please give it a title."),
        ("\u200b ", "Words", "Please give it a title."),
        ("Title", " \n ", "Please write the text."),
        ("x" * 81, "Words", "Please give it a shorter title."),
        ("Title", "x" * 2001, "Please say it in at most 2,000 characters."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(cast, title, text, told):
    answer = cast.browser(cast.quill).post(PAGE, title=title, text=text)
    assert answer.status_code == 422 and told in answer.text
    assert text.strip()[:50] in answer.text and rows() == 0


def test_there_are_only_so_many(cast):
    for number in range(actions.MOST):
        actions.save_reply(scene.actor(cast.quill), f"Title {number}", "Words")
    db.commit()
    with pytest.raises(Invalid):
        actions.save_reply(scene.actor(cast.quill), "One more", "Words")
    db.rollback()
    keep(cast.ida)  # another's are counted by themselves


def test_forged_it_changes_nothing(cast):
    made, browser = keep(cast.quill), cast.browser(cast.quill)
    for path in (PAGE, f"{PAGE}/{made}", f"{PAGE}/{made}/delete"):
        assert browser.forge(path, title="Forged", text="Forged").status_code in (400, 403)
    assert titles(cast.quill) == ["Be kind"]


# The boxes that have the list: an address for each, the field, and what a form of it needs to act.
BOXES = {
    "reply": ("/comments/{id}/reply", "body", {}),
    "new": ("/articles/{slug}/comments", "body", {}),
    "closing": ("/comments/{id}/close", "words", {"reach": "thread", "start": "{id}"}),
    "article": ("/articles/{slug}/close", "words", {}),
    "warning": ("/moderation/people/tom/warning", "words", {"note": "Kept"}),
    "removal": ("/moderation/queue/{id}", "note", {"decision": "hide", "reason": "1", "seen": "x"}),
}


@pytest.fixture
def boxes(cast):
    """Return Quill with a saved reply, and the addresses of all boxes."""
    made, comment = keep(cast.quill), say(cast.tom, cast.article)
    filled = {
        name: (
            address.format(id=comment, slug=cast.article.slug),
            field,
            {k: v.format(id=comment) for k, v in more.items()},
        )
        for name, (address, field, more) in BOXES.items()
    }
    return cast.browser(cast.quill), made, filled


def everything():
    return [db.session.query(model).count() for model in (Comment, Decision, Sanction, Entry)]


@pytest.mark.parametrize("name", BOXES)
def test_it_is_put_behind_what_is_typed_and_nothing_is_done(boxes, name):
    browser, made, filled = boxes
    address, field, more = filled[name]
    before = everything()
    assert f'name="saved-{field}"' in browser.get(address).text
    answer = browser.post(address, **more, **{field: "Dear Tom,", "put": field, f"saved-{field}": str(made)})
    assert answer.status_code == 200
    assert "Dear Tom,\n\nPlease argue about the &lt;matter&gt;,\nnot about the person.</textarea>" in answer.text
    assert everything() == before
    if "note" in more:
        assert "Kept</textarea>" in answer.text


@pytest.mark.parametrize("name", BOXES)
@pytest.mark.parametrize(
    ("put", "chosen"), [("", "1"), ("csrf_token", "1"), ("key", "1"), ("__class__", "1"), (None, ""), (None, "x")]
)
def test_what_is_not_there_puts_nothing_and_loses_nothing(boxes, name, put, chosen):
    browser, _, filled = boxes
    address, field, more = filled[name]
    before = everything()
    put = field if put is None else put
    answer = browser.post(address, **more, **{field: "Dear Tom,", "put": put, f"saved-{field}": chosen})
    assert answer.status_code == 200 and "Dear Tom,</textarea>" in answer.text
    assert everything() == before


def test_somebody_elses_is_put_nowhere(cast, boxes):
    browser, _, filled = boxes
    theirs = keep(cast.ida, "Ida's", "Ida's own words")
    address, field, more = filled["warning"]
    answer = browser.post(address, **more, **{field: "Dear Tom,", "put": field, f"saved-{field}": str(theirs)})
    assert "Ida's own" not in answer.text and "Ida&#39;s own" not in answer.text


@pytest.mark.parametrize("name", ["reply", "new"])
def test_readers_have_no_list(cast, boxes, name):
    _, made, filled = boxes
    address, field, _ = filled[name]
    for browser in (cast.browser(cast.rosa), cast.browser()):
        assert "saved-" not in browser.get(address).text
        answer = browser.post(address, **{field: "Mine,", "put": field, "saved-body": str(made)})
        assert "Please argue" not in answer.text


def test_no_shared_page_has_the_list(cast, boxes):
    address = f"/articles/{cast.article.slug}"
    assert 'name="saved-body"' in boxes[0].get(address).text
    for browser in (cast.browser(cast.rosa), cast.browser()):
        assert "saved-" not in browser.get(address).text


def test_an_archive_of_the_site_has_them(cast: Cast, empty: Flask) -> None:
    keep(cast.quill)
    keep(cast.ada, "Shared", shared=True)
    data = archive.taken_out()
    db.session.rollback()
    with empty.app_context():
        archive.bring_in(data)
        assert archive.taken_out() == data
        found = [(one.title, one.person_id is None) for one in db.session.query(SavedReply).order_by(SavedReply.id)]
        assert found == [("Be kind", False), ("Shared", True)]
