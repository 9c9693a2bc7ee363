"""Read the rows of an archive's lines, some hundreds at a time.

All of it is read on one connection of `db.snapshot()`, so that an archive shows one moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from forum.articles.models import FormerAddress, Tag, article_tags
from forum.transfer.out.scope import Export
from forum.transfer.out.statements import statement

AT_ONCE = 500  # rows held in memory
FEW = {"picture-file": 5}  # of those that are large
Row = dict[str, Any]


def count(export: Export, type: str) -> int:
    """Return how many rows of a type there are."""
    query = statement(type, export.scope).order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    return int(export.connection.execute(query).scalar_one())


def rows(export: Export, type: str) -> Iterator[list[Row]]:
    """Yield the rows of a type as its fields select them, in the order of ids, AT_ONCE at a time."""
    # In a with block: a reader that stops half way leaves no cursor open on the server.
    few = {"yield_per": FEW.get(type, AT_ONCE)}
    with export.connection.execute(statement(type, export.scope), execution_options=few) as found:
        names = list(found.keys())
        for part in found.partitions():
            batch = [dict(zip(names, row, strict=True)) for row in part]
            if type == "article":
                _add_tags(export.connection, batch)
                _add_former(export.connection, batch)
            yield batch


def _add_tags(connection: Connection, articles: list[Row]) -> None:
    query = (
        select(article_tags.c.article_id, Tag.slug)
        .join(Tag, Tag.id == article_tags.c.tag_id)
        .where(article_tags.c.article_id.in_([article["id"] for article in articles]))
        .order_by(Tag.id)
    )
    found: dict[int, list[str]] = {}
    for article_id, slug in connection.execute(query):
        found.setdefault(article_id, []).append(slug)
    for article in articles:
        article["tags"] = found.get(article["id"], [])


def _add_former(connection: Connection, articles: list[Row]) -> None:
    query = select(FormerAddress.article_id, FormerAddress.slug).order_by(FormerAddress.slug)
    found: dict[int, list[str]] = {}
    for article_id, slug in connection.execute(
        query.where(FormerAddress.article_id.in_([article["id"] for article in articles]))
    ):
        found.setdefault(article_id, []).append(slug)
    for article in articles:
        article["former"] = found.get(article["id"], [])
