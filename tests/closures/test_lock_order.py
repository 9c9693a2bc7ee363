"""The person who ends an exchange with a last word and those it is ended for never wait for each other in a circle."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from forum import db
from forum.clock import now
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.writing import actions
from forum.people.models import Person
from forum.people.queries import viewer_of
from tests import factories
from tests.comments.talk import say
from tests.racing import Race


def test_a_last_word_for_somebody_in_slow_mode_comes_while_they_write(cast):
    article = factories.article(cast.ida)
    parent, article_id, tom = say(cast.tom, article), article.id, cast.tom.id
    db.lock()
    db.session.get_one(Person, tom).slow_until = now() + timedelta(days=1)  # their posts lock them exclusively
    db.commit()
    ending = Ending(words="Enough.", people="one", reply="My last word.")
    closer, writer = viewer_of(cast.quill.id), viewer_of(tom)
    db.rollback()
    holds, said = threading.Event(), threading.Event()

    def tell(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO comments") and threading.current_thread().name == "close":
            said.set()

    def post() -> int:
        db.lock(people={tom: db.Hold.EXCLUSIVE})
        holds.set()
        said.wait(1)  # as long as the other thread comes that far
        return actions.post(writer, article_id, "Once more.").id

    def close() -> int:
        threading.current_thread().name = "close"
        holds.wait(20)
        return closing.close_branch(closer, parent, ending).id

    event.listen(db.engine(), "after_cursor_execute", tell)
    try:
        results = Race(cast, lambda: None).run(None, post=post, close=close)
    finally:
        event.remove(db.engine(), "after_cursor_execute", tell)
    assert all(isinstance(result, int) for result in results.values()), results
