"""Read single comments and short lists of them; whole threads are read in `reading/page_rows.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, bindparam, case, literal, literal_column, or_, select, tuple_

from forum.articles.models import TAG_IDS, Article
from forum.clock import now
from forum.comments.models import Comment, Revision, Source
from forum.db import Moment, session
from forum.people.models import Person
from forum.policy import Actor, ArticleStatus, CommentStatus
from forum.text.rendering import render, stored

VERSIONS = 10  # earlier versions of one page
LISTED = 30  # comments of one page, where they stand out of their discussions


@dataclass(frozen=True)
class CommentView:
    """One comment with what its own pages need; satisfies `policy.CommentFacts`."""

    id: int
    article_id: int
    article_slug: str
    article_title: str
    article_author_id: int
    article_status: str
    article_published_at: datetime | None
    article_tag_ids: frozenset[int]
    parent_id: int | None
    root_id: int
    author_id: int | None
    author_name: str | None
    author_username: str | None
    guest_name: str | None
    status: str
    rule: str | None
    held_reason: str | None
    html: Markup
    reply_count: int
    closure_count: int
    created_at: datetime
    edited_at: datetime | None
    withdrawn_at: datetime | None
    depth: int
    pos: int

    @property
    def name(self) -> str:
        """Return the name shown above the comment."""
        return self.author_name or self.guest_name or ""

    @property
    def article(self) -> Placement:
        """Return its article as far as the rules care; satisfies `policy.ModeratedFacts`."""
        return Placement(self.article_author_id, self.article_status, self.article_published_at, self.article_tag_ids)


@dataclass(frozen=True)
class Placement:
    """The facts of an article that rules about its comments need."""

    author_id: int
    status: str
    published_at: datetime | None
    tag_ids: frozenset[int]


@dataclass(frozen=True)
class Version:
    """One version of a comment's text; the newest has no `replaced_at`."""

    id: int | None
    html: Markup
    replaced_at: datetime | None


def facts(comment_id: int) -> CommentView | None:
    """Return one comment, whatever its status: who may see it is the caller's question to policy."""
    row = session.connection().execute(_ONE, {"id": comment_id}).one_or_none()
    return _view(row) if row else None


def many(comment_ids: list[int]) -> dict[int, CommentView]:
    """Return comments by id, one statement."""
    rows = session.execute(_views().where(Comment.id.in_(comment_ids)))
    return {row.id: _view(row) for row in rows}


def source(comment_id: int) -> tuple[str, str]:
    """Return a comment's source text and its format; empty where it was erased."""
    row = session.execute(select(Source.source, Source.format).where(Source.comment_id == comment_id)).one_or_none()
    return (row.source, row.format) if row else ("", "markdown")


def by_person(person_id: int, before: int | None = None, limit: int = LISTED) -> list[CommentView]:
    """Return what somebody published under published articles, newest first."""
    query = _views().where(Comment.author_id == person_id, *_in_public())
    if before is not None:
        query = query.where(Comment.id < before)
    return [_view(row) for row in session.execute(query.order_by(Comment.id.desc()).limit(limit))]


def latest(before: int | None = None) -> list[CommentView]:
    """Return the newest comments of the site that everybody may read; `before` is the last one of the page before."""
    query = _views().where(*_in_public())
    key = tuple_(Comment.created_at, Comment.id)
    if before is not None:
        moment = session.scalar(select(Comment.created_at).where(Comment.id == before))
        query = query.where(key < tuple_(literal(moment, Moment()), literal(before))) if moment else query
    newest = query.order_by(Comment.created_at.desc(), Comment.id.desc()).limit(LISTED)
    return [_view(row) for row in session.execute(newest)]


def published(comment_ids: list[int]) -> dict[int, CommentView]:
    """Return those of some comments that everybody may read, by id."""
    if not comment_ids:
        return {}
    rows = session.execute(_PUBLISHED, {"ids": comment_ids, "moment": now()})
    return {row.id: _view(row) for row in rows}


def _in_public() -> tuple[ColumnElement[bool], ...]:
    out = (Article.status == ArticleStatus.PUBLISHED, Article.published_at <= now())
    return (Comment.status == CommentStatus.PUBLISHED, *out)


def waiting(actor: Actor, article_id: int) -> list[CommentView]:
    """Return the actor's own comments under an article that nobody else sees yet, oldest first."""
    if actor.id is not None and not actor.guest_comments:
        rows = session.connection().execute(_WAITING_OF, {"article": article_id, "person": actor.id})
        return [_view(row) for row in rows]
    own: list[ColumnElement[bool]] = []
    if actor.guest_comments:
        own.append(Comment.id.in_(actor.guest_comments))
    if actor.id is not None:
        own.append(Comment.author_id == actor.id)
    if not own:
        return []
    return [_view(row) for row in session.execute(_WAITING.where(or_(*own)), {"article": article_id})]


def versions(comment: CommentView, before: int | None = None) -> tuple[list[Version], int | None]:
    """Return a page of a comment's versions, newest first, and the id to go on from.

    The text as it is now is the first; `before` is the id of the last version of the page before. Earlier versions are
    rendered as they are shown, so there are few on a page.
    """
    query = select(Revision).where(Revision.comment_id == comment.id).order_by(Revision.id.desc()).limit(VERSIONS + 1)
    if before is not None:
        query = query.where(Revision.id < before)
    rows = session.scalars(query).all()
    found = [Version(row.id, stored(render(row.source, row.format)), row.replaced_at) for row in rows[:VERSIONS]]
    following = found[-1].id if len(rows) > VERSIONS else None
    return [Version(None, comment.html, None), *found] if before is None else found, following


def _view(row: Any) -> CommentView:
    return CommentView(**{**row._mapping, "html": stored(row.html)})


def _views() -> Select[*tuple[Any, ...]]:
    own = ("id", "article_id", "parent_id", "author_id", "guest_name", "status", "rule", "held_reason", "html")
    rest = ("reply_count", "closure_count", "created_at", "edited_at", "withdrawn_at", "depth", "pos")
    return (
        select(
            *(getattr(Comment, name) for name in (*own, *rest)),
            case((Comment.root_id.is_(None), Comment.id), else_=Comment.root_id).label("root_id"),
            Article.slug.label("article_slug"),
            Article.title.label("article_title"),
            Article.author_id.label("article_author_id"),
            Article.status.label("article_status"),
            Article.published_at.label("article_published_at"),
            TAG_IDS.label("article_tag_ids"),
            Person.display_name.label("author_name"),
            Person.username.label("author_username"),
        )
        .join(Article, Article.id == Comment.article_id)
        .outerjoin(Person, Person.id == Comment.author_id)
    )


_ONE = _views().where(Comment.id == bindparam("id"))
_PUBLISHED = _views().where(
    Comment.id.in_(bindparam("ids", expanding=True)),
    Comment.status == CommentStatus.PUBLISHED,
    Article.status == ArticleStatus.PUBLISHED,
    Article.published_at <= bindparam("moment", type_=Moment()),
)


# Few comments wait, and an index knows which. "+ 0" keeps SQLite from going through all that somebody ever wrote, or
# all that stands under the article, instead; the literal is what lets it use the index.
_WAITING = (
    _views()
    .where((Comment.article_id + 0) == bindparam("article"), Comment.status == literal_column("'held'"))
    .order_by(Comment.created_at, Comment.id)
    .limit(50)
)
_WAITING_OF = _WAITING.where((Comment.author_id + 0) == bindparam("person"))
