"""What the columns of a person repeat of their sanctions, and where the two differ; `forum doctor` tells that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import or_, select

from forum.db import snapshot
from forum.people.models import Person
from forum.policy import FOREVER, LASTING, SHUTS_OUT, SanctionKind
from forum.sanctions.models import Sanction


class SanctionFacts(Protocol):
    """The facts of a sanction that the columns of its person follow from."""

    @property
    def kind(self) -> str: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def words(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def minutes(self) -> int: ...


def settled(sanctions: Iterable[SanctionFacts]) -> dict[str, Any]:
    """Return the columns of a person that follow from their sanctions that nobody lifted.

    Of one kind the one that ends last counts: another is made only when it is over or lifted.
    """
    rows = sorted(sanctions, key=_end)
    shut_out = [row for row in rows if row.kind in SHUTS_OUT]
    held = [row for row in rows if row.kind == SanctionKind.HOLD]
    slow = [row for row in rows if row.kind == SanctionKind.SLOW]
    return {
        "suspended_until": _end(shut_out[-1]) if shut_out else None,
        "suspension_reason": told_reason(shut_out[-1]) if shut_out else "",
        "held_until": _end(held[-1]) if held else None,
        "slow_until": _end(slow[-1]) if slow else None,
        "slow_minutes": slow[-1].minutes if slow else 0,
    }


def told_reason(sanction: SanctionFacts) -> str:
    """Return why somebody can only read, as their column says it."""
    return (sanction.words or sanction.rule)[:300]


def differences() -> tuple[int, list[str]]:
    """Return how many people somebody did something lasting about, and in words where their columns say otherwise."""
    names = list(settled(()))
    columns = [Person.__table__.c[name] for name in names]
    facts = (Sanction.person_id, Sanction.kind, Sanction.until, Sanction.words, Sanction.rule, Sanction.minutes)
    in_force = select(*facts).where(Sanction.lifted_at.is_(None), Sanction.kind.in_(LASTING))
    # Of one moment, because moderators go on meanwhile.
    with snapshot() as connection:
        found: dict[int, list[Any]] = {}
        for row in connection.execute(in_force):
            found.setdefault(row.person_id, []).append(row)
        marked = or_(*(column.is_not(None) for column in columns if column.name.endswith("_until")))
        people = connection.execute(select(Person.id, *columns).where(or_(marked, Person.id.in_(found)))).all()
    return len(found), [words for row in people for words in _wrong(row, settled(found.get(row.id, ())))]


def _wrong(row: Any, wanted: dict[str, Any]) -> Iterator[str]:
    for name, value in wanted.items():
        if getattr(row, name) != value:
            yield f"person {row.id}: {name} is {getattr(row, name)}, not {value}"


def _end(sanction: SanctionFacts) -> datetime:
    return sanction.until or FOREVER
