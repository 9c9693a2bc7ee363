"""Read the figures of the desk: what was written, reported, held and removed, and how long decisions took.

Each statement reads the rows of the period alone, by an index of their time; comments are only counted, by day and by
article. How long decisions took is sorted out here, because SQLite knows no percentiles.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    case,
    column,
    func,
    join,
    literal_column,
    select,
    values,
)

from forum import policy
from forum.articles.models import Tag, article_tags
from forum.articles.reach import within
from forum.cases.models import Case, Flag
from forum.comments.models import Comment
from forum.db import Moment, session
from forum.moderation.models import HOLD, Decision
from forum.moderation.periods import Period
from forum.policy import Actor, Queue

SUBJECTS = 50  # of the list of subjects: those with the most comments
MEASURES = ("comments", "reports", "holds", "removals")


@dataclass(frozen=True)
class Waits:
    """How long something waited until a person decided: how many decisions, and within what half and nine of ten were
    made; None where there was none."""

    decisions: int = 0
    half: timedelta | None = None
    most: timedelta | None = None


@dataclass(frozen=True)
class Line:
    """What there was on one day, or under one subject. An article's comments count under each of its subjects."""

    key: Any  # a date, or the name of a subject
    comments: int = 0
    reports: int = 0
    holds: int = 0
    removals: int = 0
    waits: Waits = field(default_factory=Waits)


@dataclass(frozen=True)
class Figures:
    """The figures of a period. The reasons are codes with their numbers, the most frequent first; of removals the rule
    as it read then, "spam", or nothing."""

    days: list[Line]
    subjects: list[Line]
    reports: list[tuple[str, int]]
    holds: list[tuple[str, int]]
    removals: list[tuple[str, int]]
    waits: Waits

    def total(self, measure: str) -> int:
        """Return the sum of one of MEASURES over the days."""
        return sum(getattr(line, measure) for line in self.days)


@dataclass(frozen=True)
class _Rows:
    """Where the rows of a measure stand: when each happened, and under which article."""

    moment: Any
    article: Any
    source: FromClause
    conditions: tuple[ColumnElement[bool], ...] = ()

    def query(self, actor: Actor, begins: Any, ends: Any, *columns: Any) -> Select[Any]:
        """Return the query of what happened between two moments, where this person moderates."""
        return (
            select(*columns)
            .select_from(self.source)
            .where(self.moment >= begins, self.moment < ends, *self.conditions, *_theirs(actor, self.article))
        )


_ROWS = {
    "comments": _Rows(Comment.created_at, Comment.article_id, Comment.__table__),
    "reports": _Rows(Flag.created_at, Comment.article_id, join(Flag, Comment, Comment.id == Flag.comment_id)),
    "holds": _Rows(
        Case.since,
        Case.article_id,
        Case.__table__,
        (Case.held_reason.is_not(None), Case.kind == "comment"),
    ),
    "removals": _Rows(
        Decision.created_at,
        Comment.article_id,
        join(Decision, Comment, Comment.id == Decision.comment_id),
        (Decision.undone_at.is_(None), Decision.decision.not_in(("keep", HOLD))),
    ),
}
# What a person decided, of what somebody had asked for. Written out, so that both databases use the partial index.
_DECIDED = _Rows(
    Case.decided_at,
    Case.article_id,
    Case.__table__,
    (
        Case.state == literal_column("'decided'"),
        Case.kind == "comment",
        Case.queue != Queue.UNASKED,
        Case.decided_by_id.is_not(None),
    ),
)


def figures(actor: Actor, period: Period) -> Figures:
    """Return the figures of a period: of the whole site for moderators, for others those of their reach."""
    policy.may_open_desk(actor).require()
    begins, ends = period.bounds[0], period.bounds[-1]
    times = [
        (bisect_right(period.bounds, decided_at) - 1, decided_at - since)
        for decided_at, since in session.execute(_DECIDED.query(actor, begins, ends, Case.decided_at, Case.since))
    ]
    by_rule = case((Decision.decision == "spam", "spam"), else_=Decision.rule)
    return Figures(
        _by_day(actor, period, _grouped(times)),
        _by_subject(actor, begins, ends),
        _by_reason(_ROWS["reports"].query(actor, begins, ends, Flag.reason, func.count())),
        _by_reason(_ROWS["holds"].query(actor, begins, ends, Case.held_reason, func.count())),
        _by_reason(_ROWS["removals"].query(actor, begins, ends, by_rule, func.count())),
        _waits([wait for _, wait in times]),
    )


