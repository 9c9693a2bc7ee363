"""Decide about notices of law, and what is done about one until then. The caller commits."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select, update

from forum import db, policy
from forum.acting import lock_as
from forum.cases import actions as cases
from forum.cases.models import Case
from forum.clock import now
from forum.comments.models import Comment
from forum.db import session
from forum.errors import Busy, Conflict, Invalid, NotFound
from forum.legal import effects, letters, telling
from forum.legal.actions import needed, record
from forum.legal.kinds import in_words
from forum.legal.models import LegalNotice, LegalSubject
from forum.legal.queries import writers
from forum.policy import Actor
from forum.policy.law import CHILD
from forum.text.words import tidy


def hide_meanwhile(actor: Actor, case_id: int) -> LegalNotice:
    """Take the comments that a notice names away while it is looked at: hidden, or sealed where it is about a child."""
    actor, notice, _case, moment = _open(actor, case_id)
    if notice.meanwhile:
        raise Conflict(_("This is hidden already."))
    changed = effects.bring(notice, effects.taken(notice))
    if not notice.before:
        raise Conflict(_("There is nothing to hide: no comment that is named here is shown to readers."))
    notice.meanwhile, notice.looked_at = True, notice.looked_at or moment
    record("notice.hide", actor, notice, moment, {"comments": [row.id for row in changed]})
    return notice


def show_again(actor: Actor, case_id: int) -> LegalNotice:
    """Give back what was taken away while a notice is looked at."""
    actor, notice, _case, moment = _open(actor, case_id)
    if not notice.meanwhile:
        raise Conflict(_("This is not hidden."))
    changed = effects.bring(notice, None)
    notice.meanwhile = False
    record("notice.show", actor, notice, moment, {"comments": [row.id for row in changed]})
    return notice


def pass_on(actor: Actor, case_id: int, words: str) -> int:
    """Tell the writers that there is a notice, and its words without who sent it; return how many people heard of it.

    Raises Conflict where that was done, or where it is about a child; Invalid where the words name who sent it.
    """
    words = tidy(words).strip() or needed("words")
    actor, notice, _case, moment = _open(actor, case_id)
    if notice.kind == CHILD:
        raise Conflict(_("A notice about a child is passed on to nobody."))
    if notice.passed_at is not None:
        raise Conflict(_("This was passed on already."))
    if _names_sender(notice, words):
        raise Invalid({"words": _("The name or the address of the sender is in these words. Please take it out.")})
    notice.passed_at, notice.looked_at = moment, notice.looked_at or moment
    heard = telling.passed_on(actor, notice, words)
    record("notice.pass", actor, notice, moment, {})
    return heard


def decide(actor: Actor, case_id: int, decision: str, reasons: str) -> LegalNotice:
    """Decide about a notice: hide (remove what it names) or keep, with reasons in words to both sides.

    Raises Conflict where somebody decided it, Invalid without reasons.
    """
    reasons = tidy(reasons).strip() or needed("reasons")
    actor, notice, case, moment = _open(actor, case_id)
    if _names_sender(notice, reasons):
        raise Invalid({"reasons": _("The name or the address of the sender is in these words. Please take it out.")})
    removes = decision == "hide"
    reason = legal_reason(notice.kind) if removes else ""
    changed = effects.bring(notice, effects.taken(notice) if removes else None, reason)
    notice.outcome, notice.reasons, notice.decided_at = decision, reasons, moment
    notice.looked_at = notice.looked_at or moment
    cases.decide_notice(case, decision, actor.id, moment)
    telling.decided(actor, notice, changed)
    letters.ask_for_decision(notice, moment)
    act = "notice.remove" if removes else "notice.keep"
    record(act, actor, notice, moment, {"comments": [row.id for row in changed]}, reason)
    return notice


def undo_notice(actor: Actor, case_id: int) -> LegalNotice:
    """Take the decision about a notice back: its case is open again, and its comments are as they were before it."""
    actor, notice, case, moment = _locked(actor, case_id)
    if notice.decided_at is None:
        raise Conflict(_("This was taken back already."))
    changed = effects.bring(notice, effects.taken(notice) if notice.meanwhile else None)
    telling.reopened(actor, notice, changed)
    notice.outcome = notice.decided_at = None
    notice.reasons = ""
    cases.reopen_notice(case)
    letters.ask_for_decision(notice, moment)
    record("notice.undo", actor, notice, moment, {"comments": [row.id for row in changed]})
    return notice


def give_back(actor: Actor, case_id: int, person_id: int) -> None:
    """Give one writer's comments back, whose objection was upheld; the others stay away.

    `policy.may_decide_objection` says which moderators may do so. The sender of the notice is told.
    """
    actor, notice = _lock(actor, LegalNotice.case_id == case_id)
    moment = now()
    policy.may_read_notices(actor).require()
    if notice is None:
        raise NotFound()
    own = select(Comment.id).where(Comment.id.in_([int(key) for key in notice.before]), Comment.author_id == person_id)
    only = session.scalars(own).all()
    changed = effects.bring(notice, None, only=only) if only else []
    letters.ask_for_decision(notice, moment)
    record("notice.return", actor, notice, moment, {"comments": [row.id for row in changed]})


def look(actor: Actor, case_id: int) -> tuple[str, str]:
    """Return name and address of the sender of a notice, and note in the log that somebody looked.

    Raises Forbidden for whom it is about.
    """
    actor, notice, _case, moment = _locked(actor, case_id)
    policy.may_see_sender(actor, notice.kind, own=actor.id in writers(case_id)).require()
    record("notice.look", actor, notice, moment, {})
    return notice.name or "", notice.email or ""


def note_looked_at(case_id: int, moment: datetime) -> None:
    """Note that somebody opened a notice, so that who sent it can read that. Call inside the lock."""
    first = update(LegalNotice).where(LegalNotice.case_id == case_id, LegalNotice.looked_at.is_(None))
    session.execute(first.values(looked_at=moment), execution_options={"synchronize_session": False})


def legal_reason(kind: str) -> str:
    """Return what stands in the place of a comment that was removed because of a notice."""
    return str(_("Against the law: %(kind)s", kind=in_words(kind)))


def _locked(actor: Actor, case_id: int) -> tuple[Actor, LegalNotice, Case, datetime]:
    """Lock the articles of a notice. Raises NotFound for those who may not decide about it."""
    actor, notice = _lock(actor, LegalNotice.case_id == case_id)
    own = actor.id in writers(case_id)
    if notice is None or not policy.may_decide_notice(actor, notice.kind, own=own):
        raise NotFound()
    return actor, notice, session.get_one(Case, case_id), now()


def _lock(actor: Actor, wanted: ColumnElement[bool]) -> tuple[Actor, LegalNotice | None]:
    ids = select(LegalSubject.article_id).join(LegalNotice, LegalNotice.id == LegalSubject.notice_id)
    ids = ids.where(wanted, LegalSubject.article_id.is_not(None))
    articles = {id for id in session.scalars(ids) if id is not None}
    actor = lock_as(actor, *articles)
    if not articles.issuperset(
        session.scalars(ids)
    ):  # something was moved to another article before the lock was there
        raise Busy(db.BUSY)
    return actor, session.scalars(select(LegalNotice).where(wanted).with_for_update()).one_or_none()


def _open(actor: Actor, case_id: int) -> tuple[Actor, LegalNotice, Case, datetime]:
    """Lock the articles of a notice that nobody decided yet. Raises Conflict where somebody did."""
    actor, notice, case, moment = _locked(actor, case_id)
    if notice.decided_at is not None:
        raise Conflict(_("Somebody decided about this notice meanwhile. Please look at it again."))
    return actor, notice, case, moment


def _names_sender(notice: LegalNotice, words: str) -> bool:
    folded = words.casefold()
    return any(said and said.casefold() in folded for said in (notice.name, notice.email))
