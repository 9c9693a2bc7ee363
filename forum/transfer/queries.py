"""Read what the pages of this room show."""

from __future__ import annotations

from sqlalchemy import select

from forum.articles.models import Article
from forum.db import snapshot

OFFERED = 200  # articles that the export page lists; any other is named by its address


def addresses() -> list[tuple[str, str]]:
    """Return (slug, title) of articles, newest first, for the choice on the export page; at most OFFERED."""
    query = select(Article.slug, Article.title).order_by(Article.published_at.desc(), Article.id.desc()).limit(OFFERED)
    with snapshot() as connection:
        return [(row.slug, row.title) for row in connection.execute(query)]
