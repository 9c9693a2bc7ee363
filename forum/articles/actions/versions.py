"""Keep the earlier versions of an article, bring one back, erase one."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select, union_all

from forum import policy
from forum.acting import lock_as
from forum.articles.actions.words import Words, check_words
from forum.articles.models import Article, ArticleRevision
from forum.clock import now
from forum.db import session
from forum.errors import Conflict, NotFound
from forum.jobs import actions as jobs
from forum.jobs import made
from forum.ledger.actions import erase_article_words, record
from forum.policy import Actor

KEPT = ("title", "standfirst", "format", "source", "foreword", "afterword", "source_name", "source_url")
BLANKED = ("title", "standfirst", "source", "foreword", "afterword", "source_name", "source_url")


def words_of(article: Article) -> dict[str, str]:
    """Return the words of an article that a version of it keeps."""
    return {name: getattr(article, name) for name in KEPT}


def keep(article: Article, before: dict[str, str], editor_id: int | None, moment: datetime) -> None:
    """Keep the words of before, where they are others by now."""
    if before != words_of(article):
        kept = {"article_id": article.id, "editor_id": editor_id, "replaced_at": moment}
        session.add(ArticleRevision(**before, **kept, was_public=policy.is_out(article, moment)))


def words_again(article: Article, version: ArticleRevision) -> Words:
    """Return the words of an earlier version, as its form would have sent them. Raises Conflict for an erased one."""
    if version.erased_at is not None:
        raise Conflict(_("This version was removed for good."))
    return check_words(
        *(version.title, version.source, [tag.name for tag in article.tags], version.source_name, version.source_url),
        format=version.format,
        standfirst=version.standfirst,
        foreword=version.foreword,
        afterword=version.afterword,
    )


def erase_article_version(actor: Actor, version_id: int) -> ArticleRevision:
    """Erase an earlier version of an article: its words are gone, and that there was one stays."""
    policy.may_erase(actor).require()
    found = session.get(ArticleRevision, version_id)
    if found is None:
        raise NotFound()
    actor = lock_as(actor, found.article_id)
    policy.may_erase(actor).require()
    found = session.get_one(ArticleRevision, version_id)
    if found.erased_at is not None:
        raise Conflict(_("This version was removed for good already."))
    title = found.title
    for name in BLANKED:
        setattr(found, name, "")
    found.erased_at = now()
    session.flush()
    if not _stands(found.article_id, title):
        erase_article_words(found.article_id, title)
    made.forget()  # exports that were made before
    jobs.put("search.forget", found.erased_at, {"article": found.article_id})  # an edit's words stay for an hour
    record("article.erase-version", found.erased_at, actor_id=actor.id, article_id=found.article_id)
    return found


def _stands(article_id: int, title: str) -> bool:
    """Tell whether an article has a title still, now or in a version that was not erased."""
    titles = union_all(
        select(Article.id).where(Article.id == article_id, Article.title == title),
        select(ArticleRevision.id).where(ArticleRevision.article_id == article_id, ArticleRevision.title == title),
    )
    return session.execute(titles.limit(1)).first() is not None
