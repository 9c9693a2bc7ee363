"""What an export is of: the whole site, or one article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from forum.articles.models import Article
from forum.errors import NotFound
from forum.ledger.models import LedgerHead
from forum.site.models import Site
from forum.transfer.manifest import SETTINGS


@dataclass(frozen=True)
class Head:
    """The newest entry of the log when an export was made. A copy of it kept elsewhere shows later changes."""

    number: int
    hash: str


@dataclass(frozen=True)
class Scope:
    """The whole site, or one article with all people and all rows that belong to it.

    `settings` are there only for a whole site that is set up.
    """

    origin: str
    head: Head
    settings: dict[str, Any] | None
    article_id: int | None = None
    slug: str | None = None


def scope(connection: Connection, slug: str | None) -> Scope:
    """Return what to export: the article with a slug, or the whole site for None. Raises NotFound."""
    site = connection.execute(select(Site.origin, Site.set_up_at, *(getattr(Site, name) for name in SETTINGS))).one()
    head = Head(*connection.execute(select(LedgerHead.number, LedgerHead.hash)).one())
    if slug is None:
        settings = {name: getattr(site, name) for name in SETTINGS} if site.set_up_at else None
        return Scope(site.origin, head, settings)
    article_id = connection.execute(select(Article.id).where(Article.slug == slug)).scalar_one_or_none()
    if article_id is None:
        raise NotFound(f"There is no article {slug!r}.")
    return Scope(site.origin, head, None, article_id, slug)
