"""Compare the open cases with what they follow from; `forum doctor` tells the differences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, exists, or_, select

from forum.cases.models import Case, Flag
from forum.cases.waiting import derived
from forum.comments.models import Comment
from forum.db import snapshot
from forum.people.models import Person
from forum.policy import CaseState, CommentStatus

_FACTS = (*(Comment.id, Comment.article_id, Comment.author_id, Comment.status), Comment.held_reason, Comment.created_at)
_DERIVED = (Case.queue, Case.priority, Case.report_count, Case.held_reason, Case.since)


def differences() -> tuple[int, list[str]]:
    """Return how many cases are open, and in words what is wrong with them, or missing."""
    # Of one moment, because people report and decide meanwhile.
    with snapshot() as connection:
        query = select(Case.id, Case.kind, Case.comment_id, Case.person_id, *_DERIVED)
        cases = connection.execute(query.where(Case.state == CaseState.OPEN)).all()
        about = {case.comment_id: case for case in cases if case.kind == "comment"}
        wrong = [*_comments(connection, about), *_accounts(connection, cases), *_flags(connection)]
    return len(cases), wrong


def _comments(connection: Connection, cases: dict[int, Any]) -> Iterator[str]:
    reports = _open_reports(connection)
    reported = exists().where(Flag.comment_id == Comment.id, Flag.decision_id.is_(None))
    query = select(*_FACTS).where(or_(Comment.status == CommentStatus.HELD, reported)).order_by(Comment.id)
    wanted = {row.id: derived(row, reports.get(row.id, ())) for row in connection.execute(query)}
    for comment_id in sorted(wanted.keys() | cases.keys()):
        case, values = cases.get(comment_id), wanted.get(comment_id)
        if values is None:
            if case is not None:
                yield f"case {case.id}: nothing about comment {comment_id} has to be decided"
        elif case is None:
            yield f"comment {comment_id}: it was reported or waits, and has no open case"
        else:
            differing = [name for name, value in values.items() if getattr(case, name) != value]
            yield from (f"case {case.id}: {name} is {getattr(case, name)}, not {values[name]}" for name in differing)


def _open_reports(connection: Connection) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in connection.execute(
        select(Flag.comment_id, Flag.reason, Flag.created_at).where(Flag.decision_id.is_(None))
    ):
        found.setdefault(row.comment_id, []).append(row)
    return found


def _accounts(connection: Connection, cases: Any) -> Iterator[str]:
    waits = select(Person.id).where(Person.approved_at.is_(None), Person.deactivated_at.is_(None))
    wanted = set(connection.scalars(waits))
    found = {case.person_id for case in cases if case.kind == "account"}
    for person_id in sorted(wanted ^ found):
        waits_for = "they wait for approval, and have no open case"
        yield f"person {person_id}: {waits_for if person_id in wanted else 'a case is open, but they do not wait'}"


def _flags(connection: Connection) -> Iterator[str]:
    """Find the reports that belong to no case, or to one about something else."""
    query = select(Flag.id).outerjoin(Case, Case.id == Flag.case_id)
    other = or_(Case.id.is_(None), Case.comment_id != Flag.comment_id)
    # A report of what was gone already when it was read has no case until the comment is back.
    standing = Comment.status.in_((CommentStatus.PUBLISHED, CommentStatus.HELD))
    query = query.join(Comment, Comment.id == Flag.comment_id).where(
        other, or_(standing, Flag.decision_id.is_not(None))
    )
    for id in connection.scalars(query.order_by(Flag.id)):
        yield f"report {id}: it belongs to no case of its comment"
