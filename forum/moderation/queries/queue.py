"""Read the queue: its tabs with their counts, and a page of cases, filtered, in order, each in one compact row.

Every page takes the same number of statements, whatever number of cases there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, literal_column, or_, select, tuple_

from forum import policy
from forum.articles.models import Article, Tag, article_tags
from forum.articles.reach import within
from forum.cases.models import Case, Flag
from forum.clock import now
from forum.comments.models import Comment, Source
from forum.db import Moment, session
from forum.moderation.queries.rows import Row, rows
from forum.people.models import Person
from forum.people.queries import sign_in_name
from forum.policy import Actor, Queue

MANY = 100  # beyond this nobody counts, and the head of every page must not
PAGE = 20  # cases: as many as somebody decides before the next look at the clock
SEARCHED = 1000  # open cases that a search looks through, the newest first: some ten milliseconds
# Written out, because neither database uses a partial index for a value it gets to know later.
IS_OPEN, IS_DECIDED = Case.state == literal_column("'open'"), Case.state == literal_column("'decided'")
AGES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "two-days": timedelta(days=2), "week": timedelta(days=7)}
Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Filters:
    """What somebody asked the queue for, as its address says it; empty where they did not ask."""

    tab: str = "reported"
    reason: str = ""
    tag: str = ""
    article: str = ""
    person: str = ""
    holder: str = ""  # me, nobody, or somebody's sign-in name
    age: str = ""  # of AGES: waits at least so long
    order: str = ""  # newest; else what is urgent and waits longest
    q: str = ""

    def address(self, **others: Any) -> dict[str, Any]:
        """Return the parameters of the address, without those that say nothing."""
        values = {name: value for name, value in vars(self).items() if value and (name, value) != ("tab", "reported")}
        return {**values, **{name: value for name, value in others.items() if value}}

    @property
    def narrowed(self) -> bool:
        """Tell whether the page shows only some of what waits."""
        return bool(self.reason or self.tag or self.article or self.person or self.holder or self.age or self.q)


@dataclass(frozen=True)
class Page:
    """One page of the queue; `after` is the case to go on behind, None at the end."""

    rows: list[Row]
    after: int | None


def tabs(actor: Actor) -> dict[str, int]:
    """Return the tabs that this person has, with how much waits under each, counted up to MANY."""
    names = [Queue.REPORTED, Queue.WAITING]
    names += [Queue.OBJECTIONS, Queue.EXCHANGES] if policy.may_moderate_everywhere(actor) else []
    names += [Queue.NOTICES] if policy.may_read_notices(actor) else []
    names += [Queue.ACCOUNTS] if policy.may_administer(actor) else []
    counts = session.execute(select(*(_at_most_many(_open(actor, name)) for name in names))).one()
    return dict(zip(map(str, names), counts, strict=True))


def waiting_cases(actor: Actor) -> int:
    """Return how many cases wait for this person."""
    return sum(tabs(actor).values()) if policy.may_open_desk(actor) else 0


def waits_too_long(actor: Actor, hours: int) -> int:
    """Return how many cases wait for longer than so many hours, counted up to MANY."""
    before = now() - timedelta(hours=hours)
    names = tabs(actor)
    late = [_at_most_many(_open(actor, name).where(Case.since < before)) for name in names]
    return sum(session.execute(select(*late)).one())


def page(actor: Actor, filters: Filters, after: int | None = None) -> Page:
    """Return a page of the queue: what is urgent first, then what waits longest, or the newest first."""
    query = _in_order(fitting(actor, filters), filters, after).limit(PAGE + 1)
    ids = [row.id for row in session.execute(query)]
    return Page(rows(actor, ids[:PAGE]), ids[PAGE - 1] if len(ids) > PAGE else None)


def fitting(actor: Actor, filters: Filters) -> Query:
    """Return the query of the ids of all cases that fit, in no order."""
    query = _decided(actor) if filters.tab == "decided" else _open(actor, filters.tab)
    query = query.where(*_conditions(actor, filters))
    return query.where(Case.id.in_(_matching(query, filters.q))) if filters.q else query


def reach(actor: Actor) -> ColumnElement[bool]:
    """Return whose desk cases are on, as a condition: accounts are for those who may approve them.

    Who moderates only under some articles finds the cases of the comments there, and no others.
    """
    if policy.may_administer(actor):
        return Case.id.is_not(None)
    where = policy.reach(actor)
    return Case.kind != "account" if where.everywhere else and_(Case.kind == "comment", within(where, Case.article_id))


def _open(actor: Actor, queue: str) -> Query:
    # The name of the tab is one of a few words of ours; in the statement it lets both databases use the index.
    return select(Case.id).where(IS_OPEN, Case.queue == literal_column(f"'{Queue(queue)}'"), reach(actor))


def _decided(actor: Actor) -> Query:
    # Objections and exchanges have pages of their own.
    return select(Case.id).where(IS_DECIDED, Case.kind.not_in(("objection", "exchange")), reach(actor))


def _at_most_many(query: Query) -> Any:
    return select(func.count()).select_from(query.limit(MANY).subquery()).scalar_subquery()


def _conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.reason:
        flags = select(Flag.case_id).where(Flag.reason == filters.reason)
        found.append(Case.id.in_(flags if filters.tab == "decided" else flags.where(Flag.decision_id.is_(None))))
    if filters.article:
        found.append(Case.article_id == select(Article.id).where(Article.slug == filters.article).scalar_subquery())
    if filters.tag:
        tagged = select(article_tags.c.article_id).join(Tag, Tag.id == article_tags.c.tag_id)
        found.append(Case.article_id.in_(tagged.where(Tag.slug == filters.tag)))
    if filters.person:
        somebody = select(Person.id).where(Person.username == sign_in_name(filters.person))
        found.append(Case.person_id == somebody.scalar_subquery())
    if filters.age:
        found.append(Case.since <= now() - AGES[filters.age])
    if filters.holder:
        found.append(_held_by(actor, filters.holder))
    return found


def _held_by(actor: Actor, holder: str) -> ColumnElement[bool]:
    if holder == "nobody":
        return or_(Case.claimed_until.is_(None), Case.claimed_until <= now())
    somebody = select(Person.id).where(Person.username == holder).scalar_subquery()
    return and_(Case.claimed_by_id == (actor.id if holder == "me" else somebody), Case.claimed_until > now())


def _matching(query: Query, typed: str) -> list[int]:
    """Return the newest SEARCHED cases of a query whose texts and names have all the words, folded.

    Texts are compared here, because SQLite folds only ASCII.
    """
    newest = query.order_by(Case.id.desc()).limit(SEARCHED).subquery()
    texts = (
        select(Case.id, Source.source, Person.display_name, Person.username, Comment.guest_name, Article.title)
        .join(newest, newest.c.id == Case.id)
        .outerjoin(Comment, Comment.id == Case.comment_id)
        .outerjoin(Source, Source.comment_id == Case.comment_id)
        .outerjoin(Person, Person.id == Case.person_id)
        .outerjoin(Article, Article.id == Case.article_id)
    )
    words = typed.casefold().split()
    found = []
    for id, *parts in session.execute(texts):
        text = " ".join(part for part in parts if part).casefold()
        if all(word in text for word in words):
            found.append(id)
    return found


def _in_order(query: Query, filters: Filters, after: int | None) -> Query:
    start = session.execute(_KEY, {"id": after}).one_or_none() if after else None
    if filters.tab == "decided":
        key, values = (Case.decided_at, Case.id), (start and start.decided_at, after)
    elif filters.order == "newest":
        key, values = (Case.since, Case.id), (start and start.since, after)
    else:
        columns = (Case.priority, Case.since, Case.id)
        if start is not None:
            place = tuple_(literal(start.priority), literal(start.since, Moment), literal(after))
            query = query.where(tuple_(*columns) > place)
        return query.order_by(*columns)
    if start is not None and values[0] is not None:
        query = query.where(tuple_(*key) < tuple_(literal(values[0], Moment), literal(after)))
    return query.order_by(*(column.desc() for column in key))


_KEY = select(Case.priority, Case.since, Case.decided_at).where(Case.id == bindparam("id"))
