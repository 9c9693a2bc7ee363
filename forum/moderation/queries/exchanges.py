"""Find exchanges of two people that go in circles, and read those that moderators should look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select, text
from sqlalchemy.orm import aliased

from forum import policy
from forum.articles.models import Article
from forum.cases.models import Case, Flag
from forum.closures.models import Closure
from forum.comments import ancestry
from forum.comments.models import Comment
from forum.db import Moment, session, view
from forum.moderation.models import Exchange
from forum.moderation.parties import others
from forum.people.models import Person
from forum.policy import Actor, CaseState, Circle, Letter, Verdict
from forum.policy.circling import HURRIED, ROUNDS

LATELY = timedelta(hours=1)  # in which a letter was written, for its exchange to be looked at
NEWEST = 2000  # comments of the whole site that are looked at: by primary key, so it costs the same on any site
IN_ONE_STATEMENT = 400  # values in one IN (...)
PAGE = 30  # exchanges of one page


@dataclass(frozen=True)
class Found:
    """An exchange of two that goes in circles: its first and newest comment, its people, the lower id first."""

    article_id: int
    first_id: int
    last_id: int
    people: tuple[int, int]
    circle: Circle


@dataclass(frozen=True)
class Row:
    """One exchange as moderators see it. `lasted` is from its first to its newest letter; `outcome` what was done."""

    case_id: int
    first_id: int
    last_id: int
    names: tuple[str, str]
    usernames: tuple[str, str]
    article_title: str
    rounds: int
    lasted: timedelta
    is_hurried: bool
    growth: float
    reports: int
    since: datetime
    outcome: str | None
    decided_by: str
    decided_at: datetime | None
    may_settle: Verdict


# From each newest letter up, as long as the two write by turns. A letter that its writer added to an own one belongs to
# the turn. Between two comments it goes by primary key.
_RUNS = text(
    """
    WITH RECURSIVE run(leaf, id, parent_id, author_id, created_at, length, a, b) AS (
        SELECT c.id, c.id, c.parent_id, c.author_id, c.created_at, length(c.html), c.author_id, p.author_id
        FROM comments c JOIN comments p ON p.id = c.parent_id
        WHERE c.id IN :leaves AND c.author_id <> p.author_id
        UNION ALL
        SELECT run.leaf, c.id, c.parent_id, c.author_id, c.created_at, length(c.html), run.a, run.b
        FROM run JOIN comments c ON c.id = run.parent_id
        WHERE c.author_id IN (run.a, run.b) AND c.status = 'published'
    )
    SELECT leaf, id, author_id, created_at, length FROM run ORDER BY leaf, id
    """
).bindparams(bindparam("leaves", expanding=True))
_RUNS_TYPED = _RUNS.columns(created_at=Moment)


def circling(moment: datetime) -> list[Found]:
    """Return the exchanges with a letter of the last hour that go in circles, whether shown before or not.

    Three statements, and a further one for each 400 letters. What has ended is left out.
    """
    articles = _newest_letters(moment)
    runs: dict[int, list[Any]] = {}
    if articles:
        for row in session.execute(_RUNS_TYPED, {"leaves": sorted(articles)}):
            runs.setdefault(row.leaf, []).append(row)
    long = {leaf: run for leaf, run in runs.items() if len(run) >= 2 * ROUNDS}
    reports = _reports([row.id for run in long.values() for row in run])
    found = [_found(articles[leaf], run, sum(reports.get(row.id, 0) for row in run)) for leaf, run in long.items()]
    circles = [one for one in found if one is not None]
    ended = _ended({one.article_id for one in circles})
    return [one for one in circles if not ended & {(one.article_id, who) for who in ((), one.people, *_each(one))}]


def over(moment: datetime, kept: timedelta) -> list[tuple[int, bool, int | None]]:
    """Return the open cases of exchanges that are over: the case, whether somebody ended it, and who did.

    An exchange is over when it was ended, or when nobody looked at it for so long.
    """
    pair = (Closure.person_a_id == Exchange.person_a_id) & (Closure.person_b_id == Exchange.person_b_id)
    turned = (Closure.person_a_id == Exchange.person_b_id) & (Closure.person_b_id == Exchange.person_a_id)
    alone = Closure.person_b_id.is_(None) & Closure.branch_id.is_(None)  # one person writes nothing here any more
    alone &= (Closure.person_a_id == Exchange.person_a_id) | (Closure.person_a_id == Exchange.person_b_id)
    everybody = Closure.person_a_id.is_(None) & (Closure.branch_id.is_(None) | (Comment.closure_count > 0))
    covers = (
        (Closure.article_id == Comment.article_id) & Closure.reopened_at.is_(None) & or_(pair, turned, alone, everybody)
    )
    query = (
        select(Case.id, Closure.id.is_not(None), Closure.closed_by_id)
        .join(Exchange, Exchange.case_id == Case.id)
        .join(Comment, Comment.id == Exchange.last_id)
        .outerjoin(Closure, covers & (Closure.created_at >= Case.since))
        .where(Case.kind == "exchange", Case.state == CaseState.OPEN)
        .where(or_(Closure.id.is_not(None), Case.since < moment - kept))
    )
    return [(row[0], bool(row[1]), row[2]) for row in session.execute(query.order_by(Closure.id))]


def is_shown(found: Found) -> bool:
    """Tell whether an exchange waits for a moderator now, or was shown with not many fewer rounds."""
    query = select(Exchange.rounds, Case.state).join(Case, Case.id == Exchange.case_id)
    last = session.execute(query.where(Exchange.first_id == found.first_id).order_by(Exchange.id.desc()).limit(1))
    row = last.first()
    if row is None:
        return False
    return row.state == CaseState.OPEN or not policy.is_worth_another_look(found.circle.rounds, row.rounds)


def of_letter(comment: Comment) -> list[Exchange]:
    """Return the exchanges in which a comment may be a letter: those in its thread of which its writer is one."""
    first = aliased(Comment)
    theirs = or_(Exchange.person_a_id == comment.author_id, Exchange.person_b_id == comment.author_id)
    query = select(Exchange).join(first, first.id == Exchange.first_id).where(theirs)
    return list(session.scalars(query.where(first.article_id == comment.article_id, first.root_id == comment.root_id)))


def newest_letters(exchange: Exchange) -> dict[int, int]:
    """Return the newest letter of each of the two, by the person."""
    found: dict[int, int] = {}
    for step in ancestry.line(exchange.last_id):
        if step.author_id in (exchange.person_a_id, exchange.person_b_id):
            found.setdefault(step.author_id, step.id)
    return found


def exchanges(actor: Actor, *, decided: bool = False) -> list[Row]:
    """Return the exchanges that go in circles, the newest first, or those about which somebody decided lately."""
    state = CaseState.DECIDED if decided else CaseState.OPEN
    rows = session.execute(_ROWS.where(Case.state == state).order_by(Case.id.desc()).limit(PAGE)).all()
    other_moderators = others(actor) if any(actor.id in (row.a_id, row.b_id) for row in rows) else 1
    return [_row(actor, row, other_moderators) for row in rows]


def _newest_letters(moment: datetime) -> dict[int, int]:
    """Return the article of each comment of the last hour that is deep enough, and the newest of its two writers."""
    parent = aliased(Comment)
    since = select(func.max(Comment.id) - NEWEST).scalar_subquery()
    columns = (Comment.id, Comment.parent_id, Comment.article_id, Comment.author_id, parent.author_id.label("to_id"))
    query = (
        select(*columns)
        .join(parent, parent.id == Comment.parent_id)
        .where(
            Comment.id > func.coalesce(since, 0),
            Comment.depth >= 2 * ROUNDS - 1,
            Comment.created_at > moment - LATELY,
            Comment.status == "published",
            Comment.closure_count == 0,
        )
    )
    rows = session.execute(query).all()
    answered = {(row.parent_id, row.author_id) for row in rows}
    return {row.id: row.article_id for row in rows if (row.id, row.to_id) not in answered}


def _found(article_id: int, run: Sequence[Any], reports: int) -> Found | None:
    circle = policy.circle([Letter(row.author_id, row.created_at, row.length) for row in run], reports)
    if circle is None:
        return None
    a, b = sorted({row.author_id for row in run})
    return Found(article_id, run[0].id, run[-1].id, (a, b), circle)


def _reports(ids: Sequence[int]) -> dict[int, int]:
    """Return how many open reports each of these comments has, where it has any."""
    found: dict[int, int] = {}
    for part in _parts(ids):
        query = select(Flag.comment_id, func.count()).where(Flag.comment_id.in_(part), Flag.decision_id.is_(None))
        found |= {row[0]: row[1] for row in session.execute(query.group_by(Flag.comment_id))}
    return found


def _each(found: Found) -> list[tuple[int, ...]]:
    return [(person_id,) for person_id in found.people]


def _ended(articles: Collection[int]) -> set[tuple[int | None, tuple[int, ...]]]:
    """Return what is closed under these articles, with for whom: nobody in it is everybody, else one person or two."""
    columns = (Closure.article_id, Closure.person_a_id, Closure.person_b_id)
    query = select(*columns).where(
        Closure.article_id.in_(articles),
        Closure.reopened_at.is_(None),
        Closure.lapsed_at.is_(None),
        or_(Closure.branch_id.is_(None), Closure.person_b_id.is_not(None)),
    )
    found: set[tuple[int | None, tuple[int, ...]]] = set()
    for article_id, *people in session.execute(query):
        found.add((article_id, tuple(sorted(person_id for person_id in people if person_id is not None))))
    return found


def _row(actor: Actor, row: Any, other_moderators: int) -> Row:
    return view(
        Row,
        row,
        names=(row.a_name, row.b_name),
        usernames=(row.a_username, row.b_username),
        lasted=timedelta(minutes=row.minutes),
        is_hurried=row.pace <= 100 * HURRIED,
        growth=row.growth / 100,
        decided_by=row.decided_by or "",
        may_settle=policy.may_settle_exchange(actor, (row.a_id, row.b_id), other_moderators),
    )


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), IN_ONE_STATEMENT):
        yield ids[start : start + IN_ONE_STATEMENT]


_A, _B, _Decider = aliased(Person), aliased(Person), aliased(Person)
_ROWS = (
    select(
        *(Exchange.case_id, Exchange.first_id, Exchange.last_id, Exchange.rounds, Exchange.minutes, Exchange.pace),
        *(Exchange.growth, Exchange.reports, Case.since, Case.outcome, Case.decided_at),
        *(_A.id.label("a_id"), _A.display_name.label("a_name"), _A.username.label("a_username")),
        *(_B.id.label("b_id"), _B.display_name.label("b_name"), _B.username.label("b_username")),
        _Decider.display_name.label("decided_by"),
        Article.title.label("article_title"),
    )
    .join(Case, Case.id == Exchange.case_id)
    .join(Comment, Comment.id == Exchange.last_id)
    .join(Article, Article.id == Comment.article_id)
    .join(_A, _A.id == Exchange.person_a_id)
    .join(_B, _B.id == Exchange.person_b_id)
    .outerjoin(_Decider, _Decider.id == Case.decided_by_id)
    .where(Case.kind == "exchange")
)
