"""Read what the form of a report needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import select

from forum import policy
from forum.cases.models import Flag
from forum.clock import now
from forum.comments import queries as comments
from forum.comments.queries import CommentView
from forum.db import session
from forum.moderation.models import Decision
from forum.policy import Actor, Verdict


@dataclass(frozen=True)
class Mine:
    """The report somebody made of a comment, and what became of it ("" while it waits)."""

    reason: str
    note: str
    created_at: datetime
    answer: str


@dataclass(frozen=True)
class Reporting:
    """The values that the form of a report shows: the comment, whether one may report it, and one's earlier report."""

    comment: CommentView
    html: Markup | None
    may_flag: Verdict
    mine: Mine | None


def reporting(actor: Actor, comment_id: int) -> Reporting | None:
    """Return what the form of a report needs, or None where this viewer may not know of the comment."""
    comment, moment = comments.facts(comment_id), now()
    if comment is None or not policy.may_read_article(actor, comment.article, moment):
        return None
    if not policy.may_see_frame(actor, comment, comment.article):
        return None
    readable = policy.may_see(actor, comment, comment.article)
    verdict = policy.may_flag(actor, comment)
    return Reporting(comment, comment.html if readable else None, verdict, _report_of(actor.id, comment_id))


def _report_of(person_id: int | None, comment_id: int) -> Mine | None:
    if person_id is None:  # guests' reports are nobody's: one would read another's
        return None
    query = (
        select(Flag.reason, Flag.note, Flag.created_at, Decision.decision)
        .outerjoin(Decision, Decision.id == Flag.decision_id)
        .where(Flag.comment_id == comment_id, Flag.person_id == person_id)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    answer = "" if row.decision is None else "kept" if row.decision == "keep" else "removed"
    return Mine(row.reason, row.note, row.created_at, answer)
