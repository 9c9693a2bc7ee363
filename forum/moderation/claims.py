"""Claims: who looks at a case now. A claim is advice to the others, never a lock. The caller commits."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select, update

from forum import policy
from forum.acting import lock_as
from forum.articles.models import Article
from forum.cases.models import Case
from forum.clock import now
from forum.db import session
from forum.errors import NotFound
from forum.legal import queries as legal
from forum.legal.deciding import note_looked_at
from forum.policy import Actor, CaseState, Verdict

LASTS = timedelta(minutes=5)


def may_decide_case(actor: Actor, case: Case) -> Verdict:
    """Answer whether a case is one of this person's desk."""
    if case.kind == "account":
        return policy.may_administer(actor)
    if case.kind == "notice":
        return legal.may_decide(actor, case.id)
    if case.article_id is None:  # an objection, which has pages of its own
        return policy.may_moderate_everywhere(actor)
    return policy.may_moderate(actor, session.get_one(Article, case.article_id))


def claim(actor: Actor, case_id: int) -> None:
    """Hold an open case for five minutes from now, unless somebody else does; one's claims of others end.

    It writes no entry: nothing is decided, and the log would be full of it. Raises NotFound where it is not for this
    person to decide.
    """
    actor = lock_as(actor)
    case = session.get(Case, case_id)
    if case is None or not may_decide_case(actor, case):
        raise NotFound()
    moment = now()
    others = update(Case).where(Case.claimed_by_id == actor.id, Case.id != case_id)
    session.execute(others.values(claimed_by_id=None, claimed_until=None))
    free = or_(Case.claimed_by_id.is_(None), Case.claimed_by_id == actor.id, Case.claimed_until <= moment)
    mine = update(Case).where(Case.id == case_id, Case.state == CaseState.OPEN, free)
    session.execute(mine.values(claimed_by_id=actor.id, claimed_until=moment + LASTS))
    if case.kind == "notice":
        note_looked_at(case_id, moment)


def release(actor: Actor, case_id: int) -> None:
    """End one's claim of a case; another's stays."""
    actor = lock_as(actor)
    policy.may_open_desk(actor).require()
    if session.execute(select(Case.id).where(Case.id == case_id, Case.claimed_by_id == actor.id)).first():
        mine = update(Case).where(Case.id == case_id, Case.claimed_by_id == actor.id)
        session.execute(mine.values(claimed_by_id=None, claimed_until=None))
