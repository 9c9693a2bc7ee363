"""What the steps of one import share: where the file comes from, and the ids here of what its records name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select

from forum.db import session
from forum.transfer.checks import Malformed, read_time
from forum.transfer.into.ids import highest, reserved
from forum.transfer.into.staging import Contents, Staging
from forum.transfer.lines import Record
from forum.transfer.record_types import RECORD_TYPES
from forum.transfer.report import Report

IN_ONE_STATEMENT = 400  # values in one IN (...)
Row = dict[str, Any]


@dataclass
class ImportContext:
    """One import on its way into the database; also the `fields.References` of its records.

    `keep`: the archive's ids and origin are kept, because the site is empty. The maps lead from a record's key (a
    name, a slug, an id of the archive) to the id here; `new_*` are the ids of rows that this import added.
    """

    contents: Contents
    staging: Staging
    keep: bool
    own_origin: str
    moment: datetime
    report: Report
    same_people: bool = False
    fallback_author: int | None = None
    people: dict[str, int] = field(default_factory=dict)
    held_back: dict[str, Callable[[], None]] = field(default_factory=dict)  # key -> what brings the person in
    tags: dict[str, int] = field(default_factory=dict)
    pictures: dict[str, int] = field(default_factory=dict)
    articles: dict[str, int] = field(default_factory=dict)
    comments: dict[str, tuple[int, int]] = field(default_factory=dict)  # key -> comment, article
    elsewhere: dict[int, int] = field(default_factory=dict)  # comment -> article, where it was moved to another here
    closures: dict[str, int] = field(default_factory=dict)
    decisions: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    new_articles: set[int] = field(default_factory=set)
    new_comments: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)  # articles whose threads have to be worked out anew
    kept_people: bool = True  # every person has the id that the archive knows them by
    chain_kept: bool = False  # the log here is the archive's, entry for entry
    _next: dict[str, int] = field(default_factory=dict)

    @property
    def strict(self) -> bool:
        """Tell whether a reference to something absent is a damaged archive; else it is mended and counted."""
        return self.contents.keeps_ids

    def person(self, name: str) -> int | None:
        """Return the id of a person; None for an unknown one of a file that is not strict. Raises Malformed.

        Who was held back is brought in, for only what is new here asks.
        """
        if name in self.held_back:
            self.held_back[name]()
        if name not in self.people and self.strict:
            raise Malformed(_("it names %(name)s, who is nowhere defined", name=repr(name)))
        return self.people.get(name)

    def article(self, slug: str) -> int:
        """Return the id of an article. Raises Malformed."""
        if slug not in self.articles:
            raise Malformed(_("it names the article %(name)s, which is missing", name=repr(slug)))
        return self.articles[slug]

    def comment(self, id: int) -> int:
        """Return the id of a comment. Raises Malformed."""
        if str(id) not in self.comments:
            raise Malformed(_("it names comment %(id)s, which is missing", id=id))
        return self.comments[str(id)][0]

    def picture(self, hash: str) -> int:
        """Return the id of a picture. Raises Malformed."""
        if hash not in self.pictures:
            raise Malformed(_("it names the picture %(name)s, which is missing", name=repr(hash)))
        return self.pictures[hash]

    def tag(self, slug: str) -> int:
        """Return the id of a tag. Raises Malformed."""
        if slug not in self.tags:
            raise Malformed(_("it names the tag %(name)s, which is missing", name=repr(slug)))
        return self.tags[slug]

    def decision(self, id: int) -> int | None:
        """Return the id of a decision, None for one that did not come in."""
        return self.decisions.get(str(id))

    def case(self, id: int) -> int | None:
        """Return the id of a case, None for one that did not come in."""
        return self.cases.get(str(id))

    def row(self, record: Record, model: Any = None) -> Row:
        """Return the row that a record becomes, without its id. Raises Malformed, naming the record."""
        try:
            row = RECORD_TYPES[record["type"]].row(record, self, model)
        except Malformed as error:
            raise Malformed(f"{record['type']} {record['key']!r}: {error}") from error
        if "origin" in row:
            row |= self._stamp(record)
        if "html" in record and model is None:
            row["html"] = record["html"]
        return row

    def insert(self, type: str, records: list[Record], read: int) -> list[Row]:
        """Write records under new ids and count them, and as present the others of `read`. Returns the rows."""
        model = RECORD_TYPES[type].model
        ids = self.new_ids(model, records)
        rows = [{**self.row(record), "id": id} for record, id in zip(records, ids, strict=True)]
        if rows:
            session.execute(insert(model), rows)
        self.report.add(type, len(rows))
        self.report.find(type, read - len(rows))
        return rows

    def is_new(self, comment_id: int) -> bool:
        """Tell whether a comment of the archive is one that this import added. Raises Malformed where it is missing."""
        return self.comment(comment_id) in self.new_comments

    def identity(self, record: Record) -> tuple[str, str]:
        """Return by what a row is known to later imports: where it first came from, and its id there."""
        if record.get("origin"):
            return record["origin"], record["foreign_id"]
        return self.contents.origin, record.get("foreign_id") or str(record["id"])

    def known(self, model: Any, records: Iterable[Record]) -> dict[tuple[str, str], Any]:
        """Return the ids of the rows here that some records are already, by identity.

        A number that something else here has (a blog was begun anew at the same address) is not a record's identity:
        it gets its other one.
        """
        records = list(records)
        found = self._rows(model, [self.identity(record) for record in records])
        others = []
        for record in records:
            if (row := found.get(self.identity(record))) and not _is_it(record, row):
                self.report.note("numbers", example=record.get("title") or record.get("guest") or "")
                record["foreign_id"] = record["other_id"]
                others.append(self.identity(record))
        found |= self._rows(model, others)
        ids = {identity: row.id for identity, row in found.items()}
        if self.contents.origin == self.own_origin:
            ids |= self._own(model, records)
        return ids

    def new_ids(self, model: Any, records: list[Record]) -> list[int]:
        """Return ids for new rows: the archive's where they are kept and free, else new ones."""
        if not records:
            return []
        if not self.keep:
            return reserved(model, len(records))
        wanted = [record["id"] for record in records]
        taken = set(session.scalars(select(model.id).where(model.id.in_(wanted))))
        return [self._above_all(model, records[0]["type"]) if id in taken else id for id in wanted]

    def _stamp(self, record: Record) -> dict[str, str | None]:
        """Return the origin columns of a new row: its own history where ids are kept, else its identity."""
        if self.keep:
            return {"origin": record.get("origin"), "foreign_id": record.get("foreign_id")}
        origin, foreign_id = self.identity(record)
        return {"origin": origin, "foreign_id": foreign_id}

    def _rows(self, model: Any, identities: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]:
        """Return the rows that some identities have here."""
        wanted: dict[str, list[str]] = {}
        for origin, foreign_id in identities:
            wanted.setdefault(origin, []).append(foreign_id)
        found: dict[tuple[str, str], Any] = {}
        for origin, ids in wanted.items():
            for start in range(0, len(ids), IN_ONE_STATEMENT):
                part = ids[start : start + IN_ONE_STATEMENT]
                query = select(model).where(model.origin == origin, model.foreign_id.in_(part))
                found |= {(origin, row.foreign_id): row for row in session.scalars(query)}
        return found

    def _own(self, model: Any, records: Iterable[Record]) -> dict[tuple[str, str], Any]:
        # An archive of this very site, or of the one it was copied from: same id and same time is the same row.
        mine = {record["id"]: record for record in records if record.get("id") and not record.get("origin")}
        query = select(model.id, model.created_at).where(model.id.in_(mine), model.origin.is_(None))
        rows = session.execute(query).all() if mine else []
        same = [row.id for row in rows if read_time(mine[row.id]["created_at"]) == row.created_at]
        return {self.identity(mine[id]): id for id in same}

    def _above_all(self, model: Any, type: str) -> int:
        name = model.__tablename__
        if name not in self._next:
            self._next[name] = max(highest(model), self.staging.highest.get(type, 0))
        self._next[name] += 1
        return self._next[name]


def _is_it(record: Record, row: Any) -> bool:
    """Tell whether a row of the same number is what a record of another system says: by its time or its title."""
    if "other_id" not in record or record["foreign_id"] == record["other_id"] or record["created_at"] is None:
        return True
    return read_time(record["created_at"]) == row.created_at or ("title" in record and record["title"] == row.title)
