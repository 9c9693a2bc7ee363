"""Sanction a person, take that back, lift it. The caller commits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from flask_babel import gettext as _
from sqlalchemy import select, update

from forum import policy
from forum.acting import lock_as
from forum.clock import SENT_TWICE, now
from forum.comments import queries as comments
from forum.comments.queries import CommentView
from forum.db import Hold, session
from forum.errors import Conflict, Invalid, NotFound
from forum.ledger import actions as ledger
from forum.notifications import actions as notices
from forum.people.models import Person
from forum.people.queries import other_admins
from forum.policy import LASTING, SHUTS_OUT, Actor, SanctionKind
from forum.sanctions.consistency import settled, told_reason
from forum.sanctions.models import Sanction
from forum.site.queries import rules as rules_of_site
from forum.site.queries import site
from forum.text.words import excerpt, tidy

QUOTED = 200  # characters of the comment that led to it: enough to recognise one's own
_ACTS = {
    SanctionKind.NOTE: "person.note",
    SanctionKind.WARNING: "person.warn",
    SanctionKind.HOLD: "person.hold",
    SanctionKind.SLOW: "person.slow",
    SanctionKind.SUSPENSION: "person.suspend",
    SanctionKind.BAN: "person.ban",
}


@dataclass(frozen=True)
class Wanted:
    """What is to be done about a person: `rule` is the number of a rule, without `days` it lasts until it is lifted."""

    kind: str
    rule: str = ""
    words: str = ""
    note: str = ""
    days: int | None = None
    minutes: int | None = None
    comment_id: int | None = None


def sanction(actor: Actor | None, person_id: int, wanted: Wanted) -> Sanction:
    """Do something about a person, and tell them, unless it is a note.

    Raises Invalid for what does not fit together, NotFound without the person or a comment of theirs, Conflict where
    the same is in force already, and what `policy.may_sanction` says no with.
    """
    kind, rule = _kind(wanted), _rule(wanted.rule)
    words = "" if kind == SanctionKind.NOTE else tidy(wanted.words).strip()
    note = tidy(wanted.note).strip()
    _check(wanted, kind, rule or words, note)
    length = timedelta(days=wanted.days) if wanted.days and kind in LASTING and kind != SanctionKind.BAN else None
    actor, person, moment = _locked(actor, person_id, shuts_out=kind in SHUTS_OUT)
    policy.may_sanction(actor, person, kind, length, site()).require()
    if kind in SHUTS_OUT:
        policy.may_stop_being_admin(person, other_admins(person_id)).require()
    comment = _comment(wanted.comment_id, person_id)
    about = {"person_id": person_id, "by_id": _id(actor), "comment_id": wanted.comment_id, "rule": rule}
    if kind not in LASTING and (same := _just_made({**about, "kind": kind, "words": words, "note": note})):
        return same
    if kind in LASTING:
        _refuse_twice(person_id, kind, moment)
    made = Sanction(kind=kind, person_id=person_id, by_id=_id(actor), comment_id=wanted.comment_id, rule=rule)
    made.words, made.note, made.created_at = words, note, moment
    made.minutes = wanted.minutes or 0 if kind == SanctionKind.SLOW else 0
    made.until = moment + length if length else None
    session.add(made)
    settle(person)
    if kind != SanctionKind.NOTE:
        _tell(made, comment)
    _record(_ACTS[kind], actor, made, moment)
    return made


def undo(actor: Actor, sanction_id: int) -> Sanction:
    """Take back what one did about a person within ten minutes. A person who has not read of it hears nothing.

    Raises Conflict and Forbidden as `policy.may_undo_sanction` says.
    """
    actor, made, person, moment = _locked_sanction(actor, sanction_id)
    policy.may_undo_sanction(actor, person, made, moment).require()
    made.lifted_at, made.lifted_by_id, made.is_undone = moment, actor.id, True
    settle(person)
    if made.kind != SanctionKind.NOTE and not notices.withdraw(cause(made), **_about(made)):
        _tell_lifted(made)
    _record("person.undo-sanction", actor, made, moment)
    return made


def lift(actor: Actor | None, sanction_id: int, reason: str) -> Sanction:
    """End a sanction before its time, with a reason that the person reads."""
    reason = tidy(reason).strip()
    if not reason:
        raise Invalid({"why": _("Please say why.")})
    actor, made, person, moment = _locked_sanction(actor, sanction_id)
    policy.may_lift(actor, person, made, site()).require()
    if not policy.is_sanction_in_force(made, moment):
        raise Conflict(_("This is over already."))
    end(made, person, _id(actor), reason, moment)
    _record("person.lift", actor, made, moment)
    return made


def end(made: Sanction, person: Person, by_id: int | None, reason: str, moment: datetime) -> None:
    """End a sanction and tell the person. Call it inside the person's lock; the caller logs."""
    made.lifted_at, made.lifted_by_id, made.lift_reason = moment, by_id, reason[:1000]
    settle(person)
    _tell_lifted(made)


def settle(person: Person) -> None:
    """Write the sanctions that nobody lifted into the columns of a person that the path of a post reads.

    Their ends are compared with the clock there, so that an end needs no write. Of one kind the one that ends last
    counts: another is made only when it is over or lifted.
    """
    session.flush()
    query = select(Sanction).where(
        Sanction.person_id == person.id, Sanction.lifted_at.is_(None), Sanction.kind.in_(LASTING)
    )
    for name, value in settled(session.scalars(query)).items():
        setattr(person, name, value)
    session.flush()


