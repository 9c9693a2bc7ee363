"""Remove what one person wrote since a moment as one act, of which they are told once. The caller commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from forum import policy
from forum.acting import lock_as
from forum.clock import now
from forum.comments.models import Comment
from forum.db import Hold, session
from forum.errors import Invalid, NotFound
from forum.moderation import actions
from forum.moderation.bulk import parts, put_down
from forum.moderation.models import Bulk, Decision
from forum.moderation.queries.bulk import MOST
from forum.people.models import Person
from forum.policy import Actor
from forum.text.words import tidy


def begin_removal(
    actor: Actor, person_id: int, comments: Collection[int], seen_at: datetime, decision: str, rule: str, note: str
) -> Bulk:
    """Put down that comments of one person are removed (hide, spam); `step` does it. They are told once of all.

    What is none of their comments is left out. Raises what `policy.may_see_record` says no with, Invalid as `begin`.
    """
    actor = lock_as(actor, people={person_id: Hold.SHARED})
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound()
    policy.may_see_record(actor, person).require()
    actions.cited_rule(rule, decision)
    if decision not in ("hide", "spam"):
        raise Invalid({"do": _("Please choose what to do.")})
    found = select(Comment.id, Comment.article_id).where(Comment.author_id == person_id)
    rows = [row for part in parts(comments) for row in session.execute(found.where(Comment.id.in_(part)))]
    if not rows or len(comments) > MOST:
        raise Invalid({"do": _("There is no comment to remove.")})
    made = Bulk(moderator_id=actor.id, decision=decision, rule=rule, note=tidy(note).strip(), person_id=person_id)
    named = [{"case_id": None, "article_id": row.article_id, "comment_id": row.id} for row in rows]
    return put_down(made, seen_at, named)


def take_back_followers(actor: Actor, decision_id: int) -> None:
    """Put down that all decisions are taken back of which the writer was told by this one; `step` does it."""
    actor = lock_as(actor)
    policy.may_moderate_everywhere(actor).require()
    standing = Decision.first_id == decision_id, Decision.undone_at.is_(None)
    query = select(Decision.id, Decision.comment_id, Comment.article_id, Comment.author_id).where(*standing)
    rows = session.execute(query.join(Comment, Comment.id == Decision.comment_id)).all()
    if not rows:
        return
    first, moment = session.get_one(Decision, decision_id), now()
    made = Bulk(moderator_id=actor.id, decision=first.decision, person_id=rows[0].author_id, note="")
    made.undo_at, made.undo_by_id = moment, actor.id
    named = [{"case_id": None, "article_id": row.article_id, "comment_id": row.comment_id} for row in rows]
    put_down(made, moment, [{**name, "decision_id": row.id} for name, row in zip(named, rows, strict=True)], "undoing")
