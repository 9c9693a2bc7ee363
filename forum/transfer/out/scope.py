"""What an export is of, found in the database: the whole site, or what fits each of the things that were named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Connection, Select, select

from forum.articles.models import Article, FormerAddress, Tag, article_tags
from forum.clock import EARLIEST, LATEST
from forum.comments.models import Comment
from forum.errors import Invalid
from forum.ledger.models import LedgerHead
from forum.people.models import Person
from forum.site.models import Site
from forum.transfer.manifest import SETTINGS
from forum.transfer.wanted import Wanted

Draw = Callable[..., str]  # (template, **values) -> text; the caller knows the templates
# By what address an article is found: its own, then one it had before, as on the web.
_ARTICLES = {Article.slug: Article.id, FormerAddress.slug: FormerAddress.article_id}


@dataclass(frozen=True)
class Head:
    """The newest entry of the log when an export was made. A copy of it kept elsewhere shows later changes."""

    number: int
    hash: str


@dataclass(frozen=True)
class Scope:
    """What was wanted, with the ids and the moments of what it names; `until` is the first moment after it.

    `settings` are there only for a whole site that is set up.
    """

    wanted: Wanted
    origin: str
    head: Head
    settings: dict[str, Any] | None = None
    article_id: int | None = None
    tag_id: int | None = None
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def chooses_comments(self) -> bool:
        """Tell whether comments are chosen one by one, by their writer or their time; else discussions are whole."""
        return self.person_id is not None or self.since is not None or self.until is not None

    def articles(self) -> list[ColumnElement[bool]]:
        """Return what is true of the articles whose discussions are asked for."""
        found = [Article.id == self.article_id] if self.article_id is not None else []
        if self.tag_id is not None:
            tagged = select(article_tags.c.article_id).where(article_tags.c.tag_id == self.tag_id)
            found.append(Article.id.in_(tagged))
        return found

    def written(self, by: Any, at: Any) -> list[ColumnElement[bool]]:
        """Return what is true of what the person wrote in the time, by the columns of the writer and the moment."""
        found = [by == self.person_id] if self.person_id is not None else []
        found += [at >= self.since] if self.since is not None else []
        return [*found, at < self.until] if self.until is not None else found

    def comments(self) -> list[ColumnElement[bool]]:
        """Return what is true of the comments that are asked for."""
        within = self.articles()
        found = [Comment.article_id.in_(select(Article.id).where(*within))] if within else []
        return found + self.written(Comment.author_id, Comment.created_at)

    @cached_property
    def with_above(self) -> Select[Any]:
        """Return the ids of the comments that are asked for and of those above them, so that each has its place.

        It is made once: two of one name do not fit into one statement.
        """
        asked = select(Comment.id, Comment.parent_id).where(*self.comments())
        if not self.chooses_comments:
            return asked.with_only_columns(Comment.id)
        line = asked.cte("line", recursive=True)
        above = select(Comment.id, Comment.parent_id).join(line, Comment.id == line.c.parent_id)
        return select(line.union(above).c.id)

    def has(self, author_id: int | None, created_at: datetime) -> bool:
        """Tell of a comment of one of these articles whether it is asked for."""
        return (
            (self.person_id is None or author_id == self.person_id)
            and (self.since is None or created_at >= self.since)
            and (self.until is None or created_at < self.until)
        )


@dataclass
class Export:
    """An export on its way: where it is read, what it is of, and how many comments are written so far."""

    connection: Connection
    scope: Scope
    draw: Draw
    done: int = 0


def scope(connection: Connection, wanted: Wanted) -> Scope:
    """Find what is wanted. Raises Invalid, naming the field, where it is not there or can be nothing."""
    asked = select(Site.origin, Site.set_up_at, Site.timezone, *(getattr(Site, name) for name in SETTINGS))
    site = connection.execute(asked).one()
    head = Head(*connection.execute(select(LedgerHead.number, LedgerHead.hash)).one())
    if wanted.is_everything:
        settings = {name: getattr(site, name) for name in SETTINGS} if site.set_up_at else None
        return Scope(wanted, site.origin, head, settings)
    since, until = _span(wanted.since, wanted.until, ZoneInfo(site.timezone))
    return Scope(
        wanted,
        site.origin,
        head,
        article_id=_id(connection, _ARTICLES, "article", wanted.article),
        tag_id=_id(connection, {Tag.slug: Tag.id}, "tag", wanted.tag),
        person_id=_id(connection, {Person.username: Person.id}, "person", wanted.person),
        since=since,
        until=until,
    )


def _id(connection: Connection, ids: dict[Any, Any], field: str, name: str) -> int | None:
    """Return the id that belongs to a name, by the first column of `ids` that has the name."""
    if not name:
        return None
    for column, id in ids.items():
        found = connection.execute(select(id).where(column == name)).scalar_one_or_none()
        if found is not None:
            return int(found)
    missing = {
        "article": _("There is no article at the address %(name)s.", name=name[:120]),
        "tag": _("There is no subject %(name)s.", name=name[:120]),
        "person": _("There is no person with the sign-in name %(name)s.", name=name[:120]),
    }
    raise Invalid({field: missing[field]})


def _span(since: date | None, until: date | None, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    for field, day in (("since", since), ("until", until)):
        if day is not None and not EARLIEST.date() < day < LATEST.date():
            raise Invalid({field: _("A day between 1970 and 2200, please.")})
    if since and until and until < since:
        raise Invalid({"until": _("The last day is before the first one.")})
    begin = datetime.combine(since, time(), zone) if since else None
    return begin, datetime.combine(until + timedelta(days=1), time(), zone) if until else None
