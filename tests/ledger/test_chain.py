"""The log: nobody changes an entry, a changed one is found, and words can be erased without breaking the chain."""

from __future__ import annotations

import hashlib
import json
import threading

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import DBAPIError

from forum import db
from forum.clock import now
from forum.ledger import actions, queries
from forum.ledger.models import GENESIS, Entry
from forum.transfer.views import seal_log

pytestmark = pytest.mark.both_kinds


@pytest.fixture
def acts(cast):
    """Return three sealed acts about a comment and one that waits for its seal, by their numbers."""
    wrote("abc")
    seal_log()
    wrote("d")
    return [1, 2, 3]


def sealed():
    number = actions.seal()
    db.commit()
    return number


def wrote(words):
    db.lock()
    for word in words:
        actions.record("comment.hide", now(), comment_id=7, details={"words": word})
    db.commit()


ENTRY = "ledger_entries SELECT * FROM ledger_entries LIMIT 1"
CHANGES = [
    "UPDATE ledger_entries SET at = '2020-02-02 00:00:00'",
    "UPDATE ledger_entries SET act = 'x'",
    "UPDATE ledger_entries SET act = 'x' WHERE number IS NULL",
    "UPDATE ledger_entries SET id = id + 100",
    "UPDATE ledger_entries SET rule = 'x' WHERE number IS NULL",
    *(f"UPDATE ledger_entries SET {name} = 1" for name in ("actor_id", "person_id", "article_id", "closure_id")),
    "UPDATE ledger_entries SET comment_id = NULL",
    "UPDATE ledger_entries SET number = number + 10",
    "UPDATE ledger_entries SET number = NULL",
    "UPDATE ledger_entries SET hash = 'x'",
    "UPDATE ledger_entries SET hash = NULL, number = NULL WHERE number = 3",
    "UPDATE ledger_entries SET details_hash = 'x'",
    "UPDATE ledger_entries SET salt = 'x'",
    "UPDATE ledger_entries SET details = '{}'",
    "DELETE FROM ledger_entries",
    "DELETE FROM ledger_entries WHERE number IS NULL",
]
CHANGES_OF_SQLITE = [
    f"INSERT OR REPLACE INTO {ENTRY}",
    f"REPLACE INTO {ENTRY}",
    f"INSERT OR IGNORE INTO {ENTRY}",
    "UPDATE OR REPLACE ledger_entries SET number = 1 WHERE number = 2",
    "UPDATE OR REPLACE ledger_entries SET number = 1 WHERE number IS NULL",
    f"INSERT INTO {ENTRY.replace(' LIMIT', ' WHERE true LIMIT')} ON CONFLICT DO UPDATE SET salt = 'x'",
]
CHANGES_OF_POSTGRESQL = [
    "TRUNCATE ledger_entries CASCADE",
    f"INSERT INTO {ENTRY} ON CONFLICT (id) DO UPDATE SET act = 'x'",
    f"INSERT INTO {ENTRY} ON CONFLICT (number) DO UPDATE SET salt = 'x'",
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
    return [(act.id, act.act, act.details) for act in queries.acts()]


def test_changed_words_are_found(acts):
    assert queries.first_broken() is None
    engine = create_engine(db.engine().url)
    with engine.begin() as connection:
        on = " ON ledger_entries" if engine.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER ledger_entries_update_refused{on}"))
        connection.execute(text("UPDATE ledger_entries SET details = '{}' WHERE number = :n"), {"n": acts[1]})
    engine.dispose()
    assert queries.first_broken() == acts[1]


def test_erased_words_leave_the_chain_whole(acts):
    db.lock()
    actions.erase_details(7)
    db.commit()
    assert queries.first_broken() is None
    assert [act.details for act in queries.acts("comment.hide")] == [None] * 4
    seal_log()
    assert queries.first_broken() is None
    assert queries.head().number == 4


@pytest.mark.parametrize(
    "rule", [None, 'Be "kind"', "back\\slash", "line\nand\ttab \x1f", "Füße, 静か, 🙂", "</a> & %s %(x)s :y ?"]
)
def test_an_entry_is_hashed_with_the_one_before_it(cast, rule):
    seal_log()
    db.lock()
    actions.record("comment.hide", now(), actor_id=cast.ida.id, rule=rule, details={"words": rule, "none": None})
    db.commit()
    seal_log()
    assert queries.first_broken() is None
    number = queries.head().number
    before = db.session.scalars(select(Entry.hash).where(Entry.number == number - 1)).one_or_none() or GENESIS
    entry = db.session.scalars(select(Entry).where(Entry.number == number)).one()
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


def test_many_entries_are_sealed_in_the_order_of_writing(cast):
    wrote("a" * 1200)
    before = queries.unsealed()
    assert [sealed() for _ in range(4)] == [500, 500, before - 1000, 0]
    assert (queries.unsealed(), queries.first_broken()) == (0, None)
    rows = db.session.execute(select(Entry.id, Entry.number).order_by(Entry.number)).all()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert [row.id for row in rows] == sorted(row.id for row in rows)


def test_eight_who_seal_at_once_make_one_chain(cast):
    wrote("x" * 900)
    app, trouble = cast.app, []

    def work():
        with app.app_context():
            try:
                for _ in range(20):
                    sealed()
                    wrote("y")
            except Exception as error:
                trouble.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_log()
    assert trouble == []
    assert (queries.unsealed(), queries.first_broken()) == (0, None)
    assert queries.head().number == db.session.scalar(select(func.count()).select_from(Entry))
