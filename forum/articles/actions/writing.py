"""Write articles. What is written in Markdown is rendered before the lock."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext as _
from sqlalchemy import delete as remove
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from forum import policy
from forum.acting import lock_as
from forum.articles.actions import addresses, changes, versions
from forum.articles.actions.words import Words, is_unchanged, set_words
from forum.articles.models import MAX_STANDFIRST, Article, ArticleRevision, FormerAddress
from forum.clock import SENT_TWICE, now
from forum.db import Hold, session, write
from forum.errors import Conflict, Invalid, NotFound
from forum.ledger.actions import record
from forum.notifications import subscriptions
from forum.people.models import Person
from forum.pictures import actions as pictures
from forum.policy import Actor, ArticleStatus
from forum.site.queries import site
from forum.text.pictures import shown_by
from forum.text.words import one_line


def create(actor: Actor, words: Words) -> Article:
    """Begin an article as a draft. Raises Forbidden for an actor who may not write articles."""
    actor = lock_as(actor, site=Hold.EXCLUSIVE)
    policy.may_write_articles(actor).require()
    return _created(actor, words)


def create_once(actor: Actor, words: Words) -> tuple[Article, bool]:
    """Begin an article, or return the one that its author began in these very words a moment ago. True: it is new.

    Raises Forbidden for an actor who may not write articles.
    """
    actor = lock_as(actor, site=Hold.EXCLUSIVE)
    policy.may_write_articles(actor).require()
    same = replace(words, slug=words.slug or None)  # the form leaves it empty: made from the title
    newest = select(Article).where(Article.author_id == actor.id, Article.created_at > now() - SENT_TWICE)
    for article in session.scalars(newest.order_by(Article.id.desc()).limit(5)):
        if is_unchanged(article, same):
            return article, False
    return _created(actor, words), True


def _created(actor: Actor, words: Words) -> Article:
    assert actor.id is not None
    slug = addresses.chosen(words.title, words.slug)
    article = Article(slug=slug, author_id=actor.id, created_at=now())
    set_words(article, words)
    session.add(article)
    session.flush()
    show_pictures(actor, article)
    if session.get_one(Person, actor.id).follows_articles:
        write(subscriptions.new(actor.id, "article", article.id, article.created_at))
    record("article.create", article.created_at, actor_id=actor.id, article_id=article.id, details=named(article))
    return article


def edit(actor: Actor, article_id: int, words: Words, seen: str | None = None, updated: str | None = None) -> Article:
    """Change an article's words and its address; words that were not changed leave the article as it is.

    `seen` is the mark of the words that this edit began from. Raises TextChanged where the words differ by now.
    With it, what was kept and not saved is forgotten, because the form showed it.
    `updated`: readers of a published article are told that it was updated, with these words or without any; None tells
    them nothing.
    """
    actor, article = locked_by(actor, article_id)
    changes.require_seen(article, seen)
    if seen is not None:
        changes.forget(article.id)
    return _edit(actor, article, words, updated)


def restore(actor: Actor, article_id: int, version_id: int) -> Article:
    """Give an article the words of an earlier version; its address and tags stay. What it says now is kept, too.

    Raises Conflict where something is typed and not saved: its form would go on showing that, and publish it.
    """
    actor, article = locked_by(actor, article_id)
    changes.refuse_kept(article.id)
    version = session.get(ArticleRevision, version_id)
    if version is None or version.article_id != article.id:
        raise NotFound()
    return _edit(actor, article, versions.words_again(article, version))


def _edit(actor: Actor, article: Article, words: Words, updated: str | None = None) -> Article:
    moment = now()
    is_told = updated is not None and policy.is_out(article, moment)
    if is_unchanged(article, words) and not is_told:
        return article
    before, earlier = named(article), versions.words_of(article)
    set_words(article, words)
    session.flush()
    show_pictures(actor, article)
    versions.keep(article, earlier, actor.id, moment)
    if words.slug is not None:
        slug = addresses.chosen(words.title, words.slug, article.id)
        addresses.change(article, slug, was_public=policy.was_out(article, moment))
    if is_told:
        article.updated_at, article.update_note = moment, _note(updated or "")
    session.flush()
    record("article.edit", moment, actor_id=actor.id, article_id=article.id, details=_changed(before, article))
    return article


def delete(actor: Actor, article_id: int) -> None:
    """Delete a draft that was never published. Raises Conflict for any other article."""
    article = locked(actor, article_id)
    if article.status != ArticleStatus.DRAFT or article.published_at is not None or article.thread_count:
        raise Conflict(_("Only a draft that was never published can be deleted."))
    article_id, details = article.id, named(article)
    pictures.forget_article(article.id)
    changes.forget(article.id)
    for table in (FormerAddress, ArticleRevision):
        session.execute(remove(table).where(table.article_id == article.id))
    session.delete(article)
    subscriptions.forget("article", article_id)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(_("Only a draft that was never published can be deleted.")) from error
    record("article.delete", now(), actor_id=actor.id, article_id=article_id, details=details)


def locked(actor: Actor, article_id: int) -> Article:
    """Lock an article for an act of its author's or an admin's, and return it. Raises NotFound and Forbidden."""
    return locked_by(actor, article_id)[1]


def locked_by(actor: Actor, article_id: int) -> tuple[Actor, Article]:
    """Do the same, and return also the actor as they are now."""
    # The site too: its version is in the cache key of every list.
    actor = lock_as(actor, article_id, site=Hold.EXCLUSIVE)
    article = session.get(Article, article_id)
    if article is None or not policy.may_read_article(actor, article, now()):
        raise NotFound()
    policy.may_edit_article(actor, article).require()
    return actor, article


def show_pictures(actor: Actor, article: Article, field: str = "body") -> None:
    """Note which pictures an article shows, in its texts and as its lead, inside its lock. Raises Invalid."""
    shown = shown_by(article.lead, article.html, article.foreword_html, article.afterword_html)
    pictures.show(actor, article.id, shown, site().article_pictures, field)


def named(article: Article) -> dict[str, str]:
    """Return how the log names an article."""
    return {"slug": article.slug, "title": article.title}


def _note(typed: str) -> str:
    note = one_line(typed)
    if len(note) > MAX_STANDFIRST:
        raise Invalid({"updated_words": _("Please shorten this to %(number)s characters.", number=MAX_STANDFIRST)})
    return note


def _changed(before: dict[str, str], article: Article) -> dict[str, str]:
    moved = {"slug": before["slug"]} if before["slug"] != article.slug else {}
    return {"before": before["title"], **moved}
