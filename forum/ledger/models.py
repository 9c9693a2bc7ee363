"""Tables of the log. An entry is never changed; what it says about people stands beside it and can be erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.db import Base, Id, Moment

GENESIS = "0" * 64  # what the first entry's chain hangs on


class LedgerHead(Base):
    """The one row that every writer locks last: the number and hash of the newest entry."""

    __tablename__ = "ledger_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Id, default=0)
    hash: Mapped[str] = mapped_column(String(64), default=GENESIS)


class Entry(Base):
    """One act: ids, the act's name, the time, and a salted hash of its details.

    Triggers refuse every UPDATE and DELETE. The ids carry no foreign keys: they outlive what they name.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (Index("ix_ledger_entries_comment", "comment_id"), Index("ix_ledger_entries_act", "act", "number"))

    number: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    act: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Moment)
    actor_id: Mapped[int | None] = mapped_column(Id)
    person_id: Mapped[int | None] = mapped_column(Id)
    article_id: Mapped[int | None] = mapped_column(Id)
    comment_id: Mapped[int | None] = mapped_column(Id)
    closure_id: Mapped[int | None] = mapped_column(Id)
    rule: Mapped[str | None] = mapped_column(String(300))
    details_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Details(Base):
    """The words of an entry; erased with its salt, it leaves the chain whole and nothing to guess from."""

    __tablename__ = "ledger_details"

    number: Mapped[int] = mapped_column(ForeignKey("ledger_entries.number"), primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(String(32))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
