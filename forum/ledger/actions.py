"""Write to the log."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Executable, Table, delete, insert, select, update

from forum.db import session, write
from forum.ledger.chain import chain_digest, details_digest
from forum.ledger.models import Details, Entry, LedgerHead

_head = cast(Table, LedgerHead.__table__)
_HEAD = select(_head.c.number, _head.c.hash).with_for_update()
# Columns for the RETURNING of a write's last INSERT: they lock and read the head on the same way.
HEAD = [select(column).with_for_update().scalar_subquery() for column in (_head.c.number, _head.c.hash)]
_ENTRY, _DETAILS, _RISE = insert(Entry.__table__), insert(Details.__table__), update(_head)  # type: ignore[arg-type]


def record(
    act: str,
    at: datetime,
    *,
    actor_id: int | None = None,
    person_id: int | None = None,
    article_id: int | None = None,
    comment_id: int | None = None,
    closure_id: int | None = None,
    rule: str | None = None,
    details: Mapping[str, Any] | None = None,
    head: Sequence[Any] | None = None,
    beside: Sequence[tuple[Executable, Mapping[str, Any]]] = (),
) -> int:
    """Append one act and return its number.

    `act` is "room.verb" in the present ("comment.hide"). `details` are plain JSON and the only place for texts and
    names; they can be erased without breaking the chain. Call it last in a write: it locks the head, for which every
    other writer of the site then waits until the commit. `head` are the values of `HEAD`, where a statement of
    this write has read them. `beside` are writes that go to the database together with the entry; they may lock
    nothing that is not locked before.
    """
    salt, words = secrets.token_hex(16), dict(details or {})
    facts: dict[str, Any] = {
        "act": act,
        "at": at,
        "actor_id": actor_id,
        "person_id": person_id,
        "article_id": article_id,
        "comment_id": comment_id,
        "closure_id": closure_id,
        "rule": rule,
        "details_hash": details_digest(salt, words),
    }
    number, before = head or session.connection().execute(_HEAD).one()
    entry = {"number": number + 1, **facts}
    entry["hash"] = chain_digest(before, entry)
    told = {"number": entry["number"], "salt": salt, "details": words}
    risen = {"number": entry["number"], "hash": entry["hash"]}
    write(*beside, (_ENTRY, entry), (_DETAILS, told), (_RISE, risen))
    return int(entry["number"])


def erase_details(comment_id: int) -> None:
    """Erase what the log says in words about a comment, salt included; the entries and their chain stay."""
    numbers = select(Entry.number).where(Entry.comment_id == comment_id)
    session.execute(
        delete(Details).where(Details.number.in_(numbers)), execution_options={"synchronize_session": False}
    )
