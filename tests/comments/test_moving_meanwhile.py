"""Moving a branch while somebody writes, closes or decides in it: two connections, two threads, both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from forum import db
from forum.closures.models import Closure
from forum.comments import consistency
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.models import Comment
from forum.comments.moving import actions as moving
from forum.comments.writing import actions as writing
from forum.moderation import actions as moderation
from forum.people.queries import viewer_of
from tests import factories
from tests.comments.talk import row, say
from tests.racing import Race

pytestmark = pytest.mark.both_kinds

_ENDED = select(Closure.article_id, Comment.article_id).join(Comment, Comment.id == Closure.branch_id)
ROUNDS = 9  # a third of them each way round
Acts = Callable[[int, int, int], Callable[[], Any]]  # article, comment, reply below it


def replies(cast: Any) -> Acts:
    """Let Rosa answer."""
    rosa = viewer_of(cast.rosa.id)
    return lambda article, top, reply: lambda: writing.post(rosa, article, "One more.", parent_id=reply).id


def closes(cast: Any) -> Acts:
    """Let Quill end the exchange."""
    quill = viewer_of(cast.quill.id)
    return lambda article, top, reply: lambda: closing.close_branch(quill, reply, Ending(words="Enough.")).id


def closes_with_a_reply(cast: Any) -> Acts:
    """Let Quill have the last word."""
    quill = viewer_of(cast.quill.id)
    ending = Ending(words="Enough.", reply="My last word.")
    return lambda article, top, reply: lambda: closing.close_branch(quill, reply, ending).id


def decides(cast: Any) -> Acts:
    """Let Ada remove a reply as spam."""
    ada = viewer_of(cast.ada.id)
    return lambda article, top, reply: lambda: moderation.decide(ada, reply, "spam").id


def moves(cast: Any) -> Acts:
    """Let Ada move the reply away, out of the branch that is moved."""
    ada = viewer_of(cast.ada.id)
    return lambda article, top, reply: lambda: moving.move(ada, reply, article).id


@pytest.mark.parametrize("acts", [replies, closes, closes_with_a_reply, decides, moves])
def test_what_is_done_meanwhile_lands_in_the_right_place(cast, acts):
    act, quill = acts(cast), viewer_of(cast.quill.id)
    for number in range(ROUNDS):
        here, there = factories.article(cast.ida).id, factories.article(cast.ida).id
        if number % 2:
            here, there = there, here
        root = writing.post(cast.tom, here, "A beginning.").id
        top = writing.post(cast.ida, here, "An answer.", parent_id=root).id
        reply = writing.post(cast.tom, here, "And so on.", parent_id=top).id
        db.commit()
        db.rollback()
        first = (None, "move", "act")[number % 3]
        race = Race(cast, lambda a=here, b=there: db.lock(a, b))
        results = race.run(
            first, move=lambda t=top, a=there: moving.move(quill, t, a).comment_count, act=act(here, top, reply)
        )
        assert not any(isinstance(result, Exception) for result in results.values()), results
        assert row(top).article_id == there
        for article in (here, there):
            assert consistency.differences(article) == ([], [])
        in_branch = db.session.scalars(select(Comment).where(Comment.root_id == top)).all()
        assert {one.article_id for one in in_branch} == {there}
        ended = db.session.execute(_ENDED)
        assert all(closure == comment for closure, comment in ended)


def test_a_page_of_the_old_article_answers_what_was_moved(cast):
    browser, other = cast.browser(cast.rosa), factories.article(cast.ida)
    top = say(cast.tom, cast.article)
    moving.move(cast.quill, top, other.id)
    db.commit()
    answer = browser.post(f"/comments/{top}/reply", body="To where it is.")
    assert answer.status_code == 303
    made = int(answer.headers["Location"].rsplit("/", 1)[1])
    assert (row(made).article_id, row(made).parent_id) == (other.id, top)
