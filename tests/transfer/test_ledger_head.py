"""Every export names the log's newest entry, so that an export kept elsewhere shows a later change of the log."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text

from forum import db
from forum.clock import now
from forum.errors import Invalid
from forum.ledger import actions as ledger
from forum.ledger.chain import FIELDS, chain_digest
from forum.ledger.models import GENESIS, Entry, LedgerHead
from forum.ledger.queries import first_broken
from forum.transfer.report import sentences
from forum.transfer.views import seal_log
from tests.cast import Cast
from tests.transfer import scene

OTHER = "history of this site is not the one"


def test_an_archive_names_the_head_at_both_ends(cast: Cast) -> None:
    scene.furnish(cast)
    records = scene.lines(scene.taken_out())
    head = db.session.execute(select(LedgerHead.number, LedgerHead.hash)).one()
    assert records[0]["ledger"] == records[-1]["ledger"] == {"number": head.number, "hash": head.hash}
    assert head.number > 0


def test_the_archive_for_reading_names_it_in_its_last_lines(cast: Cast) -> None:
    scene.furnish(cast)
    seal_log()
    head = db.session.execute(select(LedgerHead.number, LedgerHead.hash)).one()
    for slug in (None, cast.article.slug):
        last = scene.taken_out(slug, "html").decode().splitlines()[-5:]
        assert any(head.hash in line and f" {head.number} " in line for line in last)


def test_later_acts_leave_the_entry_that_an_archive_names(cast: Cast) -> None:
    scene.furnish(cast)
    old = scene.taken_out()
    _act(cast)
    assert _hash_now(old) == scene.lines(old)[0]["ledger"]["hash"]
    assert OTHER not in _told(old)


def test_a_changed_entry_is_noticed_although_the_chain_was_made_anew(cast: Cast) -> None:
    scene.furnish(cast)
    old = scene.taken_out()
    _act(cast)
    _rewrite()
    assert first_broken() is None
    assert _hash_now(old) != scene.lines(old)[0]["ledger"]["hash"]
    assert OTHER in _told(old)


def test_an_archive_whose_log_was_changed_is_refused(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    records = scene.lines(data)
    shorter = scene.sealed([*records[:-2], records[-1]])
    with empty.app_context():
        for changed, why in ((scene.altered(data, "act", rule="Another rule"), "log"), (shorter, "manifest names")):
            before = scene.everything()
            with pytest.raises(Invalid, match=why):
                scene.bring_in(changed)
            assert scene.everything() == before


def test_an_archive_made_before_heads_were_named_is_read(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    records = scene.lines(scene.taken_out())
    del records[0]["ledger"], records[-1]["ledger"]
    with empty.app_context():
        assert scene.bring_in(scene.sealed(records)).added["act"] > 0


def _act(cast: Cast) -> None:
    db.lock()
    ledger.record("person.sign-up", now(), person_id=cast.tom.id)
    db.commit()


def _hash_now(old: bytes) -> str:
    number = scene.lines(old)[0]["ledger"]["number"]
    return next(str(act["hash"]) for act in scene.of_type(scene.taken_out(), "act") if act["id"] == number)


def _told(old: bytes) -> str:
    return " ".join(sentences(scene.bring_in(old, dry_run=True)))


def _rewrite() -> None:
    """Change the first entry as the database's owner can: without the guards, and with a chain that fits."""
    seal_log()
    db.lock()
    if db.engine().dialect.name == "sqlite":
        query = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'ledger%'")
        for name in db.session.scalars(query).all():
            db.session.execute(text(f"DROP TRIGGER {name}"))
    else:
        db.session.execute(text("ALTER TABLE ledger_entries DISABLE TRIGGER USER"))
    number, before = 0, GENESIS
    for number, entry in enumerate(db.session.scalars(select(Entry).order_by(Entry.number)), 1):
        if number == 1:
            entry.rule = "Another rule"
        before = chain_digest(before, {field: getattr(entry, field) for field in (*FIELDS, "details_hash")})
        entry.hash = before
    head = db.session.scalars(select(LedgerHead)).one()
    head.number, head.hash = number, before
    db.commit()
