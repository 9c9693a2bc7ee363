"""Which tests run on which kind of database.

Each test that asks for a database runs on SQLite and on PostgreSQL. One that is given several sets of values runs with
half of the sets on one and with half on the other: its statements are the same for every set, and a fifth of all tests
were one refusal more. `--each-set` runs every set on both, and so run the tests marked `both_kinds`, where a set has
the databases do something by code of their own (triggers, locks, migrations, full-text search).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from zlib import crc32

import pytest

KINDS = ("sqlite", "postgresql")
Sets = Mapping[str, Sequence[pytest.Item]]  # of one test: of each set of values the items, one for each kind


def in_turn(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests that run, and those whose set of values runs on the other kind of database only."""
    tests: dict[str, dict[str, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        if (kind := _kind(item)) and not item.get_closest_marker("both_kinds"):
            test, _, values = item.nodeid.partition("[")
            tests[test][values.replace(kind, "", 1)].append(item)
    left = {id(item) for sets in tests.values() if len(sets) > 1 for item in _on_the_other(sets)}
    return [item for item in items if id(item) not in left], [item for item in items if id(item) in left]


def _on_the_other(sets: Sets) -> Iterator[pytest.Item]:
    # Not in the order in which they are written: of two crossed lists, a value might meet always the same kind.
    shuffled = sorted(sets, key=lambda values: crc32(values.encode()))
    for values, kind in zip(shuffled, cycle(KINDS), strict=False):
        if len(sets[values]) == len(KINDS):
            yield from (item for item in sets[values] if _kind(item) != kind)


def _kind(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    return next((kind for kind in KINDS if callspec and kind in callspec.params.values()), None)
