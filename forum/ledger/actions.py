"""Write to the log."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update

from forum.db import session
from forum.ledger.chain import chain_digest, details_digest
from forum.ledger.models import Details, Entry, LedgerHead

_heads = cast(Table, LedgerHead.__table__)
# Made once: every write of the site sends these four.
_HEAD = select(_heads.c.number, _heads.c.hash).with_for_update()
_ENTRY, _DETAILS = insert(cast(Table, Entry.__table__)), insert(cast(Table, Details.__table__))
_RISE = update(_heads).values(number=bindparam("newest"), hash=bindparam("its_hash"))


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
) -> int:
    """Append one act and return its number.

    `act` is "room.verb" in the present ("comment.hide"). `details` are plain JSON and the only place for texts and
    names; they can be erased without breaking the chain. Call it last in a write: it locks the head.
    """
    connection = session.connection()
    head = connection.execute(_HEAD).one()
    salt = secrets.token_hex(16)
    entry: dict[str, Any] = {
        "number": head.number + 1,
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
    entry["hash"] = chain_digest(head.hash, entry)
    connection.execute(_ENTRY, entry)
    connection.execute(_DETAILS, {"number": entry["number"], "salt": salt, "details": dict(details or {})})
    connection.execute(_RISE, {"newest": entry["number"], "its_hash": entry["hash"]})
    return int(entry["number"])


def erase_details(comment_id: int) -> None:
    """Erase what the log says in words about a comment, salt included; the entries and their chain stay."""
    numbers = select(Entry.number).where(Entry.comment_id == comment_id)
    session.execute(
        delete(Details).where(Details.number.in_(numbers)), execution_options={"synchronize_session": False}
    )
