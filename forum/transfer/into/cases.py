"""Bring cases in, and make those that are missing: older archives and exports of other systems have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import defer

from forum.cases import actions as cases
from forum.cases.models import Case, Flag
from forum.comments.models import Comment
from forum.db import session
from forum.moderation.models import Decision
from forum.people.models import Person
from forum.policy import CaseState, CommentStatus
from forum.transfer.into.context import IN_ONE_STATEMENT, ImportContext
from forum.transfer.lines import Record


def import_cases(context: ImportContext) -> None:
    """Bring in the cases of comments that came and, where ids are kept, those of accounts."""
    for batch in context.staging.batches("case"):
        records = [record for record in batch if _comes_along(context, record)]
        for record, row in zip(records, context.insert("case", records, len(batch)), strict=True):
            context.cases[record["key"]] = row["id"]


def complete_cases(article_ids: Sequence[int]) -> None:
    """Make the cases that the comments of some articles, and accounts, are without. Call it inside their locks."""
    for start in range(0, len(article_ids), IN_ONE_STATEMENT):
        part = article_ids[start : start + IN_ONE_STATEMENT]
        for comment, decision in _without_case(part):
            _add_decided(comment, decision)
        cases.follow(session.scalars(_undecided(part)))
    for person in session.execute(_waiting_accounts()):
        cases.open_account(person.id, person.created_at)


def _comes_along(context: ImportContext, record: Record) -> bool:
    return context.keep if record["comment"] is None else context.is_new(record["comment"])


def _without_case(article_ids: Sequence[int]) -> Iterator[tuple[Comment, Decision]]:
    """Find the decisions that stand, and the answered reports, that belong to no case."""
    standing = select(Decision.comment_id, Decision.id).where(Decision.undone_at.is_(None))
    answered = select(Flag.comment_id, Flag.decision_id).where(Flag.decision_id.is_not(None))
    pairs = standing.union(answered).subquery()
    there = exists().where(Case.comment_id == pairs.c.comment_id, Case.decision_id == pairs.c.id)
    query = (
        select(Comment, Decision)
        .select_from(pairs)
        .join(Comment, Comment.id == pairs.c.comment_id)
        .join(Decision, Decision.id == pairs.c.id)
        .where(Comment.article_id.in_(article_ids), ~there)
        .options(defer(Comment.html))
    )
    for row in session.execute(query.order_by(Decision.id, Comment.id)).all():
        yield row[0], row[1]


def _add_decided(comment: Comment, decision: Decision) -> None:
    answered = select(Flag).where(Flag.comment_id == comment.id, Flag.decision_id == decision.id)
    was_held = decision.before.get(str(comment.id)) == CommentStatus.HELD
    by = {"decided_by_id": decision.moderator_id, "decided_at": decision.created_at}
    decided = {"state": CaseState.DECIDED, "outcome": decision.decision, "decision_id": decision.id, **by}
    cases.add_decided(comment, session.scalars(answered).all(), was_held, decided)


def _undecided(article_ids: Sequence[int]) -> Any:
    reported = exists().where(Flag.comment_id == Comment.id, Flag.decision_id.is_(None))
    has_case = exists().where(Case.comment_id == Comment.id, Case.state == CaseState.OPEN)
    query = select(Comment).where(Comment.article_id.in_(article_ids)).options(defer(Comment.html))
    return query.where(or_(Comment.status == CommentStatus.HELD, reported, has_case)).order_by(Comment.id)


def _waiting_accounts() -> Any:
    there = exists().where(Case.person_id == Person.id, Case.kind == "account", Case.state == CaseState.OPEN)
    waits = Person.approved_at.is_(None), Person.deactivated_at.is_(None)
    return select(Person.id, Person.created_at).where(*waits, ~there).order_by(Person.id)
