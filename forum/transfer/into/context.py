"""What the parts of an import share: where it comes from, what became of every record, and ids for new rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, tuple_

from forum.db import session
from forum.transfer.shape import read_time
from forum.transfer.spool import Record, Spool

LEAVES = 400  # values in one IN (...)


@dataclass
class Report:
    """Be what an import did, or would do: rows added and rows already here by type, and what else is worth saying."""

    dry_run: bool
    added: dict[str, int] = field(default_factory=dict)
    present: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    def add(self, type: str, number: int = 1) -> None:
        """Count rows that were added."""
        if number:
            self.added[type] = self.added.get(type, 0) + number

    def find(self, type: str, number: int = 1) -> None:
        """Count rows that were here already."""
        if number:
            self.present[type] = self.present.get(type, 0) + number

    def note(self, what: str, number: int = 1) -> None:
        """Count something the person importing should know."""
        if number:
            self.notes[what] = self.notes.get(what, 0) + number


@dataclass
class Load:
    """Be one import on its way into the database.

    `keep`: the archive's ids and origin are kept, because there is nothing here yet. `strict`: a reference to
    something absent is a damaged archive; otherwise it is mended and counted. The maps lead from a record's key
    (a name, a slug, an id of the archive) to the row here; `fresh_*` are the ids of rows that this import added.
    """

    spool: Spool
    origin: str
    keep: bool
    strict: bool
    own_origin: str
    moment: datetime
    report: Report
    fallback_author: int | None = None
    people: dict[str, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    articles: dict[str, int] = field(default_factory=dict)
    comments: dict[str, tuple[int, int]] = field(default_factory=dict)  # key -> comment, article
    closures: dict[str, int] = field(default_factory=dict)
    decisions: dict[str, int] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    fresh_articles: set[int] = field(default_factory=set)
    fresh_comments: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)  # articles whose threads have to be worked out anew
    kept_people: bool = True  # every person came with the id the archive knows them by
    chain_kept: bool = False  # the log here is the archive's, entry for entry
    _next: dict[str, int] = field(default_factory=dict)

    def identity(self, record: Record) -> tuple[str, str]:
        """Return by what a row is known to later imports: where it first came from, and its id there."""
        if record.get("origin"):
            return record["origin"], record["foreign_id"]
        return self.origin, record.get("foreign_id") or str(record["id"])

    def stamp(self, record: Record) -> dict[str, str | None]:
        """Return the origin columns of a new row: its own history where ids are kept, else its identity."""
        if self.keep:
            return {"origin": record.get("origin"), "foreign_id": record.get("foreign_id")}
        origin, foreign_id = self.identity(record)
        return {"origin": origin, "foreign_id": foreign_id}

    def known(self, model: Any, records: Iterable[Record]) -> dict[tuple[str, str], Any]:
        """Return the rows here that some records are already, by identity."""
        wanted = [self.identity(record) for record in records]
        found: dict[tuple[str, str], Any] = {}
        for start in range(0, len(wanted), LEAVES):
            part = wanted[start : start + LEAVES]
            query = select(model.origin, model.foreign_id, model.id).where(
                tuple_(model.origin, model.foreign_id).in_(part)
            )
            found |= {(row.origin, row.foreign_id): row.id for row in session.execute(query)}
        if self.origin == self.own_origin:
            found |= self._own(model, records)
        return found

    def _own(self, model: Any, records: Iterable[Record]) -> dict[tuple[str, str], Any]:
        # An archive of this very site, or of the one it was copied from: same id and same time is the same row.
        mine = {record["id"]: record for record in records if record.get("id") and not record.get("origin")}
        query = select(model.id, model.created_at).where(model.id.in_(mine), model.origin.is_(None))
        rows = session.execute(query).all() if mine else []
        same = [row.id for row in rows if read_time(mine[row.id]["created_at"]) == row.created_at]
        return {self.identity(mine[id]): id for id in same}

    def new_ids(self, model: Any, records: list[Record]) -> list[int]:
        """Return ids for new rows: the archive's where they are kept and free, else new ones."""
        if not self.keep:
            return self._reserved(model, len(records))
        wanted = [record["id"] for record in records]
        taken = set(session.scalars(select(model.id).where(model.id.in_(wanted))))
        return [self._above_all(model, records[0]["type"]) if id in taken else id for id in wanted]

    def _above_all(self, model: Any, type: str) -> int:
        name = model.__tablename__
        if name not in self._next:
            here = session.scalar(select(func.max(model.id))) or 0
            self._next[name] = max(here, self.spool.highest.get(type, 0))
        self._next[name] += 1
        return self._next[name]

    def _reserved(self, model: Any, number: int) -> list[int]:
        if session.get_bind().dialect.name == "sqlite":  # nobody else writes meanwhile
            first = (session.scalar(select(func.max(model.id))) or 0) + 1
            return list(range(first, first + number))
        sequence = f"pg_get_serial_sequence('{model.__tablename__}', 'id')"
        query = text(f"SELECT nextval({sequence}) FROM generate_series(1, :number)")  # noqa: S608 -- our own table's name
        return [int(id) for id in session.scalars(query, {"number": number})]


def set_sequences(*models: Any) -> None:
    """Let PostgreSQL go on counting above the largest id; SQLite does so by itself."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for model in models:
        name = model.__tablename__
        highest = session.scalar(select(func.max(model.id)))
        if highest:
            query = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), GREATEST(:highest, :least))")
            session.execute(query, {"name": name, "highest": highest, "least": 1})
