"""The log: nobody changes an entry, a changed one is found, and words can be erased without breaking the chain."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from forum import db
from forum.clock import now
from forum.ledger import actions, queries
from forum.ledger.models import GENESIS, Entry


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


@pytest.mark.parametrize(
    "rule", [None, 'Be "kind"', "back\\slash", "line\nand\ttab \x1f", "Füße, 静か, 🙂", "</a> & %s %(x)s :y ?"]
)
def test_the_database_hashes_what_python_hashes(cast, rule):
    db.lock()
    number = actions.record(
        "comment.hide", now(), actor_id=cast.ida.id, rule=rule, details={"words": rule, "none": None}
    )
    db.commit()
    assert queries.first_broken() is None
    before = db.session.scalars(select(Entry.hash).where(Entry.number == number - 1)).one_or_none() or GENESIS
    entry = db.session.get_one(Entry, number)
    facts = json.dumps(
        [
            before,
            number,
            entry.act,
            entry.at.isoformat(),
            cast.ida.id,
            None,
            None,
            None,
            None,
            rule,
            entry.details_hash,
        ],
        separators=(",", ":"),
        ensure_ascii=False,
    )
    assert entry.hash == hashlib.sha256(facts.encode()).hexdigest()
