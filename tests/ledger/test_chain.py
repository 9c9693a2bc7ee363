"""The log: nobody changes an entry, a changed one is found, and words can be erased without breaking the chain."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import create_engine, select, text
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


ENTRY = "ledger_entries SELECT * FROM ledger_entries LIMIT 1"
DETAILS = "ledger_details SELECT * FROM ledger_details LIMIT 1"
CHANGES = ["UPDATE ledger_entries SET act = 'x'", "DELETE FROM ledger_entries", "UPDATE ledger_details SET salt = 'x'"]
CHANGES_OF_SQLITE = [
    *(f"INSERT OR REPLACE INTO {row}" for row in (ENTRY, DETAILS)),
    *(f"REPLACE INTO {row}" for row in (ENTRY, DETAILS)),
    f"INSERT OR IGNORE INTO {ENTRY}",
    "UPDATE OR REPLACE ledger_entries SET number = 1 WHERE number = 2",
    f"INSERT INTO {DETAILS.replace(' LIMIT', ' WHERE true LIMIT')} ON CONFLICT DO UPDATE SET salt = 'x'",
]
CHANGES_OF_POSTGRESQL = [
    "TRUNCATE ledger_entries CASCADE",
    "TRUNCATE ledger_entries, ledger_details",
    f"INSERT INTO {DETAILS} ON CONFLICT (number) DO UPDATE SET salt = 'x'",
    f"INSERT INTO {ENTRY} ON CONFLICT (number) DO UPDATE SET act = 'x'",
    "WITH gone AS (DELETE FROM ledger_entries RETURNING number) SELECT number FROM gone",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_entries_are_append_only(acts, statement):
    _assert_refused(statement)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", CHANGES_OF_SQLITE)
def test_sqlite_replaces_no_entry(acts, statement):
    _assert_refused(statement)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("statement", CHANGES_OF_POSTGRESQL)
def test_postgresql_empties_no_table_of_the_log(acts, statement):
    _assert_refused(statement)


def _assert_refused(statement):
    """Try a statement on a connection that is not the forum's."""
    before = _log()
    engine = create_engine(db.engine().url)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    assert _log() == before
    assert queries.first_broken() is None


def _log():
    return [(act.number, act.act, act.details) for act in queries.acts()]


def test_changed_words_are_found(acts):
    assert queries.first_broken() is None
    engine = create_engine(db.engine().url)
    with engine.begin() as connection:
        on = " ON ledger_details" if engine.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER ledger_details_update_refused{on}"))
        connection.execute(text("UPDATE ledger_details SET details = '{}' WHERE number = :n"), {"n": acts[1]})
    engine.dispose()
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