def first_day(actor: Actor) -> datetime | None:
    """Return when the first comment of the site was written, where this person sees figures at all."""
    policy.may_open_desk(actor).require()
    found: datetime | None = session.scalar(select(func.min(Comment.created_at)))
    return found


def _by_day(actor: Actor, period: Period, waits: dict[Hashable, Waits]) -> list[Line]:
    # A sub-select for each day and measure, because both databases then read the index from midnight to midnight.
    days = values(column("number", Integer), column("begins", Moment), column("ends", Moment), name="days")
    days = days.data([(n, *period.bounds[n : n + 2]) for n in range(len(period.days))])
    day = days.cte("days")
    counts = [
        rows.query(actor, day.c.begins, day.c.ends, func.count()).scalar_subquery().label(measure)
        for measure, rows in _ROWS.items()
    ]
    found = session.execute(select(day.c.number, *counts).order_by(day.c.number))
    return [
        Line(period.days[number], **dict(zip(MEASURES, numbers, strict=True)), waits=waits.get(number, Waits()))
        for number, *numbers in found
    ]


def _by_subject(actor: Actor, begins: datetime, ends: datetime) -> list[Line]:
    counts: dict[int, dict[str, int]] = {}
    for measure, rows in _ROWS.items():
        articles = rows.query(actor, begins, ends, rows.article.label("id"), func.count().label("number"))
        under = articles.group_by(rows.article).subquery()
        sums = select(article_tags.c.tag_id, func.sum(under.c.number)).join(
            under, under.c.id == article_tags.c.article_id
        )
        for tag_id, number in session.execute(sums.group_by(article_tags.c.tag_id)):
            counts.setdefault(tag_id, {})[measure] = int(number)
    decided = _DECIDED.query(actor, begins, ends, article_tags.c.tag_id, Case.decided_at, Case.since)
    decided = decided.join(article_tags, article_tags.c.article_id == Case.article_id)
    waits = _grouped((row.tag_id, row.decided_at - row.since) for row in session.execute(decided))
    tags = session.execute(select(Tag.id, Tag.name).where(Tag.id.in_({*counts, *waits})))
    lines = [Line(tag.name, **counts.get(tag.id, {}), waits=waits.get(tag.id, Waits())) for tag in tags]
    return sorted(lines, key=lambda line: (-line.comments, -line.reports, line.key))[:SUBJECTS]


def _by_reason(query: Select[Any]) -> list[tuple[str, int]]:
    reason = query.selected_columns[0]
    counted = session.execute(query.group_by(reason))
    return sorted(((name or "", number) for name, number in counted), key=lambda one: (-one[1], one[0]))


def _theirs(actor: Actor, article: Any) -> Sequence[ColumnElement[bool]]:
    """Return that an article is in somebody's reach, as conditions: none for whom it is everywhere."""
    reach = policy.reach(actor)
    return () if reach.everywhere else (within(reach, article),)


def _grouped(times: Iterable[tuple[Hashable, timedelta]]) -> dict[Hashable, Waits]:
    found: dict[Hashable, list[timedelta]] = {}
    for key, wait in times:
        found.setdefault(key, []).append(wait)
    return {key: _waits(waits) for key, waits in found.items()}


def _waits(waits: list[timedelta]) -> Waits:
    """Return the median and the ninetieth percentile, each one of the times that there were (nearest rank)."""
    if not waits:
        return Waits()
    waits.sort()
    half, most = (waits[-(-len(waits) * part // 100) - 1] for part in (50, 90))
    return Waits(len(waits), half, most)
