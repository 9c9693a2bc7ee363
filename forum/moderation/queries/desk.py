"""Read the queue: what was reported, what waits for approval, and one case with everything about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, false, func, literal, literal_column, select, true, tuple_

from forum import policy
from forum.articles.models import Article
from forum.cases.models import Flag
from forum.comments import queries as comments
from forum.comments.models import Comment
from forum.comments.queries import CommentView
from forum.db import Moment, session
from forum.moderation.models import Decision
from forum.moderation.seen import seen_mark, standing_decisions
from forum.people.models import Person
from forum.policy import Actor, CommentStatus, Verdict
from forum.policy.facts import is_author, is_own, is_staff
from forum.text import rendering
from forum.text.words import excerpt

MANY = 100  # beyond this nobody counts, and the head of every page must not
PAGE = 20  # cases: as many as somebody decides before the next look at the clock
CONTEXT = 160  # characters of the comment that is answered: two lines
# Written out, because neither database uses a partial index for a value it gets to know later.
IS_HELD = Comment.status == literal_column("'held'")
UNDECIDED = (CommentStatus.PUBLISHED, CommentStatus.HELD)
Key = tuple[datetime, int]  # where a page of the queue ends: since when the last case waits, and its comment


@dataclass(frozen=True)
class Report:
    """One report, `html` the text as it was. `reporter` and `note` are empty where this viewer may not know."""

    reason: str
    note: str
    reporter: str
    username: str
    created_at: datetime
    html: Markup | None
    is_open: bool


@dataclass(frozen=True)
class Context:
    """The comment a case answers; `words` is empty where this viewer may not read them."""

    id: int
    name: str
    words: str


@dataclass(frozen=True)
class Case:
    """One comment in the queue with all that a decision needs.

    `html` is None where this viewer may not read it (sealed, erased); `seen` is `seen_mark()` of what is shown here.
    """

    comment: CommentView
    html: Markup | None
    context: Context | None
    since: datetime
    reasons: list[tuple[str, int]]
    reports: list[Report]
    may_decide: Verdict
    may_reply: bool
    is_edited_since: bool
    seen: str


@dataclass(frozen=True)
class Cases:
    """One page of the queue; `after` is what to ask for next."""

    items: list[Case]
    after: Key | None


@dataclass(frozen=True)
class Tabs:
    """The numbers of things that wait under each tab of the desk, for this viewer."""

    reported: int
    waiting: int
    removed: int


def tabs(actor: Actor) -> Tabs:
    """Return what is shown beside the tabs; each count goes up to MANY, over a partial index."""
    removed = _within_reach(select(Decision.id).join(Comment), actor).where(*standing_removals())
    counts = [_at_most_many(query) for query in (_reported(actor), _held(actor), removed)]
    return Tabs(*session.execute(select(*counts)).one())


def waiting_cases(actor: Actor) -> int:
    """Return how many cases wait for this person: reported or held."""
    if not policy.may_open_desk(actor):
        return 0
    counts = [_at_most_many(query) for query in (_reported(actor), _held(actor))]
    return sum(session.execute(select(*counts)).one())


def _reported(actor: Actor) -> Select[*tuple[Any, ...]]:
    query = _within_reach(select(Flag.comment_id).distinct().join(Comment), actor)
    return query.where(Flag.decision_id.is_(None), Comment.status.in_(UNDECIDED))


def _held(actor: Actor) -> Select[*tuple[Any, ...]]:
    return _within_reach(select(Comment.id), actor).where(IS_HELD)


def _at_most_many(query: Select[*tuple[Any, ...]]) -> Any:
    return select(func.count()).select_from(query.limit(MANY).subquery()).scalar_subquery()


def standing_removals() -> tuple[ColumnElement[bool], ...]:
    """Return the condition for decisions that took something down and were not taken back."""
    return Decision.undone_at.is_(None), Decision.decision != literal_column("'keep'")


def reported(actor: Actor, after: Key | None = None) -> Cases:
    """Return comments with open reports, the one waiting longest first."""
    query = select(Flag.comment_id.label("id"), func.min(Flag.created_at).label("since"))
    query = _within_reach(query.join(Comment), actor).where(Flag.decision_id.is_(None), Comment.status.in_(UNDECIDED))
    return _page(actor, query.group_by(Flag.comment_id), after)


def waiting(actor: Actor, after: Key | None = None) -> Cases:
    """Return comments that wait for approval, the one waiting longest first."""
    query = _within_reach(select(Comment.id.label("id"), Comment.created_at.label("since")), actor)
    return _page(actor, query.where(IS_HELD), after)


def case(actor: Actor, comment_id: int) -> Case | None:
    """Return one comment as a case with every report, or None where it is not for this viewer to decide."""
    found = comments.facts(comment_id)
    if found is None or not policy.may_moderate(actor, found.article):
        return None
    made = _cases(actor, [(comment_id, found.created_at)], with_text=True)
    return made[0]


def reach(actor: Actor) -> ColumnElement[bool]:
    """Return `policy.may_moderate` as a condition on articles."""
    if not is_author(actor):
        return false()
    return true() if is_staff(actor) else Article.author_id == actor.id


def _within_reach(query: Select[*tuple[Any, ...]], actor: Actor) -> Select[*tuple[Any, ...]]:
    return query.join(Article, Article.id == Comment.article_id).where(reach(actor))


def _page(actor: Actor, query: Select[*tuple[Any, ...]], after: Key | None) -> Cases:
    found = query.subquery()
    ordered = select(found.c.id, found.c.since).order_by(found.c.since, found.c.id).limit(PAGE + 1)
    if after is not None:
        key = tuple_(literal(after[0], Moment), literal(after[1]))
        ordered = ordered.where(tuple_(found.c.since, found.c.id) > key)
    rows = [(row.id, row.since) for row in session.execute(ordered)]
    shown = rows[:PAGE]
    return Cases(_cases(actor, shown), (shown[-1][1], shown[-1][0]) if len(rows) > PAGE else None)


def _cases(actor: Actor, rows: Sequence[tuple[int, datetime]], *, with_text: bool = False) -> list[Case]:
    ids = [row[0] for row in rows]
    found = comments.many(ids)
    parents = comments.many([view.parent_id for view in found.values() if view.parent_id])
    flags = _flags(ids, only_open=not with_text)
    decided = standing_decisions(ids)
    return [
        _case(actor, found[key], parents, flags.get(key, []), since, decided.get(key), with_text) for key, since in rows
    ]


def _case(
    actor: Actor,
    comment: CommentView,
    parents: dict[int, CommentView],
    flags: list[Any],
    since: datetime,
    decided: int | None,
    with_text: bool,
) -> Case:
    names = bool(policy.may_see_reporters(actor, comment))
    notes = not is_own(actor, comment)  # the wording of a note may tell its writer's enemy who wrote it
    parent = parents.get(comment.parent_id) if comment.parent_id else None
    readable = bool(policy.may_see(actor, comment, comment.article))
    waiting_for = [flag for flag in flags if flag.decision_id is None]
    return Case(
        comment=comment,
        html=comment.html if readable else None,
        context=_context(actor, parent) if parent else None,
        since=min((flag.created_at for flag in waiting_for), default=since),
        reasons=Counter(flag.reason for flag in waiting_for).most_common(),
        reports=[_report(flag, names, notes, with_text and readable) for flag in flags],
        may_decide=policy.may_decide(actor, comment.article, comment),
        may_reply=comment.status == CommentStatus.PUBLISHED,
        is_edited_since=any(comment.edited_at and comment.edited_at > flag.created_at for flag in waiting_for),
        seen=seen_mark(decided, comment.edited_at),
    )


def _context(actor: Actor, parent: CommentView) -> Context:
    readable = policy.may_see(actor, parent, parent.article)
    return Context(parent.id, parent.name, excerpt(parent.html, CONTEXT) if readable else "")


def _report(flag: Any, names: bool, notes: bool, with_text: bool) -> Report:
    return Report(
        reason=flag.reason,
        note=flag.note if notes else "",
        reporter=(flag.display_name or _("a guest")) if names else "",
        username=(flag.username or "") if names else "",
        created_at=flag.created_at,
        html=rendering.stored(rendering.render(flag.source, flag.format)) if with_text else None,
        is_open=flag.decision_id is None,
    )


def _flags(ids: Sequence[int], *, only_open: bool) -> dict[int, list[Any]]:
    columns = (Flag.comment_id, Flag.reason, Flag.note, Flag.created_at, Flag.decision_id)
    texts = () if only_open else (Flag.source, Flag.format)
    query = select(*columns, *texts, Person.display_name, Person.username).outerjoin(
        Person, Person.id == Flag.person_id
    )
    query = query.where(Flag.comment_id.in_(ids)).order_by(Flag.created_at, Flag.id)
    if only_open:
        query = query.where(Flag.decision_id.is_(None))
    found: dict[int, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.comment_id, []).append(row)
    return found
