"""Read lists of articles: all, those of a tag, of an author, of a month, and a writer's own drafts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Tuple, and_, func, literal, select, tuple_

from forum.articles.models import Article, Tag, article_tags
from forum.articles.queries import SHOWN, TagView, tags_of
from forum.clock import now
from forum.db import Moment, session, view
from forum.people.models import Person
from forum.policy import Actor, ArticleStatus, may_edit_article, may_write_articles
from forum.text.words import excerpt

PAGE = 20  # articles of a list: two or three screens
EXCERPT = 240  # characters: enough to decide whether to read on
_HEAD = EXCERPT * 20  # characters of HTML read for an excerpt; the rest of a long essay stays in the database


@dataclass(frozen=True)
class Item:
    """One article in a list. `may_edit` says whether this viewer gets a link to its form."""

    id: int
    slug: str
    title: str
    author_name: str
    author_username: str
    published_at: datetime | None
    created_at: datetime
    standfirst: str
    excerpt: str
    source_name: str
    source_url: str
    lead: str
    comment_count: int
    tags: list[TagView]
    is_scheduled: bool
    may_edit: bool


@dataclass(frozen=True)
class Listing:
    """One page of a list. `next_id` is the first article of the next page.

    `may_write` says whether an empty list invites this viewer to write its first article.
    """

    items: list[Item]
    next_id: int | None
    may_write: bool


@dataclass(frozen=True)
class Month:
    """One month in which articles were published, in the time zone of the site; `number` of them, where counted."""

    year: int
    month: int
    first: datetime
    number: int = 0


def listing(
    actor: Actor,
    *,
    tag: int | None = None,
    author: int | None = None,
    between: tuple[datetime, datetime] | None = None,
    start: int | None = None,
) -> Listing:
    """Return published articles, newest first: all, those of a tag or an author, by id, or of a span of time.

    `start` is the first article of the page; where it is not published (any more), the list begins at its top.
    """
    query = _items().where(out(now()))
    if tag is not None:
        # By its id: of a tag that is only looked up, PostgreSQL does not know that every second article has it.
        query = query.where(Article.id.in_(select(article_tags.c.article_id).where(article_tags.c.tag_id == tag)))
    if author is not None:
        query = query.where(Article.author_id == author)
    if between is not None:
        query = query.where(Article.published_at >= between[0], Article.published_at < between[1])
    place = _place(start) if start is not None else None
    if place is not None:
        query = query.where(tuple_(Article.published_at, Article.id) <= place)
    query = query.order_by(Article.published_at.desc(), Article.id.desc()).limit(PAGE + 1)
    rows = session.execute(query).all()
    following = rows[PAGE].id if len(rows) > PAGE else None
    return Listing(_as_items(rows[:PAGE], actor), following, bool(may_write_articles(actor)))


def out(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that an article is for everybody at this moment."""
    return and_(Article.status == ArticleStatus.PUBLISHED, Article.published_at <= moment)


def unpublished(actor: Actor) -> list[Item]:
    """Return this person's own drafts and scheduled articles: scheduled ones by date, then the newest drafts."""
    if actor.id is None:
        return []
    moment = now()
    waiting = (Article.status == ArticleStatus.DRAFT) | (Article.published_at > moment)
    rows = session.execute(_items().where(Article.author_id == actor.id, waiting)).all()
    scheduled = sorted((row for row in rows if row.status == ArticleStatus.PUBLISHED), key=lambda row: row.published_at)
    drafts = sorted((row for row in rows if row.status == ArticleStatus.DRAFT), key=lambda row: -row.id)
    return _as_items([*scheduled, *drafts], actor)


def tag(slug: str) -> TagView | None:
    """Return a tag if a published article has it. The tags of drafts are not public."""
    return next(iter(_public_tags(Tag.slug == slug)), None)


def tags(ids: Collection[int]) -> dict[int, TagView]:
    """Return those of some tags that a published article has, by id."""
    return {row.id: row for row in _public_tags(Tag.id.in_(ids))}


def all_tags() -> list[tuple[TagView, int]]:
    """Return every tag that a published article has, with how many have it, by name: accents count for nothing."""
    number = func.count(Article.id)
    carried = select(Tag.slug, Tag.name, Tag.id, number).join(article_tags, article_tags.c.tag_id == Tag.id)
    query = carried.join(Article, Article.id == article_tags.c.article_id).where(out(now())).group_by(Tag.id)
    rows = session.execute(query.order_by(Tag.slug)).all()
    return [(TagView(*row[:3]), row[3]) for row in rows]


def _public_tags(which: ColumnElement[bool]) -> list[TagView]:
    carries = select(article_tags.c.tag_id).join(Article, Article.id == article_tags.c.article_id).where(out(now()))
    is_carried = carries.where(article_tags.c.tag_id == Tag.id).exists()
    rows = session.execute(select(Tag.slug, Tag.name, Tag.id).where(which, is_carried))
    return [TagView(*row) for row in rows]


def months(zone: ZoneInfo, most: int) -> list[Month]:
    """Return the newest months in which articles were published, at most `most`, in a time zone.

    Each is one look into the index of articles by date, so that a list of a few months costs the same on a site of
    any size.
    """
    found: list[Month] = []
    before = now()
    newest = select(func.max(Article.published_at)).where(Article.status == ArticleStatus.PUBLISHED)
    while len(found) < most:
        moment = session.execute(newest.where(Article.published_at <= before)).scalar()
        if moment is None:
            break
        local = moment.astimezone(zone)
        first = datetime(local.year, local.month, 1, tzinfo=zone)
        found.append(Month(local.year, local.month, first))
        before = first - timedelta(microseconds=1)
    return found


def every_month(zone: ZoneInfo) -> list[Month]:
    """Return every month in which articles were published, newest first, with their number: one statement."""
    moments = session.scalars(select(Article.published_at).where(out(now())))
    local = (moment.astimezone(zone) for moment in moments if moment)
    numbers = Counter((at.year, at.month) for at in local)
    found = sorted(numbers.items(), reverse=True)
    return [Month(year, month, datetime(year, month, 1, tzinfo=zone), number) for (year, month), number in found]


def _items() -> Any:
    head = func.substr(Article.html, 1, _HEAD).label("head")
    return select(*SHOWN, head).join(Person, Person.id == Article.author_id)


def _place(article_id: int) -> Tuple | None:
    moment = session.execute(select(Article.published_at).where(Article.id == article_id, out(now()))).scalar()
    return tuple_(literal(moment, Moment()), literal(article_id)) if moment else None


def _as_items(rows: Iterable[Row[Any]], actor: Actor) -> list[Item]:
    rows = list(rows)
    tags = tags_of([row.id for row in rows])
    return [
        view(
            Item,
            row,
            author_name=row.display_name,
            author_username=row.username,
            excerpt=excerpt(_whole_tags(row.head), EXCERPT),
            tags=tags.get(row.id, []),
            is_scheduled=row.status == ArticleStatus.PUBLISHED,
            may_edit=bool(may_edit_article(actor, row)),
        )
        for row in rows
    ]


def _whole_tags(head: str) -> str:
    # The database cut the HTML at a length, which may be in the middle of a tag.
    return head[: head.rfind("<")] if head.rfind("<") > head.rfind(">") else head
