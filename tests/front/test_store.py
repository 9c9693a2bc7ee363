"""What a process keeps: one thing a key, for one version, within a budget of bytes."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psutil
import time_machine

from forum.clock import now
from forum.front.page import Page
from forum.front.store import BUDGET, Store


def page(size: int, until=None) -> Page:
    return Page((), "mark", os.urandom(size), until)


def test_a_thing_is_returned_for_its_version_only():
    store, kept = Store(), page(10)
    store.put("key", 1, kept)
    assert store.get("key", 1) is kept
    assert store.get("key", 2) is None
    store.put("key", 2, page(20))
    assert store.get("key", 1) is None


def test_what_the_clock_changed_is_not_returned():
    store = Store()
    store.put("key", 1, page(10, until=now() + timedelta(minutes=1)))
    assert store.get("key", 1) is not None
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert store.get("key", 1) is None


def test_a_thing_is_built_once_while_others_wait():
    store, built, begun = Store(), [], threading.Barrier(8)

    def build() -> Page:
        built.append(1)
        return page(10)

    def ask(_: int) -> int:
        begun.wait()
        return id(store.get_or_build("key", 1, build, lambda: 1))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert len(built) == 1


def test_a_build_that_gives_nothing_keeps_nothing():
    store = Store()
    assert store.get_or_build("key", 1, lambda: None, lambda: 1) is None
    assert store.held == 0


def test_what_was_built_while_somebody_wrote_is_used_once_and_not_kept():
    store = Store()
    assert store.get_or_build("key", 1, lambda: page(10), lambda: 2) is not None
    assert store.get("key", 1) is None


def test_the_least_recently_used_goes_first():
    store = Store(budget=30_000)
    for key in range(9):
        store.put(key, 1, page(1000))
        store.get(0, 1)
    store.put("another", 1, page(10_000))
    assert store.get(0, 1) is not None
    assert store.get(1, 1) is None
    assert store.held <= 30_000
    store.put("huge", 1, page(40_000))
    assert store.get("huge", 1) is None


def test_another_version_takes_the_place_of_the_first():
    store = Store()
    for version in range(100):
        store.put("key", version, page(1000))
    assert store.held < 4000


def test_the_budget_is_kept_within_a_tenth_by_the_process_itself():
    """Distinct pages of many sizes fill it three times over; the process grows by the budget and no more."""
    process = psutil.Process()
    warm = Store()
    for number in range(2000):  # so that what the interpreter needs once is there already
        warm.put(number, 1, page(500))
    del warm
    before = process.memory_info().rss
    store = Store()
    for number in range(3000):
        store.put(("page", number), number, page(1000 + number % 30 * 1000))
    assert store.held <= BUDGET
    assert process.memory_info().rss - before < 1.1 * BUDGET
