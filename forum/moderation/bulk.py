"""Decide alike about several cases as one act, part by part, and take the whole act back. The caller commits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, exists, func, insert, select, update

from forum import db, policy
from forum.acting import lock_as
from forum.cases.models import Case
from forum.cases.waiting import STANDS
from forum.clock import now
from forum.comments.models import Comment
from forum.db import session
from forum.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from forum.jobs import actions as jobs
from forum.jobs.actions import Later, Taken
from forum.moderation import actions, notices
from forum.moderation.models import Bulk, BulkCase, Decision
from forum.moderation.queries.bulk import MOST
from forum.moderation.queries.queue import IS_OPEN, reach
from forum.moderation.seen import seen_mark, standing_decisions
from forum.people.models import Person
from forum.people.queries import viewer_of
from forum.policy import NOBODY, Actor
from forum.text.words import tidy

UNDO_WITHIN = timedelta(days=1)  # later on, each decision is taken back by itself
KEPT = timedelta(days=7)  # after that an act goes; its decisions stay
AT_ONCE = 20  # cases that the request itself decides: a page of them
BESIDE = timedelta(minutes=1)  # when the worker takes over what a request did not end
LEFT = ("waiting", "undoing")


def begin(actor: Actor, case_ids: Collection[int], seen_at: datetime, decision: str, rule: str, note: str) -> Bulk:
    """Put an act about several open cases of comments down; `step` does it, from the request or from the worker.

    What is no open case of this person's desk is left out. Raises Invalid for a wrong decision or rule, and where
    nothing is left or it is more than MOST.
    """
    actor = lock_as(actor)
    policy.may_open_desk(actor).require()
    actions.cited_rule(rule, decision)
    if decision not in ("keep", "hide", "spam"):
        raise Invalid({"do": _("Please choose what to do.")})
    found = select(Case.id, Case.article_id, Case.comment_id).where(IS_OPEN, Case.kind == "comment", reach(actor))
    cases = [row for part in parts(case_ids) for row in session.execute(found.where(Case.id.in_(part)))]
    if not cases or len(case_ids) > MOST:
        raise Invalid({"do": _("Please select at least one case, and at most %(most)s.", most=MOST)})
    made = Bulk(moderator_id=actor.id, decision=decision, rule=rule, note=tidy(note).strip())
    return put_down(made, seen_at, [_ids(case) for case in cases])


def take_back(actor: Actor, bulk_id: int) -> None:
    """Ask for the undo of a whole act, once and within a day; what of it was not done yet is not done any more.

    `step` takes it back, case by case, and leaves what was decided anew since. Raises NotFound, Forbidden, Conflict.
    """
    actor = lock_as(actor)
    made = session.scalar(select(Bulk).where(Bulk.id == bulk_id).with_for_update())
    if made is None:
        raise NotFound()
    policy.may_undo_for(actor, made.moderator_id).require()
    moment = now()
    if made.undo_at is not None:
        raise Conflict(_("This was taken back already."))
    if moment - made.created_at > UNDO_WITHIN:
        raise Conflict(_("This is too long ago to be taken back at once. Each decision can be taken back by itself."))
    made.undo_at, made.undo_by_id = moment, actor.id
    session.flush()
    _move(bulk_id, "waiting", state="skipped", why="stopped")
    _move(bulk_id, "done", state="undoing")
    _put(bulk_id, moment, session.scalar(select(func.count()).where(BulkCase.bulk_id == bulk_id)) or 0)


def purge_bulks(moment: datetime) -> int:
    """Delete an act that nobody can take back as a whole any more since a week, where all is done; 0: none is left."""
    begun = Bulk.created_at < moment - UNDO_WITHIN - KEPT
    undone = Bulk.undo_at.is_(None) | (Bulk.undo_at < moment - KEPT)
    left = exists().where(BulkCase.bulk_id == Bulk.id, BulkCase.state.in_(LEFT))
    found = session.scalar(select(Bulk.id).where(begun, undone, ~left).order_by(Bulk.id).limit(1))
    if found is None:
        return 0
    db.lock()
    quiet = {"synchronize_session": False}
    session.execute(delete(BulkCase).where(BulkCase.bulk_id == found), execution_options=quiet)
    session.execute(delete(Bulk).where(Bulk.id == found), execution_options=quiet)
    return 1


def go_on(job: Taken) -> Later | None:
    """Do the next part of an act, for the worker."""
    bulk_id = int(job.subject["bulk"])
    if step(bulk_id):
        return Later(job.subject, now())
    db.lock()
    _held(bulk_id)  # an undo from now on puts its job down when this job has gone
    return Later(job.subject, now()) if _next_article(bulk_id) is not None else None


def step(bulk_id: int) -> bool:
    """Do the next part of an act: at most `AT_ONCE` cases, all of one article. Return False where nothing was left.

    The person who asked acts as they are now: one who moderates no more decides nothing. Several may call it at once:
    what is left is read again inside the lock of the article.
    """
    article_id = _next_article(bulk_id)
    if article_id is None:
        return False
    asked = session.execute(select(Bulk.moderator_id, Bulk.undo_by_id).where(Bulk.id == bulk_id)).one()
    actor: Actor = viewer_of(asked.undo_by_id or asked.moderator_id) or NOBODY
    refusal: Refusal | None = None
    try:
        actor = lock_as(actor, article_id)
    except (Forbidden, NotFound) as error:  # the account is off; the lock is taken all the same
        refusal = error
    made = _held(bulk_id)
    if (made.undo_by_id or made.moderator_id) != (actor.id or made.moderator_id):
        return True  # somebody else takes it back since: they act, in the next part
    if refusal is None and made.person_id is not None and made.undo_at is None:
        verdict = policy.may_see_record(actor, session.get_one(Person, made.person_id))
        refusal = Forbidden(verdict.reason) if verdict.reason else None
    part = select(BulkCase.case_id, BulkCase.comment_id, BulkCase.decision_id, BulkCase.state)
    mine = part.where(BulkCase.bulk_id == bulk_id, BulkCase.state.in_(LEFT), BulkCase.article_id == article_id)
    found = session.execute(mine.order_by(BulkCase.comment_id).limit(actions.AT_ONCE)).all()
    todo = {state: [row for row in found if row.state == state] for state in LEFT}
    tells = made.person_id is None
    _note(bulk_id, todo["undoing"], "kept", "undone", lambda row: refusal or _undone(actor, row, tells))
    became = dict.fromkeys((row.comment_id for row in todo["waiting"]), refusal)
    done = _decided(actor, article_id, made, todo["waiting"]) if refusal is None else became
    _note(bulk_id, todo["waiting"], "skipped", "done", lambda row: done[row.comment_id])
    if made.person_id is not None:
        new = [one for one in done.values() if isinstance(one, Decision)]
        notices.after_part(made, new, done=_next_article(bulk_id) is None)
    return True


def _held(bulk_id: int) -> Bulk:
    """Lock an act, so that nobody takes it back while a part of it is done."""
    return session.scalars(select(Bulk).where(Bulk.id == bulk_id).with_for_update()).one()


def _next_article(bulk_id: int) -> int | None:
    rows = select(BulkCase.article_id).where(BulkCase.bulk_id == bulk_id, BulkCase.state.in_(LEFT))
    return session.scalar(rows.order_by(BulkCase.article_id).limit(1))


def _decided(actor: Actor, article_id: int, made: Bulk, rows: Sequence[Any]) -> Mapping[int, Any]:
    """Decide about comments; return by comment the decision, or why there is none."""
    if not rows:
        return {}
    seen_at, edited = made.seen_at, _still_there(made, rows)
    became: dict[int, Any] = {row.comment_id: "decided" for row in rows}
    became |= {id: "edited" for id, moment in edited.items() if moment is not None and moment > seen_at}
    ids, tells = [id for id in edited if became[id] != "edited"], made.person_id is None
    wanted: dict[int, str | None] = dict.fromkeys(ids)
    if not tells:  # most have no case, by which `decide` knows without a mark what is open
        standing = standing_decisions(ids)
        wanted = {id: seen_mark(standing.get(id), edited[id]) for id in ids}
    try:
        done = actions.decide_many(actor, article_id, wanted, made.decision, made.rule, made.note, tells=tells)
    except (Invalid, NotFound) as error:
        return {**became, **dict.fromkeys(wanted, error)}
    return {**became, **done.made, **done.refused}


def _still_there(made: Bulk, rows: Sequence[Any]) -> Mapping[int, datetime | None]:
    """Return which comments are still as the confirmation had them: by id, when each was edited.

    A case is still open; of all that somebody wrote, what stands and nobody decided about since.
    """
    columns = select(Comment.id, Comment.edited_at)
    if made.person_id is None:
        query = columns.join(Case, Case.comment_id == Comment.id)
        query = query.where(Case.id.in_([row.case_id for row in rows]), IS_OPEN)
    else:
        since = Decision.created_at > made.seen_at, Decision.undone_at.is_(None)
        decided = exists().where(Decision.comment_id == Comment.id, *since)
        query = columns.where(Comment.id.in_([row.comment_id for row in rows]), Comment.status.in_(STANDS), ~decided)
    return {row[0]: row[1] for row in session.execute(query)}


def _undone(actor: Actor, row: Any, tells: bool) -> Any:
    """Take one decision back; return it, or why not."""
    decision_id = row.decision_id
    if standing_decisions([row.comment_id]).get(row.comment_id) != decision_id:
        undone = session.scalar(select(Decision.undone_at).where(Decision.id == decision_id))
        return "undone" if undone else "decided"
    try:
        return actions.undo(actor, decision_id, tells=tells)
    except Refusal as error:  # `undo` asks everything before it writes anything
        return error


def _note(bulk_id: int, rows: Sequence[Any], failed: str, done: str, act: Callable[[Any], Any]) -> None:
    for row in rows:
        became = act(row)
        ok = isinstance(became, Decision)
        values: dict[str, Any] = {"state": done if ok else failed, "why": "" if ok else _why(became)}
        if ok:
            values["decision_id"] = became.id
        this = update(BulkCase).where(BulkCase.bulk_id == bulk_id, BulkCase.comment_id == row.comment_id)
        session.execute(this.values(**values), execution_options={"synchronize_session": False})


def _why(became: Any) -> str:
    """Return the code of a reason: the page has the words, in its reader's language."""
    if isinstance(became, str):
        return became
    for kind, code in ((Conflict, "decided"), (Invalid, "rule"), (Forbidden, "not-yours")):
        if isinstance(became, kind):
            return code
    return "gone"


