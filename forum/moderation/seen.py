"""Tell what a moderator was shown from what was decided or edited since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import func, select

from forum.cases.models import Case
from forum.comments.models import Comment
from forum.db import session
from forum.errors import Conflict
from forum.moderation.models import HOLD, Decision
from forum.people.queries import viewer_of
from forum.policy import CaseState


def seen_mark(decision_id: int | None, edited_at: datetime | None) -> str:
    """Return what tells a page apart from what was decided or edited after it was made."""
    return f"{decision_id or 0}-{int(edited_at.timestamp() * 1_000_000) if edited_at else 0}"


def standing_decisions(comment_ids: Iterable[int]) -> dict[int, int]:
    """Return the newest decision of somebody that was not taken back, by comment; that reports hid it is none."""
    query = select(Decision.comment_id, func.max(Decision.id)).where(
        Decision.comment_id.in_(tuple(comment_ids)), Decision.undone_at.is_(None), Decision.decision != HOLD
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(Decision.comment_id))}


def refuse_stale(comment: Comment, seen: str | None) -> None:
    """Refuse a decision about something other than what the moderator was shown. Raises Conflict.

    Without `seen` (a script) only what is still open can be decided: reported, waiting, or never decided.
    """
    newest = standing_decisions([comment.id]).get(comment.id)
    mark = seen_mark(newest, comment.edited_at)
    if seen == mark or (seen is None and (newest is None or _is_open(comment))):
        return
    if seen is not None and seen.split("-")[0] == str(newest or 0):
        raise Conflict(_("The writer changed this comment meanwhile. Please look at it again."))
    if newest is None:
        raise Conflict(_("A decision about this was taken back meanwhile. Please look at it again."))
    made = session.get_one(Decision, newest)
    person = viewer_of(made.moderator_id) if made.moderator_id else None
    raise Conflict(_said(made.decision, person.display_name if person else "", at(made.created_at)))


def at(moment: datetime) -> str:
    """Return a moment in words."""
    return str(format_datetime(moment, _("d MMMM y, HH:mm")))


def _said(decision: str, name: str, when: str) -> str:
    name = name or _("The software of this site")
    if decision == "keep":
        return str(_("%(name)s decided to keep this on %(when)s.", name=name, when=when))
    if decision == "spam":
        return str(_("%(name)s removed this as spam on %(when)s.", name=name, when=when))
    return str(_("%(name)s removed this on %(when)s.", name=name, when=when))


def _is_open(comment: Comment) -> bool:
    waits = select(Case.id).where(Case.comment_id == comment.id, Case.state == CaseState.OPEN)
    return session.execute(waits.limit(1)).first() is not None
