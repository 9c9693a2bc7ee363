"""Read what every reader sees, on one connection of `db.snapshot()`, as the rows that pages are drawn from."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, null, select
from sqlalchemy.orm import aliased

from forum.articles.models import Article, Tag, article_tags
from forum.articles.queries import ArticleView, TagView
from forum.clock import now
from forum.closures.models import Closure
from forum.closures.queries import ClosureView, concerns
from forum.comments.models import Comment
from forum.comments.reading import thread
from forum.comments.reading.page_rows import VISIBLE, Root
from forum.comments.reading.row import Row
from forum.comments.tree import Above
from forum.people.models import Person
from forum.pictures.models import Picture, PictureFile
from forum.policy import ArticleStatus
from forum.site.models import Site
from forum.text.pictures import WIDTHS, shown_by
from forum.text.rendering import stored
from forum.transfer.out.scope import Scope

FEW = {"yield_per": 50}  # articles carry their text
LEAVES = 400  # values in one IN (...)


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


def only_title(connection: Connection, scope: Scope) -> str | None:
    """Return the title of the article an archive is of, None for a whole site."""
    if scope.article_id is None:
        return None
    return connection.execute(select(Article.title).where(Article.id == scope.article_id)).scalar_one()


def titles(connection: Connection, scope: Scope) -> Iterator[Title]:
    """Yield the articles of the archive, newest first."""
    columns: tuple[Any, ...] = (Article.id, Article.title, Article.published_at, Article.comment_count)
    query = select(*columns)
    with connection.execute(_out(query, scope), execution_options={"yield_per": 500}) as found:
        for row in found:
            yield Title(*row)


def writers(connection: Connection, scope: Scope) -> Iterator[Writer]:
    """Yield who wrote the articles of the archive, in the order of their ids."""
    wrote = _out(select(Article.author_id), scope).order_by(None)
    for row in connection.execute(
        select(Person.id, Person.username, Person.display_name).where(Person.id.in_(wrote)).order_by(Person.id)
    ):
        yield Writer(*row)


def articles(connection: Connection, scope: Scope) -> Iterator[ArticleView]:
    """Yield the articles with their text, newest first."""
    columns: tuple[Any, ...] = (*Article.__table__.c, Person.display_name, Person.username)
    query = _out(select(*columns).join(Person, Person.id == Article.author_id), scope)
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


def roots(connection: Connection, article_id: int) -> Iterator[Root]:
    """Yield an article's threads, oldest first."""
    query = (
        select(Comment.id, Comment.thread_number, Comment.thread_size)
        .where(Comment.article_id == article_id, Comment.parent_id.is_(None), Comment.thread_size > 0)
        .order_by(Comment.created_at, Comment.id)
    )
    with connection.execute(query, execution_options={"yield_per": 500}) as found:
        for row in found:
            yield Root(row.id, row.thread_number or 0, row.thread_size or 0)


def rows(
    connection: Connection, article: ArticleView, root: Root, closures: list[ClosureView], number: int
) -> Iterator[list[Row]]:
    """Yield a thread's rows as the page draws them, `number` at a time; the rows above a part carry over."""
    open_rows: list[list[int]] = []  # from the thread's first comment down: id, level, replies, replies seen
    done = 0
    for part in _read(connection, article.id, root.id, number):
        done += len(part)
        _leave(open_rows, part[0].parent_id)
        above = [Above(*row) for row in open_rows]
        parents = _parents(connection, part)
        made = thread.rows_of(article, part, parents, closures, above=above, cut=done < root.size)
        for row in made:
            _leave(open_rows, row.parent_id)
            if open_rows:
                open_rows[-1][3] += 1
            open_rows.append([row.id, row.level, row.reply_count, 0])
        yield made


def _leave(open_rows: list[list[int]], parent_id: int | None) -> None:
    while open_rows and open_rows[-1][0] != parent_id:
        open_rows.pop()


def _read(connection: Connection, article_id: int, root_id: int, number: int) -> Iterator[Sequence[Any]]:
    query = (
        _rows()
        .where(Comment.article_id == article_id, Comment.root_id == root_id, Comment.pos > -1)
        .where(VISIBLE)
        .order_by(Comment.root_id, Comment.pos)
    )
    with connection.execute(query, execution_options={"yield_per": number}) as found:
        yield from found.partitions()


def _parents(connection: Connection, part: Sequence[Any]) -> dict[int, Any]:
    """Return the rows that rows of a part answer, if they are not in it themselves."""
    here = {row.id for row in part}
    missing = sorted({row.parent_id for row in part if row.parent_id and row.parent_id not in here})
    found: dict[int, Any] = {}
    for start in range(0, len(missing), LEAVES):
        query = _rows().where(Comment.id.in_(missing[start : start + LEAVES]))
        found |= {row.id: row for row in connection.execute(query)}
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


def _out(query: Select[Any], scope: Scope) -> Select[Any]:
    if scope.article_id is not None:
        return query.where(Article.id == scope.article_id)
    published = query.where(Article.status == ArticleStatus.PUBLISHED, Article.published_at <= now())
    return published.order_by(Article.published_at.desc(), Article.id.desc())


def _tags(connection: Connection, article_id: int) -> list[TagView]:
    query = select(Tag.slug, Tag.name, Tag.id).join(article_tags, article_tags.c.tag_id == Tag.id)
    found = connection.execute(query.where(article_tags.c.article_id == article_id).order_by(Tag.name))
    return [TagView(*row) for row in found]


def _rows() -> Select[Any]:
    names = ("id", "article_id", "parent_id", "root_id", "pos", "depth", "reply_count", "closure_count", "author_id")
    rest = ("guest_name", "html", "status", "rule", "created_at", "edited_at", "withdrawn_at")
    columns = (getattr(Comment, name) for name in (*names, *rest))
    people = (Person.display_name, Person.username, Person.role)
    return select(*columns, *people).outerjoin(Person, Person.id == Comment.author_id)
