"""Who may add a picture, show it in an article, and see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from forum.policy.facts import YES, Actor, ArticleFacts, Verdict, is_admin, is_out, no
from forum.policy.reading import may_read_article
from forum.policy.reasons import Code
from forum.policy.staff import may_write_articles

UNUSED_KEPT = timedelta(days=7)  # a picture that no article shows: its writer may be looking for the words


class ShowingFacts(ArticleFacts, Protocol):
    """What a rule has to know of an article that shows a picture."""

    @property
    def id(self) -> int: ...


class PictureFacts(Protocol):
    """What a rule has to know of a picture: who uploaded it, and the articles that show it."""

    @property
    def person_id(self) -> int | None: ...

    @property
    def articles(self) -> Iterable[ShowingFacts]: ...


class PictureLimits(Protocol):
    """The limits that an admin sets."""

    @property
    def article_pictures(self) -> int: ...


def may_add_picture(actor: Actor, site: PictureLimits) -> Verdict:
    """Answer whether somebody may add a picture: those who may write articles, unless the site takes none."""
    return may_write_articles(actor) and (YES if site.article_pictures > 0 else no(Code.PICTURES_OFF))


def may_show_picture(actor: Actor, picture: PictureFacts, article_id: int, now: datetime) -> Verdict:
    """Answer whether somebody may show a picture in an article.

    Their own, what the article shows already, and what everybody sees; admins may show any.
    """
    shown = any(article.id == article_id or is_out(article, now) for article in picture.articles)
    return YES if shown or is_admin(actor) or picture.person_id == actor.id else no(Code.PICTURE_NOT_SHOWN)


def may_see_picture(actor: Actor, picture: PictureFacts, now: datetime) -> Verdict:
    """Answer whether somebody may see a picture: those who may read an article that shows it, and who uploaded it."""
    if any(may_read_article(actor, article, now) for article in picture.articles) or is_admin(actor):
        return YES
    own = actor.id is not None and actor.id == picture.person_id and actor.deactivated_at is None
    return YES if own else no(Code.PICTURE_NOT_SHOWN)