def _move(bulk_id: int, before: str, **values: str) -> None:
    rows = update(BulkCase).where(BulkCase.bulk_id == bulk_id, BulkCase.state == before)
    session.execute(rows.values(**values), execution_options={"synchronize_session": False})


def put_down(made: Bulk, seen_at: datetime, named: Sequence[Mapping[str, Any]], state: str = "waiting") -> Bulk:
    """Write an act with its comments down, inside a lock, and a job for the worker."""
    moment = now()
    made.seen_at, made.created_at = min(seen_at, moment), moment
    session.add(made)
    session.flush()
    session.execute(insert(BulkCase), [{"bulk_id": made.id, "state": state, "why": "", **row} for row in named])
    _put(made.id, moment, len(named), beside=state == "waiting")
    return made


def _put(bulk_id: int, moment: datetime, number: int, *, beside: bool = True) -> None:
    # A small act is done by the request itself, `beside` which the worker waits.
    due = moment + BESIDE if beside and number <= AT_ONCE else moment
    jobs.put("moderation.bulk", moment, {"bulk": bulk_id}, due=due, key=f"bulk:{bulk_id}")


def _ids(case: Any) -> dict[str, int]:
    return {"case_id": case.id, "article_id": case.article_id, "comment_id": case.comment_id}


def parts(ids: Collection[int]) -> list[list[int]]:
    """Return ids in parts of which a statement takes each."""
    ordered = sorted(set(ids))
    return [ordered[start : start + 400] for start in range(0, len(ordered), 400)]
