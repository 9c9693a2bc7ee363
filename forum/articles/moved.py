"""Read where an article is by now whose address was changed."""

from __future__ import annotations

from sqlalchemy import select

from forum import policy
from forum.articles.models import Article, FormerAddress
from forum.clock import now
from forum.db import session
from forum.errors import Moved, NotFound
from forum.policy import Actor


def present_slug(actor: Actor, slug: str) -> str | None:
    """Return where an article is now that had this address before, for a person who may read it."""
    query = select(Article).join(FormerAddress, FormerAddress.article_id == Article.id)
    article = session.scalar(query.where(FormerAddress.slug == slug))
    return article.slug if article and policy.may_read_article(actor, article, now()) else None


def not_found(actor: Actor, slug: str) -> NotFound:
    """Return the refusal of an address that leads to nothing this person may read; it leads on from a former one."""
    present = present_slug(actor, slug)
    return NotFound() if present is None else Moved({"slug": present})
