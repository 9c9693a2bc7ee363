"""Write articles. What is written in Markdown is rendered before the lock; publishing is a date, not a job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from forum import policy
from forum.acting import lock_as
from forum.articles.models import Article, Tag
from forum.articles.naming import MAX_TAG, free_slug, slug_of, split_tags, tag_slug
from forum.clock import now
from forum.db import Hold, session, write
from forum.errors import Conflict, Invalid, NotFound
from forum.jobs import actions as jobs
from forum.ledger.actions import record
from forum.notifications import actions as notices
from forum.notifications import subscriptions
from forum.people.models import Person
from forum.policy import Actor, ArticleStatus
from forum.site.choices import LONGEST_OPEN
from forum.text.links import safe_link
from forum.text.rendering import MAX_ARTICLE, render, stored
from forum.text.words import one_line, tidy, trimmed

MAX_TITLE = 200  # characters
MAX_TAGS = 10
FARTHEST = timedelta(days=3660)  # a date ten years ahead is a typing mistake


class TextChanged(Conflict):
    """The refusal to save over a text that was saved by another person since this form was opened."""


@dataclass(frozen=True)
class Words:
    """The words of an article, checked and rendered by `check_words()`."""

    title: str
    source: str
    html: Markup
    tags: tuple[str, ...]
    source_name: str
    source_url: str
    format: str


def check_words(
    title: str,
    body: str,
    tags: Iterable[str] = (),
    source_name: str = "",
    source_url: str = "",
    *,
    format: str = "markdown",
) -> Words:
    """Check and render the words of an article; pure, for the preview and for before the lock. Raises Invalid."""
    title, source, names = one_line(title), trimmed(tidy(body)), tuple(one_line(name) for name in tags)
    source_name, source_url = one_line(source_name), source_url.strip()
    wrong: dict[str, str] = {}
    if not 0 < len(title) <= MAX_TITLE:
        wrong["title"] = _("Please give it a title of up to %(number)s characters.", number=MAX_TITLE)
    if not 0 < len(source) <= MAX_ARTICLE:
        wrong["body"] = _("Please write a text of up to %(number)s characters.", number=MAX_ARTICLE)
    if len(names) > MAX_TAGS or any(len(name) > MAX_TAG or not tag_slug(name) for name in names):
        wrong["tags"] = _("Please give up to %(number)s tags, each of up to 60 letters.", number=MAX_TAGS)
    if source_url and not (safe_link(source_url) or "").startswith(("http://", "https://")):
        wrong["source_url"] = _("Please give an address that begins with https:// or http://.")
    if bool(source_name) != bool(source_url):
        wrong["source_url" if source_name else "source_name"] = _("A quoted piece needs both a name and an address.")
    if wrong:
        raise Invalid(wrong)
    html = stored(render(source, format, article=True))
    return Words(title, source, html, names, source_name, safe_link(source_url) or "", format)


def create(actor: Actor, words: Words) -> Article:
    """Begin an article as a draft. Raises Forbidden for an actor who may not write articles."""
    actor = lock_as(actor, site=Hold.EXCLUSIVE)
    policy.may_write_articles(actor).require()
    assert actor.id is not None
    like = slug_of(words.title) or "article"
    taken = set(session.scalars(select(Article.slug).where(Article.slug.startswith(like, autoescape=True))))
    article = Article(slug=free_slug(words.title, taken), author_id=actor.id, created_at=now())
    _set_words(article, words)
    session.add(article)
    session.flush()
    if session.get_one(Person, actor.id).follows_articles:
        write(subscriptions.new(actor.id, "article", article.id, article.created_at))
    record("article.create", article.created_at, actor_id=actor.id, article_id=article.id, details=_named(article))
    return article


def edit(actor: Actor, article_id: int, words: Words, seen: str | None = None) -> Article:
    """Change an article's words; readers see "updated" where its published title or text changed.

    Words that were not changed leave the article as it is, also what the form would have spelled otherwise.

    `seen` is the mark of the words that this edit began from. Raises TextChanged where the words differ by now.
    """
    article = _locked(actor, article_id)
    if seen is not None and seen != article.mark:
        raise TextChanged(_("Somebody saved another version of this article while you were writing."))
    if _is_unchanged(article, words):
        return article
    moment, before = now(), _words(article)
    _set_words(article, words)
    session.flush()
    if policy.is_out(article, moment):
        article.updated_at = moment if _words(article) != before else article.updated_at
    session.flush()
    record("article.edit", moment, actor_id=actor.id, article_id=article.id, details={"before": before[0]})
    return article


def set_auto_close(actor: Actor, article_id: int, days: int | None, silent_days: int | None) -> Article:
    """Choose after how many days an article's discussion closes by itself; None is as the site says, 0 never.

    What was announced is announced anew, with its hour of grace.
    """
    wrong = _("Between 0 (never) and %(n)s days.", n=LONGEST_OPEN)
    given = {"auto_close_days": days, "auto_close_silent_days": silent_days}
    if problems := {name: wrong for name, value in given.items() if not 0 <= (value or 0) <= LONGEST_OPEN}:
        raise Invalid(problems)
    article = _locked(actor, article_id)
    before = {name: getattr(article, name) for name in given}
    if before == given:
        return article
    article.auto_close_days, article.auto_close_silent_days = days, silent_days
    article.closes_at, article.closes_for = None, ""
    session.flush()
    details = {"before": before, "after": given}
    record("article.auto-close", now(), actor_id=actor.id, article_id=article.id, details=details)
    return article


def publish(actor: Actor, article_id: int) -> Article:
    """Publish a draft or a scheduled article now. An article that was published before keeps its date."""
    article = _locked(actor, article_id)
    moment = now()
    if policy.is_out(article, moment):
        raise Conflict(_("This article is published already."))
    if article.published_at is None or article.published_at > moment:
        article.published_at = moment
    return _out_at(actor, article, moment)


def schedule(actor: Actor, article_id: int, at: datetime) -> Article:
    """Schedule an article for a moment to come. Raises Invalid for a moment that has passed."""
    article = _locked(actor, article_id)
    moment = now()
    if policy.is_out(article, moment):
        raise Conflict(_("This article is published already."))
    if not moment < at < moment + FARTHEST:
        raise Invalid({"published_at": _("Please choose a time that is still to come.")})
    article.published_at = at
    return _out_at(actor, article, moment)


def unpublish(actor: Actor, article_id: int) -> Article:
    """Make an article a draft again; its comments stay with it, unseen, until it is published again."""
    article = _locked(actor, article_id)
    moment = now()
    if article.status == ArticleStatus.DRAFT:
        raise Conflict(_("This article is a draft already."))
    article.status = ArticleStatus.DRAFT
    if article.published_at and article.published_at > moment:
        article.published_at = None
    session.flush()
    notices.take_back_article(article.id)
    record("article.unpublish", moment, actor_id=actor.id, article_id=article.id, details=_named(article))
    return article


def delete(actor: Actor, article_id: int) -> None:
    """Delete a draft that was never published. Raises Conflict for any other article."""
    article = _locked(actor, article_id)
    if article.status != ArticleStatus.DRAFT or article.published_at is not None or article.thread_count:
        raise Conflict(_("Only a draft that was never published can be deleted."))
    article_id, named = article.id, _named(article)
    session.delete(article)
    subscriptions.forget("article", article_id)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(_("Only a draft that was never published can be deleted.")) from error
    record("article.delete", now(), actor_id=actor.id, article_id=article_id, details=named)


def _locked(actor: Actor, article_id: int) -> Article:
    # The site too: its version is in the cache key of every list.
    actor = lock_as(actor, article_id, site=Hold.EXCLUSIVE)
    article = session.get(Article, article_id)
    if article is None or not policy.may_read_article(actor, article, now()):
        raise NotFound()
    policy.may_edit_article(actor, article).require()
    return article


def _set_words(article: Article, words: Words) -> None:
    article.title, article.source, article.html = words.title, words.source, str(words.html)
    article.source_name, article.source_url = words.source_name, words.source_url
    article.format = words.format
    wanted = {tag_slug(name): name for name in reversed(words.tags)}
    with session.no_autoflush:
        known = {tag.slug: tag for tag in session.scalars(select(Tag).where(Tag.slug.in_(wanted)))}
        article.tags = [known.get(slug) or Tag(slug=slug, name=name) for slug, name in wanted.items()]


def _out_at(actor: Actor, article: Article, moment: datetime) -> Article:
    article.status = ArticleStatus.PUBLISHED
    assert article.published_at is not None
    session.flush()
    details = {**_named(article), "at": article.published_at.isoformat()}
    tell = jobs.new("articles.tell", moment, {"article": article.id}, article.published_at)
    record("article.publish", moment, actor_id=actor.id, article_id=article.id, details=details, beside=[tell])
    return article


def _is_unchanged(article: Article, words: Words) -> bool:
    """Tell whether these are the article's own words as its form gives them back."""
    slugs = {tag_slug(name) for tag in article.tags for name in split_tags(tag.name)}
    return (
        (one_line(article.title), trimmed(tidy(article.source))) == (words.title, words.source)
        and (one_line(article.source_name), safe_link(article.source_url) or "")
        == (words.source_name, words.source_url)
        and slugs == {tag_slug(name) for name in words.tags}
    )


def _words(article: Article) -> tuple[str, ...]:
    return article.title, article.source, article.source_name, article.source_url


def _named(article: Article) -> dict[str, str]:
    return {"slug": article.slug, "title": article.title}
