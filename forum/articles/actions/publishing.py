"""Publish articles, now or later, and take them back. Publishing is a date, not a job."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _

from forum import policy
from forum.articles.actions.writing import locked, named
from forum.articles.models import Article
from forum.clock import now
from forum.db import session
from forum.errors import Conflict, Invalid
from forum.jobs import actions as jobs
from forum.ledger.actions import record
from forum.notifications import actions as notices
from forum.policy import Actor, ArticleStatus
from forum.site.choices import LONGEST_OPEN

FARTHEST = timedelta(days=3660)  # a date ten years ahead is a typing mistake


def publish(actor: Actor, article_id: int) -> Article:
    """Publish a draft or a scheduled article now. An article that was published before keeps its date."""
    article = locked(actor, article_id)
    moment = now()
    if policy.is_out(article, moment):
        raise Conflict(_("This article is published already."))
    if article.published_at is None or article.published_at > moment:
        article.published_at = moment
    return _out_at(actor, article, moment)


def schedule(actor: Actor, article_id: int, at: datetime) -> Article:
    """Schedule an article for a moment to come; its own leaves it as it is. Raises Invalid for one that has passed."""
    article = locked(actor, article_id)
    moment = now()
    if policy.is_out(article, moment):
        raise Conflict(_("This article is published already."))
    if (article.status, article.published_at) == (ArticleStatus.PUBLISHED, at):
        return article  # the form was sent twice
    if not moment < at < moment + FARTHEST:
        raise Invalid({"published_at": _("Please choose a time that is still to come.")})
    article.published_at = at
    return _out_at(actor, article, moment)


def unpublish(actor: Actor, article_id: int) -> Article:
    """Make an article a draft again; its comments stay with it, unseen, until it is published again."""
    article = locked(actor, article_id)
    moment = now()
    if article.status == ArticleStatus.DRAFT:
        raise Conflict(_("This article is a draft already."))
    article.status = ArticleStatus.DRAFT
    if article.published_at and article.published_at > moment:
        article.published_at = None
    session.flush()
    notices.take_back_article(article.id)
    record("article.unpublish", moment, actor_id=actor.id, article_id=article.id, details=named(article))
    return article


def set_auto_close(actor: Actor, article_id: int, days: int | None, silent_days: int | None) -> Article:
    """Choose after how many days an article's discussion closes by itself; None is as the site says, 0 never.

    What was announced is announced anew, with its hour of grace.
    """
    wrong = _("Between 0 (never) and %(n)s days.", n=LONGEST_OPEN)
    given = {"auto_close_days": days, "auto_close_silent_days": silent_days}
    if problems := {name: wrong for name, value in given.items() if not 0 <= (value or 0) <= LONGEST_OPEN}:
        raise Invalid(problems)
    article = locked(actor, article_id)
    before = {name: getattr(article, name) for name in given}
    if before == given:
        return article
    article.auto_close_days, article.auto_close_silent_days = days, silent_days
    article.closes_at, article.closes_for = None, ""
    session.flush()
    details = {"before": before, "after": given}
    record("article.auto-close", now(), actor_id=actor.id, article_id=article.id, details=details)
    return article


def _out_at(actor: Actor, article: Article, moment: datetime) -> Article:
    article.status = ArticleStatus.PUBLISHED
    assert article.published_at is not None
    session.flush()
    details = {**named(article), "at": article.published_at.isoformat()}
    tell = jobs.new("articles.tell", moment, {"article": article.id}, article.published_at)
    record("article.publish", moment, actor_id=actor.id, article_id=article.id, details=details, beside=[tell])
    return article
