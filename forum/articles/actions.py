"""Write articles."""

from __future__ import annotations

from sqlalchemy import update

from forum.articles.models import Article
from forum.db import session


def touch(article_id: int) -> None:
    """Raise the version of an article, because something visible in it or its thread changed; inside a lock."""
    session.execute(update(Article).where(Article.id == article_id).values(version=Article.version + 1))
