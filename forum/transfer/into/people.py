"""Bring people in. They come without a password: an admin's one-time link lets them choose one."""

from __future__ import annotations

from sqlalchemy import insert, select

from forum.db import session
from forum.errors import Invalid
from forum.people.lookalikes import looks
from forum.people.models import NameKey, Person
from forum.people.names import check_display_name, check_username
from forum.policy import Role
from forum.transfer.into.context import ImportContext, Row
from forum.transfer.into.ids import reserved
from forum.transfer.lines import Record

# Into a site where discussions stand already, nobody comes with more rights than writing articles.
_STRANGERS = {Role.READER, Role.AUTHOR}


def import_people(context: ImportContext) -> None:
    """Match people by where they came from, and by sign-in name only where the admin says so; bring the others in."""
    for batch in context.staging.batches("person"):
        known = context.known(Person, batch)
        names = _by_name(batch) if context.same_people else {}
        new: dict[tuple[str, str], Record] = {}
        for record in batch:
            identity = context.identity(record)
            found = known.get(identity) or (names.get(record["username"]) if record.get("match", True) else None)
            if found is None:
                new.setdefault(identity, record)
                continue
            context.report.find("person")
            context.kept_people = context.kept_people and found == record["id"]
            _remember(context, record, found)
        _insert(context, list(new.values()))
        for record in batch:
            if record["key"] not in context.people:
                _remember(context, record, context.people[new[context.identity(record)]["key"]])


def _by_name(batch: list[Record]) -> dict[str, int]:
    # A WordPress name that had to be altered to be one of ours says nothing about who that is.
    wanted = [record["username"] for record in batch if record.get("match", True)]
    query = select(Person.username, Person.id).where(Person.username.in_(wanted))
    return {row.username: row.id for row in session.execute(query)}


def _insert(context: ImportContext, records: list[Record]) -> None:
    rows: list[Row] = []
    keys: dict[str, int] = {}
    for record, id in zip(records, context.new_ids(Person, records), strict=True):
        context.kept_people = context.kept_people and id == record["id"]
        row = _row(context, record, id)
        context.report.note("as-authors", int(row["role"] != record["role"]))
        if context.keep:
            keys |= {key: id for key in _free_looks(row) if key not in keys}
        else:
            _make_unlike(row, keys)
            if row["username"] != record["username"]:
                context.report.note("renamed", example=f"{record['username']} → {row['username']}")
        rows.append(row)
        _remember(context, record, id)
    if rows:
        session.execute(insert(Person), rows)
        session.execute(insert(NameKey), [{"key": key, "person_id": id} for key, id in keys.items()])
    context.report.add("person", len(rows))


def _row(context: ImportContext, record: Record, id: int) -> Row:
    row = {**context.row(record), "id": id}
    if not context.keep and row["role"] not in _STRANGERS:
        row["role"] = Role.AUTHOR
    if row["created_at"] is None:  # an author of another system
        row["created_at"] = row["approved_at"] = context.moment
    row.setdefault("former_names", [])
    return row


def _remember(context: ImportContext, record: Record, id: int) -> None:
    for key in (record["key"], record.get("also")):
        if key:
            context.people[key] = id


def _free_looks(row: Row) -> list[str]:
    wanted = _looks(row)
    taken = set(session.scalars(select(NameKey.key).where(NameKey.key.in_(wanted))))
    return sorted(wanted - taken)


def _looks(row: Row) -> set[str]:
    # Former names too: nobody takes a name that somebody else had.
    return {key for name in (row["username"], row["display_name"], *row["former_names"]) for key in looks(name)}


def _make_unlike(row: Row, keys: dict[str, int]) -> None:
    """Number a newcomer's names until nobody has such a name and the forms would take it, and note their looks."""
    username, shown, row["former_names"] = row["username"], row["display_name"], []
    if not _is_fit({**row, "username": f"{username[:34]}-2", "display_name": f"{shown[:54].strip()} 2"}):
        shown = row["display_name"] = username  # no number makes a name of a mail address or of what nobody sees
    for number in range(1, 10_000):
        if number > 1:
            row["username"], row["display_name"] = f"{username[:34]}-{number}", f"{shown[:54].strip()} {number}"
        wanted = _looks(row)
        free = not wanted & keys.keys() and len(_free_looks(row)) == len(wanted) and not _is_taken(row["username"])
        if free and _is_fit(row):
            break
    id: int = row["id"]
    keys |= dict.fromkeys(wanted, id)


def _is_fit(row: Row) -> bool:
    try:
        check_username(row["username"])
        check_display_name(row["display_name"])
    except Invalid:
        return False
    return True


def add_person(context: ImportContext, username: str, shown: str, origin: str, foreign_id: str) -> int:
    """Bring in one person who stands in no file, under a name that is free, and return their id."""
    id = reserved(Person, 1)[0]
    row: Row = {"id": id, "username": username, "display_name": shown, "role": Role.AUTHOR, "origin": origin}
    row |= {"foreign_id": foreign_id, "created_at": context.moment, "approved_at": context.moment}
    keys: dict[str, int] = {}
    _make_unlike(row, keys)
    session.execute(insert(Person), [row])
    session.execute(insert(NameKey), [{"key": key, "person_id": id} for key in keys])
    context.report.add("person")
    return id


def _is_taken(username: str) -> bool:
    return session.scalar(select(Person.id).where(Person.username == username)) is not None
