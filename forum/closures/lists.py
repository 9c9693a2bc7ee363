"""List closures for those who moderate: filters, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from forum.articles.models import Article, Tag, article_tags
from forum.articles.reach import within
from forum.closures.models import Closure
from forum.closures.queries import ClosureView, shown
from forum.people.models import Person
from forum.people.queries import sign_in_name
from forum.policy import Reach

PAGE = 30
PLACES = ("site", "tag", "article", "branch", "one", "two")
STATES = ("in-force", "coming", "ended", "all")
MAKERS = ("person", "software")


@dataclass(frozen=True)
class Filters:
    """What a list of closures is narrowed to; what is empty or unknown narrows nothing.

    `by` and `person` are sign-in names (who closed, and whom it keeps from writing), `article` and `tag` are ends of
    addresses.
    """

    place: str = ""
    state: str = ""
    maker: str = ""
    by: str = ""
    person: str = ""
    article: str = ""
    tag: str = ""

    @property
    def values(self) -> dict[str, str]:
        """Return those that are set, for an address."""
        return {name: value for name, value in vars(self).items() if value}


def newest(filters: Filters, now: datetime, reach: Reach, before: int | None) -> tuple[list[ClosureView], int]:
    """Return a page of closures in somebody's reach, and where the next one begins (0: there is none)."""
    there = or_(within(reach, Closure.article_id), Closure.tag_id.in_(reach.tags))
    conditions = [there, *_chosen(filters), *_in_state(filters.state, now)]
    if before is not None:
        conditions.append(Closure.id < before)
    found = shown(conditions, now, PAGE + 1)
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else 0


def of_many(tag_id: int | None, now: datetime) -> list[ClosureView]:
    """Return what is closed, or announced, of just this tag, or without one of just the site, newest first."""
    place = Closure.tag_id.is_(None) if tag_id is None else Closure.tag_id == tag_id
    return shown([Closure.article_id.is_(None), place, *_in_state("standing", now)], now, PAGE)


def _chosen(filters: Filters) -> list[ColumnElement[bool]]:
    everyone, of_article = Closure.person_a_id.is_(None), Closure.article_id.is_not(None)
    places = {
        "site": and_(everyone, ~of_article, Closure.tag_id.is_(None)),
        "tag": and_(everyone, Closure.tag_id.is_not(None)),
        "article": and_(everyone, of_article, Closure.branch_id.is_(None)),
        "branch": and_(everyone, Closure.branch_id.is_not(None)),
        "one": and_(~everyone, Closure.person_b_id.is_(None)),
        "two": Closure.person_b_id.is_not(None),
    }
    found: list[ColumnElement[bool]] = [places[filters.place]] if filters.place in places else []
    if filters.maker in MAKERS:
        found.append(Closure.cause != "" if filters.maker == "software" else Closure.cause == "")
    if filters.by:
        found.append(Closure.closed_by_id == _id_of(filters.by))
    if filters.person:
        found.append(or_(Closure.person_a_id == _id_of(filters.person), Closure.person_b_id == _id_of(filters.person)))
    if filters.article:
        found.append(Article.slug == filters.article)
    if filters.tag:
        tagged = article_tags.join(Tag, Tag.id == article_tags.c.tag_id)
        has_tag = (
            exists().select_from(tagged).where(article_tags.c.article_id == Closure.article_id, Tag.slug == filters.tag)
        )
        found.append(or_(has_tag, Closure.tag_id == select(Tag.id).where(Tag.slug == filters.tag).scalar_subquery()))
    return found


def _in_state(state: str, now: datetime) -> list[ColumnElement[bool]]:
    ended = or_(Closure.reopened_at.is_not(None), and_(Closure.until.is_not(None), Closure.until <= now))
    coming = and_(Closure.begins_at.is_not(None), Closure.begins_at > now)
    states = {"all": [], "ended": [ended], "coming": [~ended, coming], "standing": [~ended]}
    return states.get(state, [~ended, ~coming])


def _id_of(username: str) -> Any:
    return select(Person.id).where(Person.username == sign_in_name(username)).scalar_subquery()
