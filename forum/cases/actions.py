"""Open cases, keep them in step with what they are about, decide them. Call it inside the lock of the subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Executable, Table, insert, select

from forum.cases.models import Case, Flag
from forum.cases.waiting import ORDINARY, Subject, derived, past
from forum.db import session
from forum.policy import CaseState, Queue

IN_ONE_STATEMENT = 400  # values in one IN (...)
_NEW = insert(cast(Table, Case.__table__)).inline()


def follow(comments: Iterable[Subject]) -> None:
    """Bring the open cases of comments into step with their statuses and open reports.

    A case opens where something is to be decided, and is gone where nothing is any more; one that is gone opens again.
    If you change a comment's status, `held_reason` or reports in another way than through here, `comments.statuses`
    and `moderation`, also call this, else the queue shows what nobody needs to decide, or hides what somebody must.
    """
    for part in _parts(list({comment.id: comment for comment in comments}.values())):
        _follow(part)


def new_waiting(comment_id: int, article_id: int, comment: Mapping[str, Any]) -> tuple[Executable, Mapping[str, Any]]:
    """Return the statement, with its values, that opens the case of a new comment, which waits for approval.

    `comment` are the columns of the comment.
    """
    return _NEW, {
        "kind": "comment",
        "comment_id": comment_id,
        "article_id": article_id,
        "person_id": comment["author_id"],
        "state": CaseState.OPEN,
        "queue": Queue.WAITING,
        "priority": ORDINARY,
        "report_count": 0,
        "held_reason": comment["held_reason"],
        "since": comment["created_at"],
    }


def decide(
    comments: Sequence[Subject], decision_id: int, outcome: str, actor_id: int | None, moment: datetime
) -> list[Flag]:
    """Close the open cases of comments with one decision, and return the open reports that it answers.

    A decision about the first comment that nobody asked for makes a case of its own.
    """
    decided = {"state": CaseState.DECIDED, "outcome": outcome, "decision_id": decision_id, **_by(actor_id, moment)}
    answered: list[Flag] = []
    for part in _parts(list(comments)):
        ids = [comment.id for comment in part]
        answered += session.scalars(select(Flag).where(Flag.comment_id.in_(ids), Flag.decision_id.is_(None)))
        found = select(Case).where(Case.comment_id.in_(ids), Case.state == CaseState.OPEN, Case.kind == "comment")
        for case in session.scalars(found):
            _set(case, {**decided, **_FREE})
    session.flush()
    first = comments[0]
    if session.scalar(select(Case.id).where(Case.comment_id == first.id, Case.decision_id == decision_id)) is None:
        reports = [flag for flag in answered if flag.comment_id == first.id]
        add_decided(first, reports, False, decided)
    answered.sort(key=lambda flag: flag.id)
    for flag in answered:
        flag.decision_id = decision_id
    session.flush()
    return answered


def add_decided(comment: Subject, reports: Sequence[Flag], was_held: bool, decided: Mapping[str, Any]) -> None:
    """Make the case of a decision that has none, with the reports that it answers; `decided` are columns of it."""
    case = Case(**_about(comment), **past(comment, reports, was_held, decided["decided_at"]), **decided)
    session.add(case)
    session.flush()
    for flag in reports:
        flag.case_id = case.id


def take_back(decision_id: int) -> tuple[list[Flag], set[int]]:
    """Undo what `decide` did: the reports are open again. Return them, and the ids of the comments concerned.

    Call `follow` for those comments when they are as before; it opens the cases of what still has to be decided.
    """
    cases = session.scalars(select(Case).where(Case.decision_id == decision_id)).all()
    for case in cases:
        _set(case, {**dict.fromkeys(_DECIDED), "state": CaseState.GONE})
    flags = list(session.scalars(select(Flag).where(Flag.decision_id == decision_id).order_by(Flag.id)))
    for flag in flags:
        flag.decision_id = None
    session.flush()
    concerned = {case.comment_id for case in cases if case.comment_id is not None}
    return flags, concerned | {flag.comment_id for flag in flags}


def open_account(person_id: int, moment: datetime) -> None:
    """Open the case of an account that waits for approval."""
    if _account(person_id) is None:
        waiting = {"queue": Queue.ACCOUNTS, "priority": ORDINARY, "since": moment}
        session.add(Case(kind="account", person_id=person_id, **waiting))
        session.flush()


def decide_account(person_id: int, outcome: str, actor_id: int | None, moment: datetime) -> None:
    """Close the case of an account, where there is an open one: approve or refuse."""
    case = _account(person_id)
    if case is not None:
        _set(case, {"state": CaseState.DECIDED, "outcome": outcome, **_by(actor_id, moment), **_FREE})
        session.flush()


def open_objection(person_id: int, moment: datetime) -> int:
    """Open the case of an objection and return its id."""
    waiting = {"queue": Queue.OBJECTIONS, "priority": ORDINARY, "since": moment}
    case = Case(kind="objection", person_id=person_id, **waiting)
    session.add(case)
    session.flush()
    return case.id


def decide_objection(case_id: int, outcome: str, actor_id: int | None, moment: datetime) -> None:
    """Close the case of an objection: upheld or refused."""
    case = session.get_one(Case, case_id)
    _set(case, {"state": CaseState.DECIDED, "outcome": outcome, **_by(actor_id, moment), **_FREE})
    session.flush()


def open_notice(priority: int, person_id: int | None, moment: datetime) -> Case:
    """Open the case of a notice of law; `person_id` is the writer of what it is about, where that is one person."""
    waiting = {"queue": Queue.NOTICES, "priority": priority, "since": moment}
    case = Case(kind="notice", person_id=person_id, **waiting)
    session.add(case)
    session.flush()
    return case


def decide_notice(case: Case, outcome: str, actor_id: int | None, moment: datetime) -> None:
    """Close the case of a notice of law."""
    _set(case, {"state": CaseState.DECIDED, "outcome": outcome, **_by(actor_id, moment), **_FREE})
    session.flush()


def reopen_notice(case: Case) -> None:
    """Open the case of a notice of law again, because its decision was taken back."""
    _set(case, {**dict.fromkeys(_DECIDED), "state": CaseState.OPEN})
    session.flush()


def open_exchange(moment: datetime) -> int:
    """Open the case of an exchange that goes in circles and return its id."""
    case = Case(kind="exchange", queue=Queue.EXCHANGES, priority=ORDINARY, since=moment)
    session.add(case)
    session.flush()
    return case.id


def end_exchange(case: Case, outcome: str | None, actor_id: int | None, moment: datetime) -> None:
    """Close the case of an exchange, where it is open; without an outcome it is over by itself."""
    if case.state != CaseState.OPEN:
        return
    if outcome is None:
        _set(case, {"state": CaseState.GONE, **_FREE})
    else:
        _set(case, {"state": CaseState.DECIDED, "outcome": outcome, **_by(actor_id, moment), **_FREE})
    session.flush()


_FREE: dict[str, Any] = {"claimed_by_id": None, "claimed_until": None}
_DECIDED = ("outcome", "decision_id", "decided_by_id", "decided_at")


def _follow(comments: Sequence[Subject]) -> None:
    ids = [comment.id for comment in comments]
    reports: dict[int, list[Flag]] = {}
    for flag in session.scalars(select(Flag).where(Flag.comment_id.in_(ids), Flag.decision_id.is_(None))):
        reports.setdefault(flag.comment_id, []).append(flag)
    cases = _undecided(ids)
    followed = [(_case(comment, reports.get(comment.id, []), cases), comment.id) for comment in comments]
    session.flush()
    for case, comment_id in followed:
        for flag in reports.get(comment_id, ()) if case is not None else ():
            flag.case_id = case.id  # type: ignore[union-attr]  # mypy does not see the condition
    session.flush()


def _undecided(ids: Sequence[int]) -> dict[int, Case]:
    """Return by comment the case that is open, else the newest that is gone."""
    query = select(Case).where(Case.comment_id.in_(ids), Case.kind == "comment", Case.state != CaseState.DECIDED)
    found: dict[int, Case] = {}
    for case in session.scalars(query.order_by(Case.id)):
        before = found.get(case.comment_id or 0)
        if before is None or before.state == CaseState.GONE:
            found[case.comment_id or 0] = case
    return found


def _case(comment: Subject, reports: Sequence[Flag], cases: Mapping[int, Case]) -> Case | None:
    wanted, case = derived(comment, reports), cases.get(comment.id)
    if wanted is None:
        if case is not None and case.state == CaseState.OPEN:
            _set(case, {"state": CaseState.GONE, **_FREE})
        return None
    if case is None:
        case = Case(**_about(comment))
        session.add(case)
    _set(case, {"state": CaseState.OPEN, **wanted})
    return case


def _about(comment: Subject) -> dict[str, Any]:
    ids = {"comment_id": comment.id, "article_id": comment.article_id, "person_id": comment.author_id}
    return {"kind": "comment", **ids}


def _account(person_id: int) -> Case | None:
    query = select(Case).where(Case.person_id == person_id, Case.kind == "account", Case.state == CaseState.OPEN)
    return session.scalars(query).one_or_none()


def _by(actor_id: int | None, moment: datetime) -> dict[str, Any]:
    return {"decided_by_id": actor_id, "decided_at": moment}


def _set(case: Case, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(case, name, value)


def _parts(comments: Sequence[Subject]) -> Iterator[Sequence[Subject]]:
    for start in range(0, len(comments), IN_ONE_STATEMENT):
        yield comments[start : start + IN_ONE_STATEMENT]
