"""Say in SQL where somebody moderates, for lists of what is to be found there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from forum.articles.models import Article, article_tags
from forum.policy import Reach


def within(reach: Reach, article_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Return `Reach.covers` as a condition on the column that holds an article's id.

    If you change the one, also change the other, else a list shows what nobody may decide (`tests/test_policy.py`).
    """
    if reach.everywhere:
        return true()
    found: list[ColumnElement[bool]] = []
    if reach.author_id is not None:
        found.append(article_id.in_(select(Article.id).where(Article.author_id == reach.author_id)))
    if reach.tags:
        found.append(article_id.in_(select(article_tags.c.article_id).where(article_tags.c.tag_id.in_(reach.tags))))
    return or_(false(), *found)
