"""Read the compact rows of the queue: three statements, whatever number of cases there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import escape
from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import aliased

from forum import policy
from forum.articles.models import Article
from forum.cases.models import Case, Flag
from forum.clock import now
from forum.comments.models import Comment
from forum.db import session, view
from forum.legal.models import LegalNotice
from forum.people.models import Person
from forum.policy import Actor, CommentStatus
from forum.text.words import excerpt

FIRST_LINE = 110  # characters
_REMOVALS = ("hide", "hide-replies", "spam")
_GONE = (CommentStatus.HIDDEN, CommentStatus.SPAM, CommentStatus.SEALED, CommentStatus.ERASED)


@dataclass(frozen=True)
class Row:
    """One case in the list. `name` is empty where nobody is known; `reasons` have the number of reports of each.

    `record`: how many comments its person wrote and how many of them were removed, counted up to 500. `law` is
    the kind of a notice of law, which is to be decided until `due_at`. `is_gone`: a decision removed the comment, and
    it did not come back.
    """

    id: int
    kind: str
    comment_id: int | None
    state: str
    name: str
    username: str
    article_title: str
    first_line: str
    reasons: list[tuple[str, int]]
    held_reason: str | None
    priority: int
    since: datetime
    holder: str
    outcome: str | None
    decided_at: datetime | None
    decided_by: str
    decision_id: int | None
    record: tuple[int, int]
    law: str
    due_at: datetime | None
    is_gone: bool


# Bounded, because somebody may have written a hundred thousand.
_RECORDS = text(
    """
    SELECT id,
        (SELECT count(*) FROM (SELECT 1 FROM comments WHERE author_id = people.id LIMIT 500) AS written) AS written,
        (SELECT count(*) FROM (
            SELECT 1 FROM comments WHERE author_id = people.id AND status IN ('hidden', 'spam') LIMIT 500
        ) AS removed) AS removed
    FROM people WHERE id IN :ids
    """
).bindparams(bindparam("ids", expanding=True))
_Holder, _Decider = aliased(Person), aliased(Person)
_ROWS = (
    select(
        *(Case.id, Case.kind, Case.comment_id, Case.person_id, Case.state, Case.held_reason, Case.priority),
        *(Case.since, Case.claimed_until, Case.outcome, Case.decided_at, Case.decision_id),
        *(Person.display_name, Person.username, Comment.guest_name, Comment.html, Comment.status),
        Article.title.label("article_title"),
        _Holder.display_name.label("holder"),
        _Decider.display_name.label("decided_by"),
        *(LegalNotice.kind.label("law"), LegalNotice.due_at, LegalNotice.why),
    )
    .outerjoin(Comment, Comment.id == Case.comment_id)
    .outerjoin(Person, Person.id == Case.person_id)
    .outerjoin(Article, Article.id == Case.article_id)
    .outerjoin(_Holder, _Holder.id == Case.claimed_by_id)
    .outerjoin(_Decider, _Decider.id == Case.decided_by_id)
    .outerjoin(LegalNotice, LegalNotice.case_id == Case.id)
)


def rows(actor: Actor, ids: Sequence[int]) -> list[Row]:
    """Return the rows of cases, in the order of their ids as given."""
    found = {row.id: row for row in session.execute(_ROWS.where(Case.id.in_(ids)))}
    reasons, records = _reasons(ids), _records({row.person_id for row in found.values() if row.person_id})
    return [_row(actor, found[id], reasons.get(id, []), records) for id in ids]


def _reasons(ids: Sequence[int]) -> Mapping[int, list[tuple[str, int]]]:
    counted: dict[int, Counter[str]] = {}
    for case_id, reason in session.execute(select(Flag.case_id, Flag.reason).where(Flag.case_id.in_(ids))):
        counted.setdefault(case_id or 0, Counter())[reason] += 1
    return {case_id: reasons.most_common() for case_id, reasons in counted.items()}


def _records(people: set[int]) -> Mapping[int, tuple[int, int]]:
    return {row.id: (row.written, row.removed) for row in session.execute(_RECORDS, {"ids": sorted(people)})}


def _row(actor: Actor, row: Any, reasons: list[tuple[str, int]], records: Mapping[int, tuple[int, int]]) -> Row:
    hidden = row.status == CommentStatus.SEALED and not policy.may_administer(actor)
    first_line = excerpt(row.html or "", FIRST_LINE)
    if row.law:
        hidden, first_line = (
            not policy.may_decide_notice(actor, row.law, own=row.person_id == actor.id),
            excerpt(str(escape(row.why)), FIRST_LINE),
        )
    return view(
        Row,
        row,
        name=row.display_name or row.guest_name or "",
        username=row.username or "",
        article_title=row.article_title or "",
        first_line="" if hidden else first_line,
        law=row.law or "",
        is_gone=row.outcome in _REMOVALS and row.status in _GONE,
        reasons=reasons,
        holder=(row.holder or "") if row.claimed_until and row.claimed_until > now() else "",
        decided_by=row.decided_by or "",
        record=records.get(row.person_id, (0, 0)),
    )
