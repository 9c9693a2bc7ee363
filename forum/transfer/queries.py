"""Read everything an archive holds, type by type, in the order of ids, a few hundred rows at a time.

All of it is read on one connection of `db.snapshot()`, so that an archive shows one moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from forum.articles.models import Article, Tag, article_tags
from forum.db import snapshot
from forum.errors import NotFound
from forum.site.models import Site
from forum.transfer.statements import QUERIES, Scope

OFFERED = 200  # articles that the export page lists; any other is named by its address
AT_ONCE = 500  # rows held in memory
SETTINGS = (
    *("name", "tagline", "language", "timezone", "accent", "footer_links", "sign_up", "who_may_comment"),
    *("edit_minutes", "public_history"),
)  # not its address, its contact or its logo: those belong to the place, not to the discussions
Row = dict[str, Any]


def scope(connection: Connection, slug: str | None) -> Scope:
    """Return what to export; settings are there only for a whole site that is set up. Raises NotFound."""
    site = connection.execute(select(Site.origin, Site.set_up_at, *(getattr(Site, name) for name in SETTINGS))).one()
    if slug is None:
        settings = {name: getattr(site, name) for name in SETTINGS} if site.set_up_at else None
        return Scope(site.origin, settings)
    article_id = connection.execute(select(Article.id).where(Article.slug == slug)).scalar_one_or_none()
    if article_id is None:
        raise NotFound(f"There is no article {slug!r}.")
    return Scope(site.origin, None, article_id, slug)


def addresses() -> list[tuple[str, str]]:
    """Return (slug, title) of articles, newest first, for the choice on the export page; at most OFFERED."""
    with snapshot() as connection:
        query = (
            select(Article.slug, Article.title).order_by(Article.published_at.desc(), Article.id.desc()).limit(OFFERED)
        )
        return [(row.slug, row.title) for row in connection.execute(query)]


def count(connection: Connection, type: str, scope: Scope) -> int:
    """Return how many rows of a type there are."""
    query = QUERIES[type](scope).order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    return int(connection.execute(query).scalar_one())


def rows(connection: Connection, type: str, scope: Scope) -> Iterator[Row]:
    """Yield the rows of a type as dicts named like the fields of its line."""
    # In a with block: whoever stops half way leaves no cursor open on the server.
    with connection.execute(QUERIES[type](scope), execution_options={"yield_per": AT_ONCE}) as found:
        for part in found.partitions():
            batch: list[Row] = [dict(row._mapping) for row in part]
            if type == "article":
                _add_tags(connection, batch)
            yield from batch


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
