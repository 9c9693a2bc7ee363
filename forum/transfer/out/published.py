"""Read what every reader sees of the site and its articles; their discussions are read in `discussion.py`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, null, select
from sqlalchemy.orm import aliased

from forum.articles.models import Article, Tag, article_tags
from forum.articles.queries import ArticleView, TagView
from forum.clock import now
from forum.closures.models import Closure
from forum.closures.queries import ClosureView, concerns
from forum.comments.models import Comment
from forum.comments.reading.page_rows import VISIBLE
from forum.people.models import Person
from forum.pictures.models import Picture, PictureFile
from forum.policy import ArticleStatus, CommentStatus
from forum.site.models import Site
from forum.text.pictures import WIDTHS, shown_by
from forum.text.rendering import stored
from forum.transfer.out.scope import Scope

FEW = {"yield_per": 50}  # articles carry their text


class Appearance(NamedTuple):
    """The settings of the site that the archive shows."""

    name: str
    tagline: str
    language: str
    accent: str
    url: str


class Writer(NamedTuple):
    """Somebody who wrote an article of the archive."""

    id: int
    username: str
    name: str


class Title(NamedTuple):
    """One line of the contents."""

    id: int
    title: str
    published_at: datetime | None
    comment_count: int


def site(connection: Connection) -> Appearance:
    """Return how the site looks."""
    row = connection.execute(select(Site.name, Site.tagline, Site.language, Site.accent, Site.url)).one()
    return Appearance(row.name or "Correspondence", *row[1:])


def heading(connection: Connection, scope: Scope) -> str:
    """Return the title of the article an archive is of, else the name of the site."""
    if scope.article_id is None:
        return site(connection).name
    return connection.execute(select(Article.title).where(Article.id == scope.article_id)).scalar_one()


def titles(connection: Connection, scope: Scope) -> Iterator[Title]:
    """Yield the articles of the archive, newest first."""
    columns: tuple[Any, ...] = (Article.id, Article.title, Article.published_at, Article.comment_count)
    query = select(*columns)
    with connection.execute(out(query, scope), execution_options={"yield_per": 500}) as found:
        for row in found:
            yield Title(*row)


def writers(connection: Connection, scope: Scope) -> Iterator[Writer]:
    """Yield who wrote the articles of the archive, in the order of their ids."""
    wrote = out(select(Article.author_id), scope).order_by(None)
    for row in connection.execute(
        select(Person.id, Person.username, Person.display_name).where(Person.id.in_(wrote)).order_by(Person.id)
    ):
        yield Writer(*row)


def articles(connection: Connection, scope: Scope) -> Iterator[ArticleView]:
    """Yield the articles with their text, newest first."""
    columns: tuple[Any, ...] = (*Article.__table__.c, Person.display_name, Person.username)
    query = out(select(*columns).join(Person, Person.id == Article.author_id), scope)
    with connection.execute(query, execution_options=FEW) as found:
        for row in found:
            values = {field.name: getattr(row, field.name) for field in fields(ArticleView) if hasattr(row, field.name)}
            values |= {"author_name": row.display_name, "author_username": row.username, "html": stored(row.html)}
            values |= {name: stored(getattr(row, name)) for name in ("foreword_html", "afterword_html")}
            is_out = (
                row.status == ArticleStatus.PUBLISHED and row.published_at is not None and row.published_at <= now()
            )
            values |= {
                "tags": tuple(_tags(connection, row.id)),
                "is_out": is_out,
                "is_scheduled": False,
            }
            yield ArticleView(**values)


def last_number(connection: Connection) -> int:
    """Return the highest id of an article, whether or not it is in the archive."""
    return connection.execute(select(func.max(Article.id))).scalar() or 0


def pictures(connection: Connection, article: ArticleView) -> dict[str, str]:
    """Return the pictures of an article as `data:` addresses by hash, in the width of a column."""
    shown = shown_by(article.lead, article.html, article.foreword_html, article.afterword_html)
    found: dict[str, str] = {}
    for picture in shown:
        query = select(PictureFile.data).join(Picture, Picture.id == PictureFile.picture_id)
        query = query.where(Picture.hash == picture.hash, PictureFile.width == picture.up_to(WIDTHS[1]))
        if (data := connection.execute(query).scalar()) is not None:
            found[picture.hash] = "data:image/webp;base64," + b64encode(data).decode()
    return found


def closures(connection: Connection, article_id: int) -> list[ClosureView]:
    """Return the closures of an article that are in force; none for one person, of which others are told nothing."""
    closer, once = aliased(Person), aliased(Person)
    own = [field.name for field in fields(ClosureView) if hasattr(Closure, field.name)]
    query = (
        select(
            *(getattr(Closure, name) for name in own),
            closer.display_name.label("closed_by"),
            once.display_name.label("once"),
            Article.slug.label("article_slug"),
            Article.title.label("article_title"),
            Article.author_id.label("article_author_id"),
        )
        .join(Article, Article.id == Closure.article_id)
        .outerjoin(closer, closer.id == Closure.closed_by_id)
        .outerjoin(once, once.id == Closure.once_id)
        .where(Closure.article_id == article_id, Closure.reopened_at.is_(None), concerns(null()))
        .order_by(Closure.id)
    )
    moment = now()
    found = [ClosureView(**row) for row in connection.execute(query).mappings()]
    return [closure for closure in found if closure.holds(moment)]


def out(query: Select[Any], scope: Scope) -> Select[Any]:
    """Let a statement read the articles of an archive: of all only what is published, a single one also as a draft."""
    query = query.where(*scope.articles())
    if scope.article_id is None:
        published = (Article.status == ArticleStatus.PUBLISHED, Article.published_at <= now())
        query = query.where(*published).order_by(Article.published_at.desc(), Article.id.desc())
    if scope.chooses_comments and scope.article_id is None:
        query = query.where(_has_part(scope))
    return query


def shown(scope: Scope) -> ColumnElement[bool]:
    """Return what is true of comments that are shown: of a person only what is published, for a frame names nobody."""
    return VISIBLE if scope.person_id is None else Comment.status == CommentStatus.PUBLISHED


def _has_part(scope: Scope) -> ColumnElement[bool]:
    """Return what is true of an article that the person wrote in the time, or in whose discussion they did."""
    wrote = select(Comment.article_id).where(*scope.written(Comment.author_id, Comment.created_at), shown(scope))
    return Article.id.in_(wrote) | and_(*scope.written(Article.author_id, Article.published_at))


def _tags(connection: Connection, article_id: int) -> list[TagView]:
    query = select(Tag.slug, Tag.name, Tag.id).join(article_tags, article_tags.c.tag_id == Tag.id)
    found = connection.execute(query.where(article_tags.c.article_id == article_id).order_by(Tag.name))
    return [TagView(*row) for row in found]
