"""Give articles their addresses. One that readers had leads to its article for good, and is given to no other."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, select

from forum.articles.models import Article, FormerAddress
from forum.articles.naming import free_slug, slug_of, spelled
from forum.db import session
from forum.errors import Invalid
from forum.site.queries import site


def chosen(title: str, wanted: str | None, article_id: int | None = None) -> str:
    """Return the address of a new article, or of one that changes it: as wanted, or made from the title.

    A title is spelled as the site's language does. Its own former addresses are free to it. Raises Invalid where
    another article has or had what is wanted.
    """
    if wanted:
        if wanted in _taken(wanted, article_id):
            raise Invalid({"slug": _("Another article has this address, or had it once.")})
        return wanted
    title = spelled(title, site().language)
    return free_slug(title, _taken(slug_of(title) or "article", article_id))


def change(article: Article, slug: str, *, was_public: bool) -> None:
    """Give an article another address, and keep the former one where readers may have it."""
    if slug == article.slug:
        return
    # An address leads on once, to where the article is now: so what it goes back to is no former one any more.
    session.execute(delete(FormerAddress).where(FormerAddress.slug == slug))
    if was_public:
        session.add(FormerAddress(slug=article.slug, article_id=article.id))
    article.slug = slug


def _taken(like: str, article_id: int | None) -> set[str]:
    present = select(Article.slug).where(Article.slug.startswith(like, autoescape=True))
    former = select(FormerAddress.slug).where(FormerAddress.slug.startswith(like, autoescape=True))
    if article_id is not None:
        present, former = present.where(Article.id != article_id), former.where(FormerAddress.article_id != article_id)
    return {*session.scalars(present), *session.scalars(former)}
