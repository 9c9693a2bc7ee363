"""Read one article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Select, bindparam, outerjoin, select

from forum.articles.models import TAG_IDS, Article, ArticleChanges, Tag, article_tags, article_versions
from forum.clock import now
from forum.db import session, view
from forum.people.models import Person
from forum.policy import ArticleStatus, was_out
from forum.site.models import SITE, Site
from forum.text.rendering import stored


@dataclass(frozen=True)
class TagView:
    """A tag as pages show it."""

    slug: str
    name: str
    id: int


@dataclass(frozen=True)
class ArticleView:
    """One article as pages and rules read it. Satisfies `policy.ArticleFacts`.

    `is_out` is True once it is published and its moment has come; `is_scheduled` before that moment.
    """

    id: int
    slug: str
    title: str
    author_id: int
    author_name: str
    author_username: str
    status: str
    published_at: datetime | None
    updated_at: datetime | None
    created_at: datetime
    update_note: str
    standfirst: str
    html: Markup
    foreword_html: Markup
    afterword_html: Markup
    source_name: str
    source_url: str
    lead: str
    lead_alt: str
    tags: tuple[TagView, ...]
    comment_count: int
    thread_count: int
    closes_at: datetime | None
    closes_for: str
    is_out: bool
    is_scheduled: bool

    @property
    def tag_ids(self) -> frozenset[int]:
        """Return the ids of its tags."""
        return frozenset(tag.id for tag in self.tags)


@dataclass(frozen=True)
class Heading:
    """The facts of an article that are needed before its cached page is looked up. Satisfies `policy.ArticleFacts`.

    Without a `version` (migration 0018) nothing of the article may be kept.
    """

    id: int
    slug: str
    title: str
    author_id: int
    status: str
    published_at: datetime | None
    closes_at: datetime | None
    closes_for: str
    tag_ids: frozenset[int]
    version: int | None


@dataclass(frozen=True)
class Unsaved:
    """What was typed into the form of an article and not saved: its fields by name."""

    fields: Mapping[str, str]
    saved_at: datetime


@dataclass(frozen=True)
class Writing:
    """An article as its form shows it. Satisfies `policy.ArticleFacts`.

    `mark` tells these words, and what was typed and not saved (`changes`), from later ones; with `keeps_address`
    readers may have its address; `may_delete` is True for a draft that only its author can have seen.
    """

    id: int
    slug: str
    title: str
    author_id: int
    status: str
    published_at: datetime | None
    auto_close_days: int | None
    auto_close_silent_days: int | None
    standfirst: str
    body: str
    format: str
    tags: str
    source_name: str
    source_url: str
    foreword: str
    afterword: str
    lead: str
    mark: str
    changes: Unsaved | None
    is_out: bool
    is_scheduled: bool
    keeps_address: bool
    may_delete: bool


# The columns that an article's page and a list have in common.
SHOWN = (
    Article.id,
    Article.slug,
    Article.title,
    Article.author_id,
    Article.status,
    Article.published_at,
    Article.created_at,
    Article.standfirst,
    Article.source_name,
    Article.source_url,
    Article.lead,
    Article.lead_alt,
    Article.comment_count,
    Person.display_name,
    Person.username,
)

# Built once: making a statement anew takes longer than the databases need to answer it.
_TEXTS = (Article.update_note, Article.html, Article.foreword_html, Article.afterword_html)
_EXTRA = (Article.updated_at, *_TEXTS, Article.thread_count, Article.closes_at, Article.closes_for)
_VERSIONED = outerjoin(Article, article_versions, article_versions.c.article_id == Article.id)
_ARTICLE = select(*SHOWN, *_EXTRA).join(Person, Person.id == Article.author_id)
_BY_SLUG = _ARTICLE.where(Article.slug == bindparam("value"))
_BY_ID = _ARTICLE.where(Article.id == bindparam("value"))
_ABOUT = (Article.id, Article.slug, Article.title, Article.author_id, Article.status, Article.published_at)
_CLOSES = (Article.closes_at, Article.closes_for)
_HEADING = (
    select(*_ABOUT, *_CLOSES, TAG_IDS, article_versions.c.version)
    .select_from(_VERSIONED)
    .where(Article.slug == bindparam("slug"))
)
_VERSIONS = (
    select(article_versions.c.version, Site.version)
    .select_from(article_versions)
    .join(Site, Site.id == SITE)
    .where(article_versions.c.article_id == bindparam("article"))
)
_TAGS = (
    select(article_tags.c.article_id, Tag.slug, Tag.name, Tag.id)
    .join(Tag, Tag.id == article_tags.c.tag_id)
    .order_by(Tag.name)
)
_TAGS_OF_MANY = _TAGS.where(article_tags.c.article_id.in_(bindparam("articles", expanding=True)))


def heading(slug: str) -> Heading | None:
    """Return the facts that decide who may read an article and which cached page it has: one row."""
    row = session.connection().execute(_HEADING, {"slug": slug}).one_or_none()
    return Heading(*row) if row else None


def versions(article_id: int) -> tuple[int, int] | None:
    """Return the versions of an article and of the site, as they are now."""
    row = session.connection().execute(_VERSIONS, {"article": article_id}).one_or_none()
    return (row[0], row[1]) if row else None


def article(slug: str) -> ArticleView | None:
    """Return the article with this address, whatever its state: `policy.may_read_article` says who may see it."""
    return _one(_BY_SLUG, slug)


def article_by_id(article_id: int) -> ArticleView | None:
    """Return an article by its id, whatever its state."""
    return _one(_BY_ID, article_id)


def writing(slug: str) -> Writing | None:
    """Return an article's words for its form, whatever its state."""
    row = session.execute(select(Article).where(Article.slug == slug)).scalar_one_or_none()
    if row is None:
        return None
    changes = session.get(ArticleChanges, row.id)
    published = row.status == ArticleStatus.PUBLISHED and row.published_at is not None
    is_out = published and row.published_at is not None and row.published_at <= now()
    return view(
        Writing,
        row,
        body=row.source,
        mark=row.mark + (changes.mark if changes else ""),
        changes=Unsaved(changes.fields, changes.saved_at) if changes else None,
        tags=", ".join(tag.name for tag in row.tags),
        is_out=is_out,
        is_scheduled=published and not is_out,
        keeps_address=was_out(row, now()),
        may_delete=row.status == ArticleStatus.DRAFT and row.published_at is None and not row.thread_count,
    )


