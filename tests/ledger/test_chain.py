"""The log: nobody changes an entry, a changed one is found, and words can be erased without breaking the chain."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from forum import db
from forum.clock import now
from forum.ledger import actions, queries


@pytest.fixture
def acts(cast):
    """Be three acts about a comment."""
    db.lock()
    numbers = [actions.record("comment.hide", now(), comment_id=7, details={"words": word}) for word in "abc"]
    db.commit()
    return numbers


@pytest.mark.parametrize("statement", ["UPDATE ledger_entries SET act = 'nothing'", "DELETE FROM ledger_entries"])
def test_entries_are_append_only(acts, statement):
    db.lock()
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))
    db.rollback()
    assert len(queries.acts("comment.hide")) == 3


def test_changed_words_are_found(acts):
    assert queries.first_broken() is None
    db.lock()
    db.session.execute(text("UPDATE ledger_details SET details = '{}' WHERE number = :n"), {"n": acts[1]})
    db.commit()
    assert queries.first_broken() == acts[1]


def test_erased_words_leave_the_chain_whole(acts):
    db.lock()
    actions.erase_details(7)
    db.commit()
    assert queries.first_broken() is None
    assert [act.details for act in queries.acts("comment.hide")] == [None, None, None]
