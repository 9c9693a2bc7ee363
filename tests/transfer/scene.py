"""What the tests of transfer begin with: a site with one of everything, and ways to take it out and bring it in."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, insert, select

from forum import db
from forum.articles.models import Article, Tag
from forum.cases.models import Flag
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.models import Comment, Source
from forum.comments.recount import rebuild
from forum.comments.writing import actions as comments
from forum.db import Base
from forum.ledger import actions as ledger
from forum.policy import Actor
from forum.transfer import actions
from forum.transfer.into.ids import set_sequences
from forum.transfer.out import files
from forum.transfer.report import Report
from forum.transfer.views import draw, seal_log
from forum.transfer.wanted import Wanted
from tests.cast import Cast
from tests.moderation.scene import actor, decide, let_guests_write, report, write


def furnish(cast: Cast) -> dict[str, int]:
    """Write, answer, edit, withdraw, report, remove and close: one of everything. Returns the comments by name."""
    made = {"first": write(cast.tom, cast.article, "The **door** sticks.\n\nIt always did: \\ \u2028 😀 <b>")}
    made["answer"] = write(cast.rosa, cast.article, "Then push.", made["first"])
    made["last"] = write(cast.tom, cast.article, "I did push.", made["answer"])
    made["rude"] = write(cast.otto, cast.article, "You cannot even push a door.", made["first"])
    made["below"] = write(cast.rosa, cast.article, "Enough.", made["rude"])
    let_guests_write()
    made["guest"] = write(None, cast.article, "I came by and saw it.")
    comments.edit(actor(cast.tom), made["last"], "I did push, twice.")
    db.commit()
    report(cast.rosa, made["rude"], note="Unkind")
    decide(cast.quill, made["rude"], "hide")
    report(cast.tom, made["answer"], "other")
    report(None, made["answer"], "private", "From a guest")
    close(cast, made["answer"])
    return made


def close(cast: Cast, comment_id: int) -> None:
    """End the exchange of Tom and Rosa, and a branch until tomorrow; for Nele alone here, under a tag and everywhere.

    The site is closed in a month, for an hour, and was closed once.
    """
    db.lock(cast.article.id)
    moment, key = now(), cast.article.id
    two = {"person_a_id": cast.tom.id, "person_b_id": cast.rosa.id}
    common = {"article_id": key, "at_id": comment_id, "closed_by_id": cast.ida.id, "created_at": moment}
    db.session.add(Closure(**common, **two, words="Let the joiner decide.", took_part=True))
    db.session.flush()
    db.session.add(Closure(**common, branch_id=comment_id, words="Until tomorrow.", until=moment + timedelta(days=1)))
    db.session.flush()
    tag = db.session.scalars(select(Tag).order_by(Tag.id)).first() or Tag(slug="town", name="Town")
    db.session.add(tag)
    db.session.flush()
    alone = {"closed_by_id": cast.quill.id, "created_at": moment, "person_a_id": cast.nele.id}
    soon, wide = moment + timedelta(days=30), {"closed_by_id": cast.ada.id, "created_at": moment}
    for values in (
        {"article_id": key, "branch_id": comment_id, "words": "Not here.", **alone},
        {"tag_id": tag.id, "words": "Nor about this.", **alone},
        {"words": "Nor elsewhere.", **alone},
        {"words": "Repairs.", "begins_at": soon, "until": soon + timedelta(hours=1), **wide},
        {"tag_id": tag.id, "words": "It was enough.", "reopened_at": moment, **wide},
    ):
        db.session.add(Closure(**values))
        db.session.flush()
    ledger.record("closure.make", moment, actor_id=cast.ida.id, article_id=key, comment_id=comment_id)
    rebuild(key)
    db.commit()


def close_article(article: Article) -> None:
    """Close a whole discussion."""
    db.lock(article.id)
    db.session.add(Closure(article_id=article.id, words="Enough."))
    db.commit()


def many(article: Article, number: int, thread: int = 20, body: str = "word " * 200) -> list[int]:
    """Put so many comments under an article in one go, in chains of `thread`. Returns their ids."""
    db.lock(article.id)
    key, start = article.id, now() - timedelta(days=1)
    first = (db.session.scalar(select(func.max(Comment.id))) or 0) + 1
    ids = list(range(first, first + number))
    rows = [
        {
            "id": id,
            "article_id": key,
            "parent_id": id - 1 if (id - first) % thread else None,
            "html": f"<p>{body}</p>",
            "guest_name": f"Guest {id}",
            "status": "published",
            "created_at": start + timedelta(milliseconds=id),
        }
        for id in ids
    ]
    db.session.execute(insert(Comment), rows)
    db.session.execute(insert(Source), [{"comment_id": id, "format": "markdown", "source": body} for id in ids])
    set_sequences(Comment)
    rebuild(key)
    db.commit()
    return ids


def taken_out(slug: str | None = None, format: str = "jsonl", **wanted: Any) -> bytes:
    """Return the archive of the current site or a part of it, the log sealed before, as every export has it."""
    seal_log()
    file = io.BytesIO()
    files.write(format, Wanted(**{"article": slug or "", **wanted}), file, draw)
    return file.getvalue()


def lines(data: bytes) -> list[dict[str, Any]]:
    """Return the lines of an archive, read."""
    return [json.loads(line) for line in data.splitlines()]


def of_type(data: bytes, type: str) -> list[dict[str, Any]]:
    """Return the lines of one type."""
    return [line for line in lines(data) if line["type"] == type]


def bring_in(
    data: bytes, format: str = "jsonl", who: Actor | None = None, dry_run: bool = False, same_people: bool = False
) -> Report:
    """Import into the current site, and commit or, for a trial, roll back."""
    folder = Path(current_app.instance_path)
    try:
        made = actions.import_archive(who, format, io.BytesIO(data), folder, dry_run=dry_run, same_people=same_people)
    except Exception:
        db.rollback()
        raise
    if dry_run:
        db.rollback()
    else:
        db.commit()
    return made


def everything() -> str:
    """Return a hash of every row of every table but sessions, to see whether anything was written."""
    digest = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        if table.name != "sessions":
            rows = db.session.execute(select(table).order_by(*table.primary_key.columns))
            digest.update(repr([table.name, *map(tuple, rows)]).encode())
    db.rollback()
    return digest.hexdigest()


def altered(data: bytes, type: str, **values: Any) -> bytes:
    """Return an archive whose first line of a type has other values, with a checksum that fits."""
    records = lines(data)
    next(record for record in records if record["type"] == type).update(values)
    return sealed(records)


def sealed(records: list[dict[str, Any]]) -> bytes:
    """Return records as an archive whose counts and checksum fit."""
    counts = dict.fromkeys(records[0]["counts"], 0)
    for record in records[1:-1]:
        counts[record["type"]] = counts.get(record["type"], 0) + 1
    records[0]["counts"] = records[-1]["counts"] = counts
    written = [
        json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for record in records[:-1]
    ]
    records[-1]["sha256"] = hashlib.sha256(b"".join(written)).hexdigest()
    return b"".join([*written, json.dumps(records[-1], separators=(",", ":")).encode() + b"\n"])


def count(model: Any) -> int:
    """Return how many rows a table has."""
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


__all__ = ["Flag", "actor", "write"]
