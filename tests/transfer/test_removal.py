"""Decisions of one act go on belonging together behind an archive, so that an objection finds all of them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from forum import db
from forum.clock import now
from forum.moderation import bulk
from forum.moderation.models import Decision
from forum.moderation.removal import begin_removal
from tests import factories
from tests.cast import Cast
from tests.moderation.scene import actor, decide, write
from tests.transfer import scene


@pytest.mark.parametrize("has_its_own", [False, True])
def test_decisions_of_one_act_belong_together_afterwards(cast: Cast, empty: Flask, has_its_own: bool) -> None:
    decide(cast.quill, write(cast.rosa, cast.article), "spam")
    keys = [write(cast.tom, cast.article, f"Buy {number}") for number in range(3)]
    made = begin_removal(actor(cast.quill), cast.tom.id, keys, now(), "spam", "", "").id
    db.commit()
    while bulk.step(made):
        db.commit()
    data = scene.taken_out()
    db.session.rollback()
    with empty.app_context():
        if has_its_own:
            here = Cast(empty)
            decide(here.quill, write(here.tom, factories.article(here.ida, "Another")), "spam")
        scene.bring_in(data)
        query = select(Decision.id, Decision.first_id).order_by(Decision.id)
        *_, alone, first, second, third = db.session.execute(query).all()
        assert [row.first_id for row in (alone, first, second, third)] == [None, None, first.id, first.id]
        assert has_its_own or scene.taken_out() == data
