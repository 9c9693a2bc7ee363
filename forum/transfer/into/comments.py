"""Bring comments in, with their parents, earlier versions and closures; what is derived is worked out afterwards."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, update

from forum.closures.models import Closure
from forum.comments.models import Comment, Revision, Source
from forum.db import session
from forum.text import RENDERER_VERSION
from forum.transfer.loading import Load
from forum.transfer.shape import Malformed, read_time
from forum.transfer.spool import Record

Pending = list[tuple[int, int, str]]  # comment, article, key of the parent


def load_comments(load: Load) -> None:
    """Bring in the comments that are not here yet, then hang those whose parent came later."""
    pending: Pending = []
    for batch in load.spool.batches("comment"):
        batch = [record for record in batch if _has_article(load, record)]
        known = {} if load.keep else load.known(Comment, batch)
        new: dict[tuple[str, str], Record] = {}
        for record in batch:
            identity = load.identity(record)
            if identity not in known and identity not in new:
                new[identity] = record
        load.report.find("comment", len(batch) - len(new))
        records = list(new.values())
        ids = load.new_ids(Comment, records) if records else []
        # First all keys, so that within a batch the order does not matter.
        for record, id in zip(records, ids, strict=True):
            load.comments[record["key"]] = (id, load.articles[record["article"]])
        for identity, id in known.items():
            _remember_known(load, batch, identity, id)
        _insert(load, list(zip(ids, records, strict=True)), pending)
    _hang(load, pending)


def load_revisions(load: Load) -> None:
    """Bring in the earlier versions of the comments that came."""
    for batch in load.spool.batches("revision"):
        records = [record for record in batch if is_fresh(load, record["comment"])]
        rows = [
            {
                "id": id,
                "comment_id": load.comments[str(record["comment"])][0],
                "format": record["format"],
                "source": record["source"],
                "editor_id": person(load, record["editor"]),
                "replaced_at": read_time(record["replaced_at"]),
                "erased_at": read_time(record["erased_at"]),
            }
            for id, record in zip(load.new_ids(Revision, records) if records else [], records, strict=True)
        ]
        if rows:
            session.execute(insert(Revision), rows)
        load.report.add("revision", len(rows))
        load.report.find("revision", len(batch) - len(rows))


def load_closures(load: Load) -> None:
    """Bring in the closures that belong to articles or comments that came."""
    for batch in load.spool.batches("closure"):
        records = [record for record in batch if _comes_along(load, record)]
        rows = []
        for id, record in zip(load.new_ids(Closure, records) if records else [], records, strict=True):
            rows.append({"id": id, **_closure(load, record)})
            load.closures[str(record["id"])] = id
            load.touched.add(rows[-1]["article_id"])
        if rows:
            session.execute(insert(Closure), rows)
        load.report.add("closure", len(rows))
        load.report.find("closure", len(batch) - len(rows))


def is_fresh(load: Load, comment_id: int) -> bool:
    """Tell whether a comment of the archive is one that this import added. Raises Malformed where there is none."""
    if str(comment_id) not in load.comments:
        raise Malformed(f"comment {comment_id} is spoken of but missing")
    return load.comments[str(comment_id)][0] in load.fresh_comments


def person(load: Load, name: str | None) -> int | None:
    """Return whom a name of the archive means. Raises Malformed where it is nowhere defined."""
    if name is None:
        return None
    if name not in load.people:
        raise Malformed(f"{name!r} is spoken of but nowhere defined")
    return load.people[name]


def _has_article(load: Load, record: Record) -> bool:
    if record["article"] in load.articles:
        return True
    if load.strict:
        raise Malformed(f"comment {record['key']} is under {record['article']!r}, which is missing")
    load.report.note("no-article")
    return False


def _remember_known(load: Load, batch: list[Record], identity: tuple[str, str], id: int) -> None:
    for record in batch:
        if load.identity(record) == identity:
            load.comments[record["key"]] = (id, load.articles[record["article"]])


def _insert(load: Load, records: list[tuple[int, Record]], pending: Pending) -> None:
    rows, sources = [], []
    here = {id for id, _ in records}
    for id, record in records:
        row = _row(load, record, id)
        above = load.comments.get(record["parent"]) if record["parent"] else None
        if record["parent"]:
            # A parent in this very batch may stand behind its reply, so it waits too, unless its id is known to be in.
            if above and above[0] not in here and above[1] == row["article_id"]:
                row["parent_id"] = load.parents[id] = above[0]
            else:
                pending.append((id, row["article_id"], record["parent"]))
        rows.append(row)
        if record["source"] is not None:
            sources.append({"comment_id": id, "format": record["format"], "source": record["source"]})
        load.fresh_comments.add(id)
        load.touched.add(row["article_id"])
    if rows:
        session.execute(insert(Comment), rows)
    if sources:
        session.execute(insert(Source), sources)
    load.report.add("comment", len(rows))


def _row(load: Load, record: Record, id: int) -> dict[str, Any]:
    author, guest = record.get("author"), record.get("guest")
    author_id = load.people.get(author) if author else None
    if author and author_id is None and load.strict:
        raise Malformed(f"comment {record['key']} is by {author!r}, who is nowhere defined")
    return {
        "id": id,
        "article_id": load.articles[record["article"]],
        "parent_id": None,
        "author_id": author_id,
        "guest_name": None if author_id else guest,
        "html": record["html"],
        "renderer_version": RENDERER_VERSION,
        "status": record["status"],
        "held_reason": record.get("held_reason"),
        "rule": record.get("rule"),
        "created_at": read_time(record["created_at"]) or load.moment,
        "edited_at": read_time(record["edited_at"]),
        "withdrawn_at": read_time(record.get("withdrawn_at")),
        "foreign_parent_id": record.get("foreign_parent_id") or (None if load.keep else record["parent"]),
        **load.stamp(record),
    }


def _hang(load: Load, pending: Pending) -> None:
    """Give the comments that wait their parents; what has none becomes a thread of its own."""
    for id, article_id, key in pending:
        above = load.comments.get(key)
        if above and above[1] == article_id:
            load.parents[id] = above[0]
        elif load.strict:
            raise Malformed(f"a comment answers comment {key}, which is not under the same article")
        else:
            load.report.note("orphans")
    for id in _closing_circles(load.parents) if pending else ():
        if load.strict:
            raise Malformed(f"comment {id} answers itself, by way of others")
        del load.parents[id]
        load.report.note("circles")
    hung = [{"row": id, "above": load.parents[id]} for id, _, _ in pending if id in load.parents]
    if hung:
        table: Any = Comment.__table__
        statement = update(table).where(table.c.id == bindparam("row")).values(parent_id=bindparam("above"))
        session.connection().execute(statement, hung)


def _closing_circles(parents: dict[int, int]) -> list[int]:
    """Return one comment of every circle of replies; without it there is none."""
    done: set[int] = set()
    found = []
    for start in parents:
        path: dict[int, None] = {}
        here: int | None = start
        while here is not None and here not in done and here not in path:
            path[here] = None
            here = parents.get(here)
        if here is not None and here in path:
            found.append(here)
        done.update(path)  # not "|=": with a view of keys that copies the whole set
    return found


def _comes_along(load: Load, record: Record) -> bool:
    if record["article"] not in load.articles:
        raise Malformed(f"closure {record['id']} is of {record['article']!r}, which is missing")
    places = [is_fresh(load, id) for id in (record["branch"], record["at"]) if id]
    return load.articles[record["article"]] in load.fresh_articles or any(places)


def _closure(load: Load, record: Record) -> dict[str, Any]:
    people = [person(load, name) for name in record["people"]]
    if len(people) not in (0, 2):
        raise Malformed(f"closure {record['id']} is between {len(people)} people")
    first, second = people or (None, None)
    moments = ("once_used_at", "created_at", "until", "lapsed_at", "reopened_at")
    return {
        **{name: record[name] for name in ("words", "note", "took_part", "staff_may", "reopen_reason")},
        **{name: read_time(record[name]) for name in moments},
        "article_id": load.articles[record["article"]],
        "branch_id": load.comments[str(record["branch"])][0] if record["branch"] else None,
        "at_id": load.comments[str(record["at"])][0] if record["at"] else None,
        "person_a_id": first,
        "person_b_id": second,
        "closed_by_id": person(load, record["closed_by"]),
        "once_id": person(load, record["once"]),
        "reopened_by_id": person(load, record["reopened_by"]),
        **load.stamp(record),
    }