def forget_words(comment_id: int, kinds: Collection[str] = ()) -> None:
    """Take what may quote a comment out of the sanctions that it led to, or those of some kinds: it was erased."""
    about = select(Sanction).where(Sanction.comment_id == comment_id)
    for made in session.scalars(about.where(Sanction.kind.in_(kinds)) if kinds else about):
        # Only these words: somebody may suspend the person anew at this moment, whom nothing here has locked.
        quoting = Person.id == made.person_id, Person.suspension_reason == told_reason(made)
        made.words = made.note = made.lift_reason = ""
        session.execute(update(Person).where(*quoting).values(suspension_reason=told_reason(made)))
    session.flush()


def cause(made: Sanction) -> str:
    """Return by what the notices of a sanction name it."""
    return f"sanction:{made.id}"


def _kind(wanted: Wanted) -> SanctionKind:
    try:
        return SanctionKind(wanted.kind)
    except ValueError as error:
        raise NotFound() from error


def _rule(number: str) -> str:
    rules = {str(rule.number): f"{rule.number}. {rule.text}"[:300] for rule in rules_of_site()}
    if number and number not in rules:
        raise Invalid({"reason": _("There is no such rule.")})
    return rules.get(number, "")


def _check(wanted: Wanted, kind: SanctionKind, why: str, note: str) -> None:
    if kind == SanctionKind.NOTE:
        if not note:
            raise Invalid({"note": _("There is nothing written yet.")})
        return
    if not why:
        raise Invalid({"words": _("Please choose a rule or say why. The person is told.")})
    if kind == SanctionKind.SLOW and not wanted.minutes:
        raise Invalid({"minutes": _("Please say how many minutes.")})
    if kind == SanctionKind.SUSPENSION and not wanted.days:
        raise Invalid({"days": _("Please say for how many days.")})


def _just_made(wanted: dict[str, Any]) -> Sanction | None:
    """Return a note or a warning that is the same in all of this, made a moment ago: its form was sent twice."""
    recent = select(Sanction).where(Sanction.created_at > now() - SENT_TWICE, Sanction.lifted_at.is_(None))
    return session.scalars(recent.filter_by(**wanted)).first()


def _refuse_twice(person_id: int, kind: str, moment: datetime) -> None:
    same = Sanction.person_id == person_id, Sanction.kind == kind, Sanction.lifted_at.is_(None)
    for made in session.scalars(select(Sanction).where(*same)):
        if policy.is_sanction_in_force(made, moment):
            raise Conflict(_("This is in force already. Lift it first, where it has to change."))


def _comment(comment_id: int | None, person_id: int) -> CommentView | None:
    if comment_id is None:
        return None
    found = comments.facts(comment_id)
    if found is None or found.author_id != person_id:
        raise NotFound()
    return found


def _tell(made: Sanction, comment: CommentView | None) -> None:
    said: dict[str, Any] = {
        "outcome": made.kind,
        "rule": made.rule,
        "text": made.words,
        "minutes": str(made.minutes or ""),
    }
    said |= {"by": "moderator", "cause": cause(made)}
    if made.until:
        said["until"] = made.until.isoformat()
    if comment:
        said |= {"title": comment.article_title, "words": excerpt(comment.html, QUOTED)}
    place: dict[str, Any] = {"article_id": comment.article_id if comment else None, "comment_id": made.comment_id}
    notices.tell(made.person_id, "sanction", **place, details=said)


def _tell_lifted(made: Sanction) -> None:
    said = {"outcome": made.kind, "text": made.lift_reason, "by": "moderator", "cause": cause(made)}
    notices.tell(made.person_id, "lifted", comment_id=made.comment_id, details=said)


def _about(made: Sanction) -> dict[str, Any]:
    return {"comments": [made.comment_id]} if made.comment_id else {"people": [made.person_id]}


def _locked(actor: Actor | None, person_id: int, *, shuts_out: bool) -> tuple[Actor | None, Person, datetime]:
    # An admin who can only read does not count as another admin, and the last one must stay.
    site_hold = Hold.EXCLUSIVE if shuts_out else None
    actor = lock_as(actor, people={person_id: Hold.EXCLUSIVE}, site=site_hold)
    return actor, session.get(Person, person_id) or _missing(), now()


def _locked_sanction(actor: Any, sanction_id: int) -> tuple[Any, Sanction, Person, datetime]:
    found = session.get(Sanction, sanction_id) or _missing()
    actor, person, moment = _locked(actor, found.person_id, shuts_out=False)
    return actor, session.get_one(Sanction, sanction_id), person, moment


def _record(act: str, actor: Actor | None, made: Sanction, moment: datetime) -> None:
    details: dict[str, Any] = {"sanction": made.id, "kind": made.kind, "words": made.words, "note": made.note}
    details |= {"until": made.until.isoformat() if made.until else None, "minutes": made.minutes}
    if made.lift_reason:
        details["why"] = made.lift_reason
    about: dict[str, Any] = {"actor_id": _id(actor), "person_id": made.person_id, "comment_id": made.comment_id}
    ledger.record(act, moment, **about, rule=made.rule or None, details=details)


def _id(actor: Actor | None) -> int | None:
    return actor.id if actor is not None else None


def _missing() -> NoReturn:
    raise NotFound()
