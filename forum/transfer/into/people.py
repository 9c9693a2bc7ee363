"""Bring people in. They come without a password: an admin's one-time link lets them choose one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from forum.db import session
from forum.people.lookalikes import looks
from forum.people.models import NameKey, Person
from forum.policy import Role
from forum.transfer.loading import Load
from forum.transfer.shape import read_time
from forum.transfer.spool import Record

# Into a site where discussions stand already, nobody comes with more rights than writing articles.
_STRANGERS = {Role.READER, Role.AUTHOR}
_MOMENTS = ("renamed_at", "approved_at", "suspended_until", "deactivated_at", "notices_seen_at")


def load_people(load: Load) -> None:
    """Match people by where they came from, then by sign-in name; bring the others in."""
    for batch in load.spool.batches("person"):
        known = load.known(Person, batch)
        names = _by_name(batch)
        new: dict[tuple[str, str], Record] = {}
        for record in batch:
            identity = load.identity(record)
            found = known.get(identity) or (names.get(record["username"]) if record.get("match", True) else None)
            if found is None:
                new.setdefault(identity, record)
                continue
            load.report.find("person")
            load.kept_people = load.kept_people and found == record["id"]
            _remember(load, record, found)
        _insert(load, list(new.values()))
        for record in batch:
            if record["key"] not in load.people:
                _remember(load, record, load.people[new[load.identity(record)]["key"]])


def _by_name(batch: list[Record]) -> dict[str, int]:
    # A WordPress name that had to be altered to be one of ours says nothing about who that is.
    wanted = [record["username"] for record in batch if record.get("match", True)]
    query = select(Person.username, Person.id).where(Person.username.in_(wanted))
    return {row.username: row.id for row in session.execute(query)}


def _insert(load: Load, records: list[Record]) -> None:
    rows: list[dict[str, Any]] = []
    keys: dict[str, int] = {}
    for record, id in zip(records, load.new_ids(Person, records) if records else [], strict=True):
        load.kept_people = load.kept_people and id == record["id"]
        row = _row(load, record, id)
        load.report.note("as-authors", int(row["role"] != record["role"]))
        if load.keep:
            keys |= {key: id for key in _free_looks(row) if key not in keys}
        else:
            _make_unlike(row, keys)
        rows.append(row)
        _remember(load, record, id)
    if rows:
        session.execute(insert(Person), rows)
        session.execute(insert(NameKey), [{"key": key, "person_id": id} for key, id in keys.items()])
    load.report.add("person", len(rows))


def _row(load: Load, record: Record, id: int) -> dict[str, Any]:
    role = record["role"]
    return {
        "id": id,
        "username": record["username"],
        "display_name": record["display_name"],
        "role": role if load.keep or role in _STRANGERS else Role.AUTHOR,
        "about": record.get("about", ""),
        "hides_comments": record.get("hides_comments", False),
        "created_at": read_time(record["created_at"]) or load.moment,
        "former_names": record.get("former_names", []),
        "suspension_reason": record.get("suspension_reason", ""),
        **{name: read_time(record.get(name)) for name in _MOMENTS},
        **({"approved_at": load.moment} if record["created_at"] is None else {}),  # an author of another system
        **load.stamp(record),
    }


def _remember(load: Load, record: Record, id: int) -> None:
    for key in (record["key"], record.get("also")):
        if key:
            load.people[key] = id


def _free_looks(row: dict[str, Any]) -> list[str]:
    wanted = _looks(row)
    taken = set(session.scalars(select(NameKey.key).where(NameKey.key.in_(wanted))))
    return sorted(wanted - taken)


def _looks(row: dict[str, Any]) -> set[str]:
    # Former names too: nobody becomes who they were.
    return {key for name in (row["username"], row["display_name"], *row["former_names"]) for key in looks(name)}


def _make_unlike(row: dict[str, Any], keys: dict[str, int]) -> None:
    """Number a newcomer's names until nobody here has such a name, and note their looks."""
    username, shown, row["former_names"] = row["username"], row["display_name"], []
    for number in range(1, 10_000):
        if number > 1:
            row["username"], row["display_name"] = f"{username[:54]}-{number}", f"{shown[:74]} {number}"
        wanted = _looks(row)
        if not wanted & keys.keys() and len(_free_looks(row)) == len(wanted) and not _is_taken(row["username"]):
            break
    keys |= dict.fromkeys(wanted, row["id"])


def _is_taken(username: str) -> bool:
    return session.scalar(select(Person.id).where(Person.username == username)) is not None
