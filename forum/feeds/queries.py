"""Read what feeds and the sitemap show: what everybody may read, newest first, never more than a few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select

from forum.articles.models import Article, Tag, article_tags
from forum.articles.queries import TagView, tags_of
from forum.clock import EARLIEST, now
from forum.comments.labels import end_of_branch
from forum.comments.models import Comment
from forum.comments.queries import CommentView
from forum.db import session, view
from forum.people.models import Person
from forum.policy import ArticleStatus, CommentStatus
from forum.screening.rules import REPORTED
from forum.text.rendering import stored

# If you change it, also change `front.address.FEED_ARTICLES`, else a change of the last ones is not noticed.
ARTICLES = 20
COMMENTS = 50
SUBJECTS = 12  # that the page about feeds names
LATELY = 100  # articles whose subjects it counts
SITEMAP = 5000  # addresses of one page


@dataclass(frozen=True)
class Subject:
    """A tag with its id."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class PublishedArticle:
    """An article that is out."""

    id: int
    slug: str
    title: str
    standfirst: str
    html: Markup
    foreword_html: Markup
    afterword_html: Markup
    published_at: datetime
    updated_at: datetime | None
    source_name: str
    source_url: str
    lead: str
    author_name: str
    author_username: str
    tags: tuple[TagView, ...]


@dataclass(frozen=True)
class PublishedComment:
    """A comment that everybody may read; satisfies what `policy.shows_edited` asks for."""

    id: int
    parent_id: int | None
    author_id: int | None
    guest_name: str | None
    author_name: str | None
    author_username: str | None
    html: Markup
    status: str
    reply_count: int
    created_at: datetime
    edited_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class GoneComment:
    """A comment that a feed may have had; `when` is when its writer deleted it, else when it was last written."""

    id: int
    when: datetime


@dataclass(frozen=True)
class Talk:
    """The newest comments of a discussion or a branch, and those that are gone since the oldest of them."""

    comments: Sequence[PublishedComment]
    gone: Sequence[GoneComment]


@dataclass(frozen=True)
class Place:
    """One address of the sitemap."""

    slug: str
    changed_at: datetime


def subject(slug: str) -> Subject | None:
    """Return a tag if a published article has it, as its page asks for."""
    carries = select(article_tags.c.article_id).join(Article, Article.id == article_tags.c.article_id)
    carries = carries.where(article_tags.c.tag_id == Tag.id, _is_out())
    row = session.execute(select(Tag.id, Tag.slug, Tag.name).where(Tag.slug == slug, carries.exists())).one_or_none()
    return Subject(*row) if row else None


def subjects() -> list[Subject]:
    """Return the subjects that most of the newest articles have, the most frequent first."""
    newest = select(Article.id).where(_is_out()).order_by(Article.published_at.desc(), Article.id.desc()).limit(LATELY)
    query = (
        select(Tag.id, Tag.slug, Tag.name)
        .join(article_tags, article_tags.c.tag_id == Tag.id)
        .where(article_tags.c.article_id.in_(newest))
        .group_by(Tag.id, Tag.slug, Tag.name)
        .order_by(func.count().desc(), Tag.slug)
        .limit(SUBJECTS)
    )
    return [Subject(*row) for row in session.execute(query)]


def articles(*, tag_id: int | None = None, author_id: int | None = None) -> list[PublishedArticle]:
    """Return the newest articles: all, those of a tag, or those of an author; two statements."""
    chosen = select(Article.id).where(_is_out())
    if tag_id is not None:
        chosen = chosen.join(article_tags, article_tags.c.article_id == Article.id)
        chosen = chosen.where(article_tags.c.tag_id == tag_id)
    if author_id is not None:
        chosen = chosen.where(Article.author_id == author_id)
    # Their texts are read afterwards: the statement that sorts must not carry them.
    chosen = chosen.order_by(Article.published_at.desc(), Article.id.desc()).limit(ARTICLES)
    texts = ("standfirst", "html", "foreword_html", "afterword_html")
    names = ("id", "slug", "title", *texts, "published_at", "updated_at", "source_name", "source_url", "lead")
    query = (
        select(*(getattr(Article, name) for name in names), Person.display_name, Person.username)
        .join(Person, Person.id == Article.author_id)
        .where(Article.id.in_(chosen))
        .order_by(Article.published_at.desc(), Article.id.desc())
    )
    rows = session.execute(query).all()
    tags = tags_of([row.id for row in rows])
    return [
        view(
            PublishedArticle,
            row,
            html=stored(row.html),
            foreword_html=stored(row.foreword_html),
            afterword_html=stored(row.afterword_html),
            author_name=row.display_name,
            author_username=row.username,
            tags=tuple(tags.get(row.id, ())),
        )
        for row in rows
    ]


def discussion(article_id: int) -> Talk:
    """Return the newest comments under an article; two statements."""
    # The literal lets both databases use the index of migration 0025, whatever else is asked of the status.
    return _talk(Comment.article_id == article_id, Comment.status != literal_column("'held'"))


def branch(top: CommentView) -> Talk:
    """Return the newest comments of a branch, its first one included; three statements."""
    rows = Comment.pos.between(top.pos, end_of_branch(top))
    return _talk(Comment.article_id == top.article_id, Comment.root_id == top.root_id, rows)


def sitemap_pages() -> int:
    """Return how many pages the sitemap has: each is of so many ids."""
    newest = session.execute(select(Article.id).where(_is_out()).order_by(Article.id.desc()).limit(1)).scalar()
    return (newest or 0) // SITEMAP + 1


def sitemap(page: int) -> list[Place]:
    """Return the published articles of a page of the sitemap, by their ids."""
    first = page * SITEMAP
    query = select(Article.slug, Article.published_at, Article.updated_at)
    query = query.where(Article.id >= first, Article.id < first + SITEMAP, _is_out()).order_by(Article.id)
    return [Place(slug, max(filter(None, moments))) for slug, *moments in session.execute(query)]


def _talk(*place: ColumnElement[bool]) -> Talk:
    comments = [_comment(row) for row in session.execute(_newest(*place))]
    since = comments[-1].created_at if len(comments) == COMMENTS else EARLIEST
    # What waited when it was written and was never published has a reason to wait; no feed ever had it. What readers
    # reported had stood there.
    query = (
        select(Comment.id, Comment.created_at, Comment.edited_at, Comment.withdrawn_at)
        .where(*place, Comment.status.not_in((CommentStatus.HELD, CommentStatus.PUBLISHED)))
        .where(func.coalesce(Comment.held_reason, REPORTED) == REPORTED, Comment.created_at >= since)
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(COMMENTS)
    )
    gone = [
        GoneComment(id, max(filter(None, (created, edited, withdrawn))))
        for id, created, edited, withdrawn in session.execute(query)
    ]
    return Talk(comments, gone)


def _newest(*place: ColumnElement[bool]) -> Select[Any]:
    names = ("id", "parent_id", "author_id", "guest_name", "html", "status", "reply_count")
    times = ("created_at", "edited_at", "withdrawn_at")
    return (
        select(*(getattr(Comment, name) for name in (*names, *times)), Person.display_name, Person.username)
        .outerjoin(Person, Person.id == Comment.author_id)
        .where(*place, Comment.status == CommentStatus.PUBLISHED)
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(COMMENTS)
    )


def _comment(row: Any) -> PublishedComment:
    names = {"author_name": row.display_name, "author_username": row.username}
    return view(PublishedComment, row, html=stored(row.html), **names)


def _is_out() -> ColumnElement[bool]:
    return and_(Article.status == ArticleStatus.PUBLISHED, Article.published_at <= now())