def without_version() -> Sequence[int]:
    """Return the ids of articles without a version, of which nothing can be kept."""
    query = select(Article.id).select_from(_VERSIONED).where(article_versions.c.version.is_(None))
    return session.scalars(query.order_by(Article.id)).all()


def tags_of(article_ids: list[int]) -> dict[int, list[TagView]]:
    """Return the tags of articles by their ids; one statement."""
    found: dict[int, list[TagView]] = {}
    for article_id, *tag in session.connection().execute(_TAGS_OF_MANY, {"articles": article_ids}):
        found.setdefault(article_id, []).append(TagView(*tag))
    return found


def _one(query: Select[*tuple[Any, ...]], value: int | str) -> ArticleView | None:
    row: Any = session.connection().execute(query, {"value": value}).one_or_none()
    if row is None:
        return None
    published = row.status == ArticleStatus.PUBLISHED and row.published_at is not None
    is_out = published and row.published_at <= now()
    return view(
        ArticleView,
        row,
        author_name=row.display_name,
        author_username=row.username,
        html=stored(row.html),
        foreword_html=stored(row.foreword_html),
        afterword_html=stored(row.afterword_html),
        tags=tuple(tags_of([row.id]).get(row.id, ())),
        is_out=is_out,
        is_scheduled=published and not is_out,
    )
