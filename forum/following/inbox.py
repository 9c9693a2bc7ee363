"""Read what somebody was told, as they may see it now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from forum import policy
from forum.articles.models import Article
from forum.clock import now
from forum.comments import queries as comments
from forum.comments.queries import CommentView
from forum.db import session
from forum.notifications import queries as notices
from forum.notifications.queries import NoticeView
from forum.people.models import Person
from forum.policy import Actor
from forum.text.words import excerpt

PAGE = 60  # notices read for one page; those of one conversation are one line
WORDS = 300  # characters of a comment
NAMED = 8  # comments that a line leads to


@dataclass(frozen=True)
class Link:
    """A comment that a line of the page leads to."""

    comment_id: int
    name: str
    created_at: datetime


@dataclass(frozen=True)
class Told:
    """One line of the page: one notice as it was written, or several of one conversation.

    `notice` is the newest. Where it is about comments others wrote, `links` are these, the oldest first, `name` and
    `words` are of the newest, `others` counts further writers, and `own` says that the article is the reader's. Where
    it is about a new article, `name` is its author's and `slug` leads there.
    """

    notice: NoticeView
    title: str = ""
    slug: str = ""
    name: str = ""
    words: str = ""
    others: int = 0
    count: int = 1
    own: bool = False
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Inbox:
    """A page of what a person was told, newest first; `newest` is the newest id on it, `older` the next cursor."""

    items: list[Told]
    newest: int
    older: int | None
    unseen: int


def inbox(actor: Actor, before: int | None = None) -> Inbox:
    """Return a page of what somebody was told. What they may not read any more is left out."""
    page = notices.notices(actor.id or 0, before, PAGE)
    return Inbox(lines(actor, page.items), page.newest, page.older, page.unseen)


def lines(actor: Actor, rows: Sequence[NoticeView]) -> list[Told]:
    """Return notices, the newest first, as lines: those of one conversation are one. What may not be read is left out.

    Mail is made of the same lines.
    """
    written = comments.many([row.comment_id for row in rows if row.kind in _COMMENT and row.comment_id])
    articles = articles_of(row.article_id for row in rows if row.kind == "article")
    authors = people_of(article.author_id for article in articles.values())
    groups: dict[object, list[NoticeView]] = {}
    for row in rows:
        if _is_seen(actor, row, written, articles):
            groups.setdefault(_group(row, written), []).append(row)
    return [_told(actor, group, written, articles, authors) for group in groups.values()]


_COMMENT = ("answer", "comment")


def _is_seen(
    actor: Actor, row: NoticeView, written: Mapping[int, CommentView], articles: Mapping[int, Article]
) -> bool:
    if row.kind in _COMMENT:
        comment = written.get(row.comment_id or 0)
        return comment is not None and policy.is_tellable(comment.status, comment.article, now())
    if row.kind == "article":
        article = articles.get(row.article_id or 0)
        return article is not None and policy.is_out(article, now())
    return True


def _group(row: NoticeView, written: Mapping[int, CommentView]) -> object:
    """Return what the notices of one line have in common; whatever is decided about somebody stands for itself."""
    if row.kind not in _COMMENT:
        return row.id
    parent = written[row.comment_id or 0].parent_id if row.kind == "answer" else None
    return row.kind, row.article_id, parent, row.is_new


def _told(
    actor: Actor,
    rows: list[NoticeView],
    written: Mapping[int, CommentView],
    articles: Mapping[int, Article],
    authors: Mapping[int, Person],
) -> Told:
    newest = rows[0]
    if newest.kind == "article":
        article = articles[newest.article_id or 0]
        name = authors[article.author_id].display_name
        return Told(newest, title=article.title, slug=article.slug, name=name)
    if newest.kind not in _COMMENT:
        return Told(newest)
    said = [written[row.comment_id or 0] for row in rows]
    writers = {(comment.author_id, comment.guest_name) for comment in said}
    return Told(
        newest,
        title=said[0].article_title,
        slug=said[0].article_slug,
        name=said[0].name,
        words=excerpt(said[0].html, WORDS),
        others=len(writers) - 1,
        count=len(said),
        own=said[0].article_author_id == actor.id,
        links=tuple(Link(comment.id, comment.name, comment.created_at) for comment in reversed(said[:NAMED])),
    )


def articles_of(ids: Iterable[int | None]) -> dict[int, Article]:
    """Return articles by id."""
    return {row.id: row for row in session.scalars(select(Article).where(Article.id.in_(set(ids) - {None})))}


def people_of(ids: Iterable[int]) -> dict[int, Person]:
    """Return people by id."""
    return {row.id: row for row in session.scalars(select(Person).where(Person.id.in_(list(ids))))}
