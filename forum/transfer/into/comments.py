"""Bring comments in, with their texts; their place in the thread is worked out afterwards."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import insert, select

from forum.articles.models import Article
from forum.comments.models import Comment, Source
from forum.db import engine, session
from forum.text.rendering import RENDERER_VERSION
from forum.transfer.checks import Malformed
from forum.transfer.into.context import ImportContext, Row
from forum.transfer.into.parents import Parents
from forum.transfer.lines import Record

# The tables themselves: the ORM takes longer over a row than the database does.
_TABLE: Any = Comment.__table__
_INSERT = insert(_TABLE)
# What returns something is sent as a few statements of many rows each. On SQLite triggers make each statement three
# times as dear; psycopg takes longer to read such a statement than PostgreSQL to do many.
_INSERT_ON_SQLITE = _INSERT.returning(_TABLE.c.id)
_INSERT_SOURCES = insert(cast(Any, Source.__table__))


def import_comments(context: ImportContext) -> None:
    """Bring in the comments that are not here yet, then give a parent to those whose parent came later."""
    parents = Parents(context)
    for batch in context.staging.batches("comment"):
        batch = [record for record in batch if _has_article(context, record)]
        known = {} if context.keep else context.known(Comment, batch)
        identities = [context.identity(record) for record in batch]
        new: dict[tuple[str, str], Record] = {}
        for record, identity in zip(batch, identities, strict=True):
            if identity not in known and identity not in new:
                new[identity] = record
        context.report.find("comment", len(batch) - len(new))
        ids = context.new_ids(Comment, list(new.values()))
        # First all keys, so that within a batch the order does not matter.
        for record, id in zip(new.values(), ids, strict=True):
            context.comments[record["key"]] = (id, context.articles[record["article"]])
        stands = _articles_of(known.values())
        for record, identity in zip(batch, identities, strict=True):
            if identity in known:
                id, article_id = known[identity], context.articles[record["article"]]
                context.comments[record["key"]] = (id, article_id)
                if stands[id] != article_id:
                    context.elsewhere[id] = stands[id]
        _insert(context, dict(zip(ids, new.values(), strict=True)), parents)
    parents.finish()


def _articles_of(ids: Collection[int]) -> dict[int, int]:
    """Return the articles under which comments stand here, which may have been moved since they came in."""
    rows = session.execute(select(Comment.id, Comment.article_id).where(Comment.id.in_(ids)))
    return {row.id: row.article_id for row in rows}


def _has_article(context: ImportContext, record: Record) -> bool:
    if record["article"] in context.articles:
        return True
    if context.strict:
        named = {"id": record["key"], "article": repr(record["article"])}
        raise Malformed(_("comment %(id)s is under %(article)s, which is missing", **named))
    context.report.note("no-article", example=f"{record['guest']}, {record['foreign_id']}")
    return False


def _insert(context: ImportContext, records: dict[int, Record], parents: Parents) -> None:
    rows, sources, later = [], [], set(records)
    for id, record in records.items():
        row = _row(context, record, id)
        if record["parent"]:
            row["parent_id"] = parents.of(row, record["parent"], later)
        later.discard(id)
        rows.append(row)
        if record["source"] is not None:
            sources.append({**context.row(record, Source), "comment_id": id})
        context.new_comments.add(id)
        context.touched.add(row["article_id"])
    if rows:
        is_sqlite = engine().dialect.name == "sqlite"
        session.connection().execute(_INSERT_ON_SQLITE if is_sqlite else _INSERT, rows).close()
    if sources:
        session.connection().execute(_INSERT_SOURCES, sources)
    context.report.add("comment", len(rows))


def _row(context: ImportContext, record: Record, id: int) -> Row:
    row = {**context.row(record), "id": id, "renderer_version": RENDERER_VERSION}
    if row["author_id"] is not None:
        row["guest_name"] = None
    if row["created_at"] is None:
        written = session.scalar(select(Article.created_at).where(Article.id == row["article_id"]))
        row["created_at"] = written or context.moment
    if not context.keep:
        row["foreign_parent_id"] = row["foreign_parent_id"] or record["parent"]
    return row
