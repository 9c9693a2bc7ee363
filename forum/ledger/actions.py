"""Write to the log, and seal what was written."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Executable, Table, bindparam, insert, select, update

from forum import db
from forum.db import session, write
from forum.ledger.chain import chain_digest, details_digest
from forum.ledger.models import Entry, LedgerHead

AT_ONCE = 500  # entries sealed in one transaction: some 10 ms, in which SQLite lets nobody else write
_head, _entries = cast(Table, LedgerHead.__table__), cast(Table, Entry.__table__)
_ENTRY, _RISE = insert(_entries).inline(), update(_head)  # inline: nobody asks for the id, and a pipeline has none yet
# The worker that seals holds the head; another worker goes on without waiting.
_HEAD = select(_head.c.number, _head.c.hash).with_for_update(skip_locked=True)
_UNSEALED = select(_entries).where(_entries.c.number.is_(None)).order_by(_entries.c.id)
_SEAL = (
    update(_entries)
    .where(_entries.c.id == bindparam("entry"))
    .values(number=bindparam("place"), hash=bindparam("digest"))
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
    beside: Sequence[tuple[Executable, Mapping[str, Any]]] = (),
) -> None:
    """Append one act, in the transaction of the act. `seal()` puts it into the chain later.

    `act` is "room.verb" in the present ("comment.hide"). `details` are plain JSON and the only place for texts and
    names; they can be erased without breaking the chain. `beside` are writes that go to the database together with the
    entry; they may lock nothing that is not locked before.
    """
    salt, words = secrets.token_hex(16), dict(details or {})
    entry: dict[str, Any] = {
        "act": act,
        "at": at,
        "actor_id": actor_id,
        "person_id": person_id,
        "article_id": article_id,
        "comment_id": comment_id,
        "closure_id": closure_id,
        "rule": rule,
        "details_hash": details_digest(salt, words),
        "salt": salt,
        "details": words,
    }
    write(*beside, (_ENTRY, entry))


def seal(most: int | None = AT_ONCE) -> int:
    """Give the oldest entries without a seal theirs, and return how many; None seals all.

    An entry's number and hash follow from the entry sealed before it, so the order of the chain is the order of
    sealing. The worker calls it, so that no write waits for the newest entry of the whole site.
    """
    if session.execute(_UNSEALED.with_only_columns(_entries.c.id).limit(1)).first() is None:
        return 0
    db.lock()
    head = session.execute(_HEAD).one_or_none()
    waiting = session.execute(_UNSEALED.limit(most)).all() if head else []
    if head and waiting:
        seals, last = [], head.hash
        for number, entry in enumerate(waiting, head.number + 1):
            last = chain_digest(last, {**entry._mapping, "number": number})
            seals.append({"entry": entry.id, "place": number, "digest": last})
        session.connection().execute(_SEAL, seals)
        session.execute(_RISE.values(number=head.number + len(waiting), hash=last))
    return len(waiting)


def erase_details(comment_id: int, acts: Collection[str] = ()) -> None:
    """Erase what the log says in words about a comment, or in some acts about it, salt included; the chain stays."""
    about = update(Entry).where(Entry.comment_id == comment_id, Entry.salt.is_not(None))
    about = about.where(Entry.act.in_(acts)) if acts else about
    session.execute(about.values(salt=None, details=None), execution_options={"synchronize_session": False})


def erase_article_words(article_id: int, words: str) -> None:
    """Erase what the log says about an article where it says just these words, salt included; the chain stays."""
    # Acts about the article itself: those about its comments may be very many, and do not have its words.
    of_it = Entry.article_id == article_id, Entry.act.startswith("article."), Entry.salt.is_not(None)
    rows = session.execute(select(Entry.id, Entry.details).where(*of_it))
    ids = [id for id, details in rows if words in (details or {}).values()]
    blank = update(Entry).where(Entry.id.in_(ids)).values(salt=None, details=None)
    session.execute(blank, execution_options={"synchronize_session": False})
