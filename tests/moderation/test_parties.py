"""Nobody decides about whom they are answering in that thread while somebody else could."""

from __future__ import annotations

import pytest

from forum import db
from forum.errors import Forbidden
from forum.moderation import actions
from tests.moderation.scene import actor, decide, status, write


def test_a_moderator_who_answers_leaves_the_decision_to_others(cast):
    said = write(cast.tom, cast.article, "The ferry was late.")
    write(cast.quill, cast.article, "It was not.", said)
    again = write(cast.tom, cast.article, "It was, by an hour.", said)
    for comment in (said, again):
        with pytest.raises(Forbidden, match="party-decided"):
            decide(cast.quill, comment, "hide")
        db.rollback()
    page = cast.browser(cast.quill).get(f"/moderation/queue/{again}").text
    assert "You are answering this person here" in page
    forged = cast.browser(cast.quill).post(f"/moderation/queue/{again}", decision="hide", reason="1")
    assert (forged.status_code, status(again)) == (403, "published")
    made = decide(cast.ada, again, "hide")
    with pytest.raises(Forbidden, match="party-decided"):
        actions.undo(actor(cast.quill), made)
    db.rollback()


def test_elsewhere_and_about_others_they_decide(cast):
    said = write(cast.tom, cast.article, "The ferry was late.")
    write(cast.quill, cast.article, "It was not.", said)
    other_thread = write(cast.tom, cast.article, "Another matter.")
    of_rosa = write(cast.rosa, cast.article, "Quite late.", said)
    for comment in (other_thread, of_rosa):
        decide(cast.quill, comment, "hide")
        assert status(comment) == "hidden"


def test_where_there_is_nobody_else_they_decide(cast):
    said = write(cast.tom, cast.article, "The ferry was late.")
    write(cast.ada, cast.article, "It was not.", said)
    db.lock()
    cast.quill.role = "reader"
    db.commit()
    decide(cast.ada, said, "hide")
    assert status(said) == "hidden"
