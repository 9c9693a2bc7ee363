"""Of a test with several sets of values each runs on one kind of database, and both kinds are met."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.kinds import KINDS, in_turn


def item(test: str, values: str, *, kind: str | None = None, marked: bool = False) -> Any:
    """Return what stands for a collected test."""
    name = "-".join(part for part in (kind, values) if part)
    params = {"database": kind, "typed": values} if kind else {"typed": values}
    return SimpleNamespace(
        nodeid=f"{test}[{name}]",
        callspec=SimpleNamespace(params=params),
        get_closest_marker=lambda name: marked and name == "both_kinds",
    )


def on_both(test: str, *sets: str, marked: bool = False) -> list[Any]:
    """Return the items of a test: each set on each kind."""
    return [item(test, values, kind=kind, marked=marked) for kind in KINDS for values in sets]


@pytest.mark.parametrize("sets", [("a", "b"), ("a", "b", "c"), tuple("abcdefghij"), ("1-x", "1-y", "2-x", "2-y")])
def test_each_set_runs_once_and_each_test_on_both(sets: tuple[str, ...]) -> None:
    kept: Any
    kept, left = in_turn(on_both("t.py::test", *sets))
    assert sorted(found.callspec.params["typed"] for found in kept) == sorted(sets)
    assert {found.callspec.params["database"] for found in kept} == set(KINDS)
    assert len(left) == len(sets)


@pytest.mark.parametrize(
    "items",
    [
        on_both("t.py::test", ""),
        on_both("t.py::test", "a", "b", marked=True),
        [item("t.py::test", values, kind="sqlite") for values in "abc"],
        [item("t.py::test", values) for values in "abc"],
    ],
    ids=["one set", "marked", "one kind only", "no database"],
)
def test_what_else_there_is_runs_as_it_is(items: list[Any]) -> None:
    assert in_turn(items) == (items, [])
