"""Write to the log."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, literal_column, select, update

from forum.db import session
from forum.ledger.chain import FIELDS, chained, details_digest, tail
from forum.ledger.models import Details, Entry, LedgerHead
from forum.prepared import Prepared, Write, together

_entries, _details = cast(Table, Entry.__table__), cast(Table, Details.__table__)
_head = cast(Table, LedgerHead.__table__)
_NUMBER = _head.c.number + literal_column("1")
_RISE = Prepared(
    update(_head)
    .values(number=_NUMBER, hash=chained(_head.c.hash, _NUMBER, bindparam("tail")))
    .returning(_head.c.number, _head.c.hash),
    returns=_head.name,
)
_FACTS = (*FIELDS[1:], "details_hash")
_ENTRY = Prepared(
    insert(_entries).from_select(
        ["number", "hash", *_FACTS],
        select(_head.c.number, _head.c.hash, *(bindparam(name, type_=_entries.c[name].type) for name in _FACTS)),
    )
)
_DETAILS = Prepared(
    insert(_details)
    .from_select(
        ["number", "salt", "details"],
        select(_head.c.number, bindparam("salt"), bindparam("details", type_=_details.c.details.type)),
    )
    .returning(_details.c.number)
)


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
    along: Sequence[Write] = (),
) -> int:
    """Append one act and return its number.

    `act` is "room.verb" in the present ("comment.hide"). `details` are plain JSON and the only place for texts and
    names; they can be erased without breaking the chain. Call it last in a write: it locks the head. `along` are
    writes that are sent on the same way there.
    """
    salt = secrets.token_hex(16)
    entry: dict[str, Any] = {
        "act": act,
        "at": at,
        "actor_id": actor_id,
        "person_id": person_id,
        "article_id": article_id,
        "comment_id": comment_id,
        "closure_id": closure_id,
        "rule": rule,
        "details_hash": details_digest(salt, details or {}),
    }
    words = {"salt": salt, "details": dict(details or {})}
    [[number]] = together(*along, (_RISE, {"tail": tail(entry)}), (_ENTRY, entry), (_DETAILS, words))
    return int(number)


def erase_details(comment_id: int) -> None:
    """Erase what the log says in words about a comment, salt included; the entries and their chain stay."""
    numbers = select(Entry.number).where(Entry.comment_id == comment_id)
    session.execute(
        delete(Details).where(Details.number.in_(numbers)), execution_options={"synchronize_session": False}
    )
