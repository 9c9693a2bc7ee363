"""Read what an act about several cases is about, and how far it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from forum import policy
from forum.articles.models import Article
from forum.cases.models import Case
from forum.cases.waiting import STANDS
from forum.comments.models import Comment
from forum.comments.queries import CommentView, many
from forum.db import session
from forum.moderation.models import Bulk, BulkCase
from forum.moderation.queries.queue import Filters, fitting
from forum.people.models import Person
from forum.policy import Actor

MOST = 10_000  # cases of one act
NAMED = 50  # cases that were left out, or articles, and are named on the page
LATEST = 1000  # comments of somebody, the newest, whose articles are named


@dataclass(frozen=True)
class Extent:
    """What an act would be about: the cases, how many people and articles, and the newest case among them."""

    ids: list[int]
    people: int
    articles: int
    newest: int


@dataclass(frozen=True)
class Written:
    """What one person wrote since a moment and still stands: the comments, how many by article, the newest."""

    ids: list[int]
    articles: list[tuple[str, int]]
    newest: int


@dataclass(frozen=True)
class Progress:
    """How far an act is: by state how many cases, and those that were left out, with the code of the reason.

    `username` is whose comments they are, where it is about all of one person's.
    """

    id: int
    decision: str
    created_at: datetime
    undo_at: datetime | None
    username: str
    name: str
    counts: dict[str, int]
    left_out: list[tuple[CommentView, str]]

    @property
    def total(self) -> int:
        """Return how many cases the act is about."""
        return sum(self.counts.values())

    @property
    def to_do(self) -> int:
        """Return how many cases are still to come."""
        return self.counts.get("waiting", 0) + self.counts.get("undoing", 0)


def extent(actor: Actor, filters: Filters, only: Collection[int] | None, newest: int | None = None) -> Extent:
    """Return the open cases of comments that fit, up to MOST: of `only` these, and none that is newer than `newest`."""
    query = fitting(actor, filters if only is None else Filters(tab=filters.tab)).where(Case.kind == "comment")
    if only is not None:
        query = query.where(Case.id.in_(only))
    if newest is not None:
        query = query.where(Case.id <= newest)
    chosen = query.order_by(Case.id).limit(MOST)
    ids = list(session.scalars(chosen))
    counted = select(func.count(func.distinct(Case.person_id)), func.count(func.distinct(Case.article_id)))
    # The same cases once more, not their ids: a statement takes only so many values.
    people, articles = session.execute(counted.where(Case.id.in_(chosen.subquery().select()))).one()
    return Extent(ids, people, articles, ids[-1] if ids else 0)


def progress(actor: Actor, bulk_id: int) -> Progress | None:
    """Return how far an act is, or None where it is not this person's to see."""
    made = session.get(Bulk, bulk_id)
    if made is None or not policy.may_undo_for(actor, made.moderator_id):
        return None
    grouped = select(BulkCase.state, func.count()).where(BulkCase.bulk_id == bulk_id).group_by(BulkCase.state)
    left = select(BulkCase.comment_id, BulkCase.why).where(BulkCase.bulk_id == bulk_id)
    left = left.where(BulkCase.state.in_(("skipped", "kept"))).order_by(BulkCase.comment_id).limit(NAMED)
    why = {row.comment_id: row.why for row in session.execute(left)}
    counts = {row[0]: row[1] for row in session.execute(grouped)}
    comments = many(list(why))
    named = [(comments[id], why[id]) for id in why]
    person = session.get_one(Person, made.person_id) if made.person_id else None
    username, name = (person.username, person.display_name) if person else ("", "")
    return Progress(made.id, made.decision, made.created_at, made.undo_at, username, name, counts, named)


def written(person_id: int, since: datetime, article: str = "", newest: int | None = None) -> Written:
    """Return what still stands of all that somebody wrote since a moment, up to MOST, and none newer than `newest`.

    `article` is the end of an article's address, to which it is narrowed.
    """
    theirs = Comment.author_id == person_id, Comment.created_at >= since, Comment.status.in_(STANDS)
    query = select(Comment.id, Article.title).join(Article, Article.id == Comment.article_id).where(*theirs)
    if article:
        query = query.where(Article.slug == article)
    if newest is not None:
        query = query.where(Comment.id <= newest)
    found = session.execute(query.order_by(Comment.id.desc()).limit(MOST)).all()
    ids = [row.id for row in found]
    return Written(ids, Counter(row.title for row in found).most_common(), ids[0] if ids else 0)


def written_under(person_id: int) -> list[tuple[str, str]]:
    """Return under which articles somebody wrote lately, by address and title."""
    latest = select(Comment.article_id).where(Comment.author_id == person_id, Comment.status.in_(STANDS))
    latest = latest.order_by(Comment.id.desc()).limit(LATEST)
    query = select(Article.slug, Article.title).where(Article.id.in_(latest.subquery().select()))
    return [(row.slug, row.title) for row in session.execute(query.order_by(Article.title).limit(NAMED))]
