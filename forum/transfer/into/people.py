"""Bring people in. They come without a password: an admin's one-time link lets them choose one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from sqlalchemy import insert, select

from forum.db import session
from forum.errors import Invalid
from forum.people.lookalikes import looks
from forum.people.models import NameKey, Person
from forum.people.names import check_display_name, check_username
from forum.policy import Role
from forum.transfer.checks import read_time
from forum.transfer.into.accounts import Identity, stand_in, unused
from forum.transfer.into.context import ImportContext, Row
from forum.transfer.into.ids import reserved
from forum.transfer.lines import Record

# Into a site where discussions stand already, nobody comes with more rights than writing articles.
_STRANGERS = {Role.READER, Role.AUTHOR}


def import_people(context: ImportContext) -> None:
    """Match people by where they came from, and by sign-in name only where the admin says so; bring the others in.

    A person of the file who would be an account that somebody uses is held back until something new names them.
    """
    for batch in context.staging.batches("person"):
        known = context.known(Person, batch)
        known |= _renumbered(context, [record for record in batch if context.identity(record) not in known])
        names = _by_name(batch) if context.same_people else {}
        free = unused(known.values())
        new: dict[tuple[str, str], Record] = {}
        for record in batch:
            identity = context.identity(record)
            found = known.get(identity) or (names.get(record["username"]) if record.get("match", True) else None)
            if found is None:
                new.setdefault(identity, record)
            elif context.same_people or found in free:
                context.report.find("person")
                context.kept_people = context.kept_people and found == record["id"]
                _remember(context, record, found)
            else:
                _hold_back(context, record)
        _insert(context, list(new.values()))
        for record in batch:
            if (other := new.get(context.identity(record))) and record["key"] not in context.people:
                _remember(context, record, context.people[other["key"]])


def count_held_back(context: ImportContext) -> None:
    """Count as present whom nothing new named."""
    context.report.find("person", len({id(admit) for admit in context.held_back.values()}))


def _hold_back(context: ImportContext, record: Record) -> None:
    context.kept_people = False
    keys = _keys(record)

    def admit() -> None:
        for key in keys:
            context.held_back.pop(key, None)
        (origin, foreign_id), found = stand_in(context.identity(record))
        if found is None:
            _insert(context, [{**record, "origin": origin, "foreign_id": foreign_id}])
        else:
            context.report.find("person")
            _remember(context, record, found)

    context.held_back |= dict.fromkeys(keys, admit)


def _renumbered(context: ImportContext, batch: list[Record]) -> dict[Identity, int]:
    """Return those whom an archive of this very site brought, and who got another number: an admin had theirs."""
    if context.contents.origin != context.own_origin:
        return {}
    wanted = {record["username"]: record for record in batch if not record.get("origin")}
    query = select(Person.username, Person.id, Person.created_at)
    rows = session.execute(query.where(Person.username.in_(wanted), Person.origin.is_(None)))
    return {
        context.identity(wanted[row.username]): row.id
        for row in rows
        if read_time(wanted[row.username]["created_at"]) == row.created_at
    }


def _by_name(batch: list[Record]) -> dict[str, int]:
    # A WordPress name that had to be altered to be one of ours says nothing about who that is.
    wanted = [record["username"] for record in batch if record.get("match", True)]
    query = select(Person.username, Person.id).where(Person.username.in_(wanted))
    return {row.username: row.id for row in session.execute(query)}


def _insert(context: ImportContext, records: list[Record]) -> None:
    rows: list[Row] = []
    keys: dict[str, int] = {}
    given: set[str] = set()
    came = set(context.people.values())
    for record, id in zip(records, context.new_ids(Person, records), strict=True):
        context.kept_people = context.kept_people and id == record["id"]
        row = _row(context, record, id)
        context.report.note("as-authors", int(row["role"] != record["role"]))
        if context.keep and not _is_somebodys(row, given, came):
            keys |= {key: id for key in _free_looks(row) if key not in keys}
        else:
            _make_unlike(row, keys)
            if row["username"] != record["username"]:
                context.report.note("renamed", example=f"{record['username']} → {row['username']}")
        rows.append(row)
        given.add(row["username"])
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
    context.people |= dict.fromkeys(_keys(record), id)


def _keys(record: Record) -> list[str]:
    return [key for key in (record["key"], record.get("also")) if key]


def _is_somebodys(row: Row, given: set[str], came: set[int]) -> bool:
    """Tell whether a name is, or looks like, that of a person who is no other of the archive's people."""
    if row["username"] in given or _is_taken(row["username"]):
        return True
    owners = set(session.scalars(select(NameKey.person_id).where(NameKey.key.in_(_looks(row)))))
    return not owners <= came


def _free_looks(row: Row) -> list[str]:
    wanted = _looks(row)
    taken = set(session.scalars(select(NameKey.key).where(NameKey.key.in_(wanted))))
    return sorted(wanted - taken)


def _looks(row: Row) -> set[str]:
    # Former names too: nobody takes a name that somebody else had.
    return {key for name in (row["username"], row["display_name"], *row["former_names"]) for key in looks(name)}


def _make_unlike(row: Row, keys: dict[str, int]) -> None:
    """Number a newcomer's names until nobody has such a name and the forms would take it, and note their looks.

    Each is numbered only where it has to be: on every other blog somebody signs in as "admin", who is called otherwise.
    """
    id: int = row["id"]
    username, shown, row["former_names"] = row["username"], row["display_name"], []
    if not _is_fit(check_username, f"{username[:34]}-2"):
        username = f"author-{id}"
    if not _is_fit(check_display_name, f"{shown[:54].strip()} 2"):
        # No number makes a name of a mail address or of what nobody sees, nor of "ida-admin".
        shown = username if _is_fit(check_display_name, f"{username[:54]} 2") else f"author-{id}"
    row["username"] = next(
        name
        for name in _numbered(username, username[:34], "-")
        if _is_free(name, keys) and _is_fit(check_username, name) and not _is_taken(name)
    )
    names = _numbered(shown, shown[:54].strip(), " ")
    if row["username"] != username and looks(shown) & looks(username):
        next(names)  # it is the name that is taken
    row["display_name"] = next(name for name in names if _is_free(name, keys) and _is_fit(check_display_name, name))
    keys |= dict.fromkeys(_looks(row), id)


def _numbered(name: str, begin: str, between: str) -> Iterator[str]:
    return itertools.chain([name], (f"{begin}{between}{number}" for number in itertools.count(2)))


def _is_free(name: str, keys: dict[str, int]) -> bool:
    wanted = looks(name)
    query = select(NameKey.key).where(NameKey.key.in_(wanted)).limit(1)
    return not wanted & keys.keys() and session.scalar(query) is None


def _is_fit(check: Callable[[str], object], name: str) -> bool:
    try:
        check(name)
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
