"""Object to what was done, and decide about an objection. The caller commits."""

from __future__ import annotations

from typing import Any, NoReturn

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import select

from forum import policy
from forum.acting import lock_as
from forum.cases import actions as cases
from forum.cases.models import Objection
from forum.clock import now
from forum.comments.ending import actions as ending
from forum.db import Hold, session
from forum.errors import Conflict, Invalid, NotFound
from forum.ledger import actions as ledger
from forum.legal import deciding
from forum.legal.models import LegalNotice
from forum.moderation import actions as moderation
from forum.moderation.removal import take_back_followers
from forum.notifications import actions as notices
from forum.notifications.models import Notice
from forum.objections import queries
from forum.objections.queries import Deed
from forum.people.models import Person
from forum.policy import Actor
from forum.sanctions import actions as sanctions
from forum.sanctions.models import Sanction
from forum.text.words import tidy

LONGEST = 2000  # characters of an objection


def object_to(actor: Actor, notice_id: int, words: str) -> Objection:
    """Object to what a notice told its person, once; suspended people may, too.

    Raises NotFound for another's notice, Invalid for no words or too many, Conflict where it was done already or what
    it is about was taken back, and what `policy.may_object` says no with.
    """
    words = _checked(words, "words", LONGEST)
    if actor.id is None:
        policy.may_object(actor).require()
    actor = lock_as(actor, people={actor.id or 0: Hold.EXCLUSIVE})
    policy.may_object(actor).require()
    notice, moment = session.get(Notice, notice_id), now()
    deed = queries.deed(notice.details.get("cause", "")) if notice and notice.person_id == actor.id else None
    if notice is None or deed is None or not queries.may_be_about(notice.kind, notice.comment_id):
        raise NotFound()
    if not deed.stands:
        raise Conflict(_("This was taken back already."))
    mine = select(Objection.id).where(Objection.person_id == actor.id, Objection.cause == deed.cause)
    if session.execute(mine).first():
        raise Conflict(_("You have objected already. Once is enough: somebody else will look at it."))
    case_id = cases.open_objection(actor.id or 0, moment)
    made = Objection(case_id=case_id, person_id=actor.id, cause=deed.cause, comment_id=notice.comment_id, words=words)
    made.created_at = moment
    notice.seen_at = notice.seen_at or moment  # nobody objects to what they have not read
    session.add(made)
    session.flush()
    _record("objection.make", actor, made, moment, {"words": words})
    return made


def decide(actor: Actor, objection_id: int, outcome: str, reason: str) -> Objection:
    """Uphold an objection, which takes back what was done, or refuse it; its person reads the reason.

    Raises Conflict where somebody decided already, Invalid without a reason, and what `policy.may_decide_objection`
    says no with.
    """
    if outcome not in ("upheld", "refused"):
        raise Invalid({"outcome": _("Please use one of the buttons.")})
    reason = _checked(reason, "reason", 1000)
    found = session.get(Objection, objection_id) or _missing()
    actor = lock_as(actor, people={found.person_id: Hold.EXCLUSIVE})
    made, moment = session.get_one(Objection, objection_id), now()
    person, deed = session.get_one(Person, made.person_id), queries.deed(made.cause)
    policy.may_decide_objection(actor, person, deed, queries.others(person, deed)).require()
    if made.outcome is not None:
        raise Conflict(_("Somebody decided about this meanwhile. Please look at it again."))
    made.outcome, made.reason, made.decided_by_id, made.decided_at = outcome, reason, actor.id, moment
    session.flush()
    if outcome == "upheld" and deed is not None and deed.stands:
        _take_back(actor, person, deed, reason)
        notices.mark_taken_back(person.id, deed.cause, made.comment_id)
    cases.decide_objection(made.case_id, outcome, actor.id, moment)
    said = {"outcome": outcome, "text": reason, "by": "moderator", "cause": f"objection:{made.id}"}
    if deed is not None and deed.by_id == actor.id:
        said["reach"] = "same"  # the page says that there was nobody else
    notices.tell(made.person_id, "objection", comment_id=made.comment_id, details=said)
    _record(f"objection.{outcome}", actor, made, moment, {"reason": reason})
    return made


def _take_back(actor: Actor, person: Person, deed: Deed, reason: str) -> None:
    if deed.kind == "decision":
        moderation.undo(actor, deed.id)
        take_back_followers(actor, deed.id)
    elif deed.kind == "closure":
        ending.reopen(actor, deed.id, reason)
    elif deed.kind == "law":
        deciding.give_back(actor, session.get_one(LegalNotice, deed.id).case_id, person.id)
    else:
        sanctions.end(session.get_one(Sanction, deed.id), person, actor.id, reason, now())


def _checked(typed: str, field: str, most: int) -> str:
    typed = tidy(typed).strip()
    if not typed:
        raise Invalid({field: _("There is nothing written yet.")})
    if len(typed) > most:
        raise Invalid({field: _("Please say it in at most %(most)s characters.", most=format_decimal(most))})
    return typed


def _record(act: str, actor: Actor, made: Objection, moment: Any, details: dict[str, Any]) -> None:
    about: dict[str, Any] = {"actor_id": actor.id, "person_id": made.person_id, "comment_id": made.comment_id}
    ledger.record(act, moment, **about, details={"objection": made.id, "cause": made.cause, **details})


def _missing() -> NoReturn:
    raise NotFound()
