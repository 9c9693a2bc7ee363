"""Read what the pages of this room show."""

from __future__ import annotations

from sqlalchemy import select

from forum.articles.models import Article
from forum.db import snapshot

OFFERED = 200  # articles that the export page lists; any other is exported from its own page


def addresses(wanted: str = "") -> tuple[list[tuple[str, str]], bool]:
    """Return (slug, title) of articles, newest first, for the choice on the export page, and whether there are more.

    They are at most OFFERED; `wanted` is among them, however old it is.
    """
    columns = select(Article.slug, Article.title)
    query = columns.order_by(Article.published_at.desc(), Article.id.desc()).limit(OFFERED + 1)
    with snapshot() as connection:
        found = [(row.slug, row.title) for row in connection.execute(query)]
        offered = found[:OFFERED]
        if wanted and wanted not in dict(offered):
            offered += [(row.slug, row.title) for row in connection.execute(columns.where(Article.slug == wanted))]
    return offered, len(found) > OFFERED
