"""Which closures a page shows: in force or to come, what they cover, when the clock changes it, where words stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from forum.clock import now
from forum.closures import queries
from forum.closures.queries import ClosureView


def shown(article_id: int) -> list[ClosureView]:
    """Return the closures that reach an article and are in force or to come, but none for one person: they show all."""
    moment = now()
    return [told for closure in queries.concerning(article_id) if not (told := closure.at(moment)).over]


def until(closures: Sequence[ClosureView]) -> datetime | None:
    """Return when the clock changes the first of these: begins it, or opens what it closed again."""
    moments = (closure.begins_at if closure.coming else closure.until for closure in closures)
    return min((moment for moment in moments if moment), default=None)


def covered(rows: Sequence[Any], closures: list[ClosureView], above: bool) -> set[int]:
    """Return the rows where nobody can reply: an article or branch closure covers them."""
    for_all = [closure for closure in closures if not closure.for_two and not closure.coming]
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
