"""Tables of the log. An entry is written once, sealed once, and never changed but for words that are erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.db import Base, Id, Moment, partial_index

GENESIS = "0" * 64  # what the first entry's chain hangs on


class LedgerHead(Base):
    """The number and hash of the newest sealed entry: one row, which `actions.seal()` locks."""

    __tablename__ = "ledger_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Id, default=0)
    hash: Mapped[str] = mapped_column(String(64), default=GENESIS)


class Entry(Base):
    """One act: ids, the act's name, the time, and a salted hash of its details.

    `number` and `hash` are its seal: its place in the chain, None until `actions.seal()` gave it one. `details` hold
    texts and names; erased with their salt, they leave the chain whole and nothing to guess from. Triggers refuse every
    other change. The ids carry no foreign keys: they outlive what they name.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ix_ledger_entries_comment", "comment_id"),
        Index("ix_ledger_entries_act", "act", "id"),
        partial_index("ix_ledger_entries_staff", "id", where="act <> 'comment.post'"),
        partial_index("ix_ledger_entries_unsealed", "id", where="number IS NULL"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    act: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Moment)
    actor_id: Mapped[int | None] = mapped_column(Id)
    person_id: Mapped[int | None] = mapped_column(Id)
    article_id: Mapped[int | None] = mapped_column(Id)
    comment_id: Mapped[int | None] = mapped_column(Id)
    closure_id: Mapped[int | None] = mapped_column(Id)
    rule: Mapped[str | None] = mapped_column(String(300))
    details_hash: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str | None] = mapped_column(String(32))
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    number: Mapped[int | None] = mapped_column(Id, unique=True)
    hash: Mapped[str | None] = mapped_column(String(64))
