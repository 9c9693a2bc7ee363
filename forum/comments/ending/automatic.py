"""Close discussions by themselves: announce it an hour before, then write the closure. Only the worker calls this."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select

from forum import db, policy
from forum.articles.models import Article
from forum.closures import actions as records
from forum.closures.models import Closure
from forum.db import session
from forum.ledger import actions as ledger
from forum.policy import GRACE, ArticleStatus
from forum.site.queries import SiteView, site

_FACTS = (
    Article.id,
    Article.published_at,
    Article.last_comment_at,
    Article.auto_close_days,
    Article.auto_close_silent_days,
)


def announce_some(moment: datetime) -> int:
    """Announce the closing of an article that is due within an hour; return 0 where there is none.

    What is overdue (a setting was changed, no worker ran) gets its hour of grace, too.
    """
    settings = site()
    due = _first_due(settings, moment)
    if due is None:
        return 0
    db.lock(due)
    article = session.get_one(Article, due)
    found = policy.auto_close(settings, article)
    if found is None or article.closes_at is not None or found.at > moment + GRACE:
        return 1
    article.closes_at, article.closes_for = max(found.at, moment + GRACE), found.cause
    session.flush()
    return 1


def close_some(moment: datetime) -> int:
    """Close an article whose announced moment has come; return 0 where there is none.

    Where somebody wrote meanwhile, or the days were changed, only the announcement goes.
    """
    article_id = session.scalar(select(Article.id).where(Article.closes_at <= moment).limit(1))
    if article_id is None:
        return 0
    db.lock(article_id)
    article, settings = session.get_one(Article, article_id), site()
    if article.closes_at is None or article.closes_at > moment:
        return 1
    found = policy.auto_close(settings, article)
    announced, article.closes_at, article.closes_for = article.closes_at, None, ""
    session.flush()
    closed = session.scalar(select(Article.id).where(Article.id == article_id, _is_closed(moment)))
    if found is not None and found.at <= announced and closed is None and article.status == ArticleStatus.PUBLISHED:
        _close(article_id, settings, found.cause, moment)
    return 1


def _close(article_id: int, settings: SiteView, cause: str, moment: datetime) -> None:
    words = settings.auto_close_words
    closure = records.make(article_id, words=words, cause=cause, created_at=moment)
    details = {"words": words, "cause": cause}
    ledger.record("article.close", moment, article_id=article_id, closure_id=closure.id, details=details)


def _first_due(settings: SiteView, moment: datetime) -> int | None:
    """Return an article that is due and not announced.

    What goes by the site's days the database finds; those with days of their own are few, and are compared here.
    """
    soon = moment + GRACE
    heard = func.coalesce(Article.last_comment_at, Article.published_at)
    due: list[ColumnElement[bool]] = [Article.auto_close_days > 0, Article.auto_close_silent_days > 0]
    if settings.auto_close_days:
        due.append(
            Article.auto_close_days.is_(None) & (Article.published_at <= _before(soon, settings.auto_close_days))
        )
    if settings.auto_close_silent_days:
        due.append(Article.auto_close_silent_days.is_(None) & (heard <= _before(soon, settings.auto_close_silent_days)))
    query = select(*_FACTS).where(
        Article.status == ArticleStatus.PUBLISHED, Article.closes_at.is_(None), or_(*due), ~_is_closed(moment)
    )
    for row in session.execute(query):
        found = policy.auto_close(settings, row)
        if found is not None and found.at <= soon:
            return int(row.id)
    return None


def _before(moment: datetime, days: int) -> datetime:
    return moment - timedelta(days=days)


def _is_closed(moment: datetime) -> ColumnElement[bool]:
    """Return whether an article is closed for everybody, so that it needs no other closure."""
    return exists().where(
        Closure.article_id == Article.id,
        Closure.branch_id.is_(None),
        Closure.person_a_id.is_(None),
        Closure.reopened_at.is_(None),
        Closure.begins_at.is_(None) | (Closure.begins_at <= moment),
        Closure.until.is_(None) | (Closure.until > moment),
    )
