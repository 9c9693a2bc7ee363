"""Read what stands around an article: the ones before and after it, more on its subjects, others by its author.

Titles of other articles so stand on an article's page, which is kept: whatever changes one raises the site's version
(migration `articles_listed`), and what the clock brings out is `next_out()`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, func, literal, select, tuple_, union_all

from forum.articles.lists import out
from forum.articles.models import Article, article_tags
from forum.articles.queries import ArticleView
from forum.clock import now
from forum.db import Moment, session
from forum.people.models import Person
from forum.policy import ArticleStatus

ON_SUBJECT = 3  # other articles with its tags: more is what the tag's own page is for
BY_AUTHOR = 2


@dataclass(frozen=True)
class Near:
    """Another article as one line: where it is quoted from, or who wrote it, and when it came out."""

    slug: str
    title: str
    source_name: str
    author_name: str
    published_at: datetime


@dataclass(frozen=True)
class Around:
    """The articles around one, none of them twice but those before and after it."""

    earlier: Near | None = None
    later: Near | None = None
    on_subject: Sequence[Near] = ()
    by_author: Sequence[Near] = ()


def around(article: ArticleView) -> Around:
    """Return what stands around an article that is out; nothing around a draft. Three statements, or two."""
    if not article.is_out or article.published_at is None:
        return Around()
    here = tuple_(literal(article.published_at, Moment()), literal(article.id))
    beside = {row.which: _near(row) for row in session.execute(_beside(here))}
    on_subject = session.execute(_on_subject(article)).all() if article.tags else []
    seen = {row.slug for row in on_subject}
    written = session.execute(_others_by(article)).all()
    others = [_near(row) for row in written if row.slug not in seen][:BY_AUTHOR]
    return Around(beside.get("earlier"), beside.get("later"), [_near(row) for row in on_subject], others)


def next_out() -> datetime | None:
    """Return when the next scheduled article comes out."""
    waiting = select(func.min(Article.published_at)).where(Article.status == ArticleStatus.PUBLISHED)
    return session.execute(waiting.where(Article.published_at > now())).scalar()


def _beside(here: Any) -> CompoundSelect[*tuple[Any, ...]]:
    key = tuple_(Article.published_at, Article.id)
    before = _lines("earlier").where(key < here).order_by(Article.published_at.desc(), Article.id.desc()).limit(1)
    after = _lines("later").where(key > here).order_by(Article.published_at, Article.id).limit(1)
    return union_all(before.subquery().select(), after.subquery().select())


def _on_subject(article: ArticleView) -> Select[*tuple[Any, ...]]:
    tagged = select(article_tags.c.article_id).where(article_tags.c.tag_id.in_([tag.id for tag in article.tags]))
    return _newest(_lines().where(Article.id.in_(tagged), Article.id != article.id), ON_SUBJECT)


def _others_by(article: ArticleView) -> Select[*tuple[Any, ...]]:
    # So many that enough are left without those that stand under its subjects.
    wanted = BY_AUTHOR + (ON_SUBJECT if article.tags else 0)
    return _newest(_lines().where(Article.author_id == article.author_id, Article.id != article.id), wanted)


def _newest(query: Select[*tuple[Any, ...]], most: int) -> Select[*tuple[Any, ...]]:
    return query.order_by(Article.published_at.desc(), Article.id.desc()).limit(most)


def _lines(which: str = "") -> Select[*tuple[Any, ...]]:
    columns = (Article.slug, Article.title, Article.source_name, Person.display_name, Article.published_at)
    return (
        select(literal(which).label("which"), *columns).join(Person, Person.id == Article.author_id).where(out(now()))
    )


def _near(row: Any) -> Near:
    return Near(row.slug, row.title, row.source_name, row.display_name, row.published_at)
