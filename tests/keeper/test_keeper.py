"""One machine at a time answers from memory, and never less than anybody has read."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest

from forum import db
from forum.keeper import BEGUN, ENDED, clock
from tests.cast import Cast
from tests.keeper.machines import Machine, Make, Row, raise_version

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def test_a_new_site_has_its_keeper_with_the_first_page(machine: Make, row: Row) -> None:
    assert row.state == (None, "shared")
    first = machine()
    first.version()
    assert first.remembers()
    assert row.state == (first.tally.machine, "kept")
    second = machine()
    second.version()
    assert second.remembers()
    stranger = machine("another")
    stranger.version()
    assert not stranger.remembers()


def test_what_is_remembered_is_not_asked_again(here: Machine, row: Row) -> None:
    """Shown by a write that only hands can make: it is not counted, and seen when the lease is over."""
    before = here.version()
    lease = here.keeper._lease
    row.connection.execute("UPDATE site SET version = version + 1")
    remembered = here.version()
    assert lease is not None
    if clock() < lease.until:
        assert remembered == before
    while clock() < lease.until:
        time.sleep(0.01)
    assert here.version() == before + 1
    assert here.remembers()


def test_a_write_of_the_same_machine_is_seen_at_once(here: Machine, machine: Make) -> None:
    other = machine()
    for writer in (here, other, here):
        before = here.version()
        writer.write()
        assert (here.version(), other.version()) == (before + 1, before + 1)
        assert here.remembers()


def test_nothing_is_remembered_while_a_write_goes_on(here: Machine) -> None:
    before = here.version()
    with here.app.app_context():
        db.lock()
        assert not here.remembers()
        raise_version()
        assert here.version() == before
        db.commit()
    assert here.version() == before + 1
    assert here.remembers()


def test_a_writer_that_only_waits_for_its_turn_does_not_count(here: Machine, cast: Cast) -> None:
    """Until it has all its locks it cannot have written, and readers go on from memory."""
    article, begun = cast.article.id, here.tally.counters[BEGUN]
    with psycopg.connect(here.app.extensions["forum"].database_url) as other:
        other.execute("SELECT id FROM articles WHERE id = %s FOR UPDATE", (article,))

        def wait() -> None:
            with here.app.app_context():
                db.lock(article)
                db.rollback()

        waiting = threading.Thread(target=wait)
        waiting.start()
        until = clock() + 10
        while not _waits(other) and clock() < until:
            time.sleep(0.01)
        assert _waits(other)
        assert here.tally.counters[BEGUN] == begun
        other.rollback()
        waiting.join()
    assert here.tally.counters[BEGUN] == begun + 1 == here.tally.counters[ENDED]


def test_a_write_of_another_machine_waits_until_the_keeper_has_stopped(here: Machine, machine: Make, row: Row) -> None:
    other, before = machine("another"), here.version()
    seen: list[tuple[int, int]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            there = row.version()
            seen.append((there, here.version()))

    reader = threading.Thread(target=read)
    reader.start()
    with other.app.app_context():
        db.lock()
        lease = here.keeper._lease
        assert lease is None or clock() > lease.until
        assert row.state == (here.tally.machine, "shared")
        raise_version()
        db.commit()
    assert here.version() == before + 1
    done.set()
    reader.join()
    assert [pair for pair in seen if pair[1] < pair[0]] == []
    assert {pair[1] for pair in seen} >= {before}
    assert not here.remembers()
    for writer in (other, here, other):
        writer.write()
    assert (here.version(), other.version()) == (before + 4, before + 4)
    assert row.state[1] == "shared"  # nobody waited again


def test_the_only_one_that_wrote_for_ten_minutes_becomes_the_keeper(machine: Make, row: Row, here: Machine) -> None:
    other = machine("another")
    other.write()
    other.look()
    assert row.state == (other.tally.machine, "shared")
    other.look()
    assert not other.remembers()
    row.age(minutes=11)
    here.look()
    assert not here.remembers()
    other.look()
    assert other.remembers()
    assert row.state == (other.tally.machine, "kept")


def test_two_that_write_in_turn_have_no_keeper(here: Machine, machine: Make, row: Row) -> None:
    other = machine("another")
    other.write()
    for _ in range(3):
        for each in (other, here):
            row.age(minutes=9)
            each.write()
            each.look()
            assert not each.remembers()
            assert row.state == (each.tally.machine, "shared")


def test_nobody_becomes_the_keeper_while_another_machine_writes(machine: Make, row: Row) -> None:
    writer, reader = machine("another"), machine()
    with writer.app.app_context():
        db.lock()
        raise_version()
        reader.look()
        assert not reader.remembers()
        db.commit()
    reader.look()
    assert reader.remembers()
    assert reader.version() == row.version()


def _waits(connection: psycopg.Connection[Any]) -> bool:
    found = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    return found is not None and found[0] > 0
