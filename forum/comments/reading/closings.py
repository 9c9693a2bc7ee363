"""Which closures a page shows: those in force, what they cover, when the first ends, where the words of two stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from forum.clock import now
from forum.closures import queries
from forum.closures.queries import ClosureView


def in_force(article_id: int) -> list[ClosureView]:
    """Return the closures of an article that are in force."""
    moment = now()
    return [closure for closure in queries.concerning(article_id) if closure.holds(moment)]


def until(closures: Sequence[ClosureView]) -> datetime | None:
    """Return when the clock opens the first of these again."""
    return min((closure.until for closure in closures if closure.until), default=None)


def whole(closures: Sequence[ClosureView]) -> ClosureView | None:
    """Return the closure of the whole article, if there is one."""
    return next((closure for closure in closures if closure.whole_article), None)


def covered(rows: Sequence[Any], closures: list[ClosureView], above: bool) -> set[int]:
    """Return the rows where nobody can reply: an article or branch closure covers them."""
    for_all = [closure for closure in closures if not closure.for_two]
    everywhere = above or any(closure.branch_id is None for closure in for_all)
    branches = {closure.branch_id for closure in for_all if closure.branch_id}
    covered: set[int] = set()
    for row in rows:
        if everywhere or row.id in branches or row.parent_id in covered:
            covered.add(row.id)
    return covered


def last_letter(closure: ClosureView, read: Sequence[Any], at: int, size: int) -> int:
    """Return the number of the last row with which two people went on from where their exchange was ended."""
    exchange, last = {read[at].id}, at
    for number in range(at + 1, at + size):
        row = read[number]
        if row.parent_id in exchange and row.author_id in (closure.person_a_id, closure.person_b_id):
            exchange.add(row.id)
            last = number
    return last
