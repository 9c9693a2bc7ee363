"""Take notices of law in, and forget who sent them. The caller commits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from flask_babel import gettext as _
from sqlalchemy import select, update

from forum import db, policy
from forum.articles.models import Article
from forum.cases import actions as cases
from forum.cases.models import Objection
from forum.clock import SENT_TWICE, now
from forum.comments.models import Comment
from forum.db import session
from forum.errors import Busy, Invalid
from forum.ledger import actions as ledger
from forum.legal import addresses, effects
from forum.legal.addresses import Found
from forum.legal.kinds import KINDS, ORDINARY, URGENT
from forum.legal.models import LegalNotice, LegalSubject
from forum.legal.tokens import new_reference
from forum.people.addresses import normal
from forum.people.models import Person
from forum.policy import Actor
from forum.policy.law import CHILD
from forum.site.queries import site
from forum.text.words import one_line, tidy

A_DAY = timedelta(days=1)
VISITORS = 0  # no person has this id; its lock lets one notice after the other in, also where none names an article
AT_ONCE = 500  # notices whose senders are erased in one transaction


@dataclass(frozen=True)
class Filing:
    """What somebody typed into the form of a notice of law."""

    addresses: str
    kind: str
    why: str
    name: str
    email: str


def file(filing: Filing, is_ours: Callable[[str], bool]) -> tuple[LegalNotice, bool]:
    """Take a notice of law in and open its case; one about a child seals the comments that it names, within limits.

    Nobody needs an account, and it is not noted who had one. Returned is the notice, and whether it is new: what the
    same address sent a moment ago already is not taken in again. Raises Invalid.
    """
    who, found = _checked(filing), addresses.read(filing.addresses, is_ours)
    why = tidy(filing.why).strip() or needed("why")
    days = timedelta(days=site().notice_days)
    articles = {one.article_id for one in found if one.article_id is not None}
    db.lock(*articles, people={VISITORS: db.Hold.EXCLUSIVE})
    found = addresses.read(filing.addresses, is_ours)
    if not articles.issuperset(one.article_id for one in found if one.article_id is not None):  # moved meanwhile
        raise Busy(db.BUSY)
    moment = now()
    if same := _just_filed({"kind": filing.kind, "why": why, **who}, found, moment):
        return same, False
    case = cases.open_notice(URGENT.get(filing.kind, ORDINARY), _one_writer(found), moment)
    notice = LegalNotice(case_id=case.id, reference=new_reference(), kind=filing.kind, why=why, **who)
    notice.created_at, notice.due_at, notice.before, notice.meanwhile = moment, moment + days, {}, False
    session.add(notice)
    session.flush()
    session.add_all(LegalSubject(notice_id=notice.id, **vars(one)) for one in found)
    session.flush()
    sealed = _seal_unseen(notice, moment) if notice.kind == CHILD else []
    record("notice.file", None, notice, moment, {"sealed": sealed} if sealed else {})
    return notice, True


def erase_complainants(moment: datetime) -> int:
    """Erase names and addresses of the senders of notices that were decided long ago; return how many."""
    before = moment - timedelta(days=site().complainants_days)
    old = select(LegalNotice.id).where(LegalNotice.erased_at.is_(None), LegalNotice.decided_at <= before)
    ids = session.scalars(old.limit(AT_ONCE)).all()
    if not ids:
        return 0
    db.lock()
    # Asked again: the decision may have been taken back meanwhile.
    gone = update(LegalNotice).where(LegalNotice.id.in_(ids), LegalNotice.decided_at <= before)
    values = {"name": None, "email": None, "erased_at": moment}
    session.execute(gone.values(values), execution_options={"synchronize_session": False})
    return len(ids)


def forget_words(comment_id: int) -> None:
    """Blank what notices that name a comment say of it: their senders and deciders may have quoted its words."""
    naming = select(LegalSubject.notice_id).where(LegalSubject.comment_id == comment_id)
    quoting = update(LegalNotice).where(LegalNotice.id.in_(naming)).values(why="", reasons="")
    session.execute(quoting, execution_options={"synchronize_session": "fetch"})


def _checked(filing: Filing) -> dict[str, Any]:
    """Return the name and the address of the sender of a notice. Raises Invalid."""
    if filing.kind not in KINDS:
        raise Invalid({"kind": _("Please choose what it is.")})
    name, email = one_line(filing.name)[:120] or None, normal(filing.email)
    missing = {"name": name, "email": email} if filing.kind != CHILD else {}
    if problems := {field: _("This is needed.") for field, value in missing.items() if value is None}:
        raise Invalid(problems)
    return {"name": name, "email": email}


def _just_filed(sent: Mapping[str, Any], found: list[Found], moment: datetime) -> LegalNotice | None:
    """Return an open notice by the same sender that says the same of the same addresses: its form was sent twice.

    Without a mail address nobody is known to be the same, and a stranger must not get the page of another's notice.
    """
    if sent["email"] is None:
        return None
    recent = select(LegalNotice).where(LegalNotice.created_at > moment - SENT_TWICE, LegalNotice.decided_at.is_(None))
    named = [one.typed for one in found]
    typed = select(LegalSubject.typed).order_by(LegalSubject.id)
    for notice in session.scalars(recent.filter_by(**sent)):
        if list(session.scalars(typed.where(LegalSubject.notice_id == notice.id))) == named:
            return notice
    return None


def _one_writer(found: list[Found]) -> int | None:
    """Return the writer of all that a notice names, where that is one person."""
    ids = {one.comment_id for one in found if one.comment_id is not None}
    authors = {one.article_id for one in found if one.kind == "article"}
    writers = {*session.scalars(select(Comment.author_id).where(Comment.id.in_(ids)))}
    writers |= {*session.scalars(select(Article.author_id).where(Article.id.in_(authors)))}
    return writers.pop() if len(writers) == 1 else None


def _seal_unseen(notice: LegalNotice, moment: datetime) -> list[int]:
    """Seal the comments that a notice about a child names, before anybody has looked; return their ids."""
    near = select(LegalNotice).where(LegalNotice.kind == CHILD, LegalNotice.id != notice.id)
    today = session.scalars(near.where(LegalNotice.created_at > moment - A_DAY, LegalNotice.meanwhile)).all()
    sealed = sum(len(other.before) for other in today)
    chosen: list[int] = []
    for comment in effects.named(notice)[: policy.SEALED_A_NOTICE]:
        writer = session.get(Person, comment.author_id) if comment.author_id is not None else None
        author_id = session.get_one(Article, comment.article_id).author_id
        if policy.seals_unseen(
            comment.status,
            writer.role if writer else None,
            by_author=comment.author_id == author_id,
            was_kept=_was_kept(comment.id),
            sealed_today=sealed + len(chosen),
        ):
            chosen.append(comment.id)
    if chosen:
        effects.bring(notice, effects.taken(notice), only=chosen)
        notice.meanwhile = True
    return chosen


def _was_kept(comment_id: int) -> bool:
    """Tell whether a notice about a child was decided so that this comment stays, or its writer's objection upheld."""
    about = select(LegalNotice.id).join(LegalSubject, LegalSubject.notice_id == LegalNotice.id)
    kept = about.where(LegalSubject.comment_id == comment_id, LegalNotice.kind == CHILD, LegalNotice.outcome == "keep")
    upheld = select(Objection.id).where(
        Objection.comment_id == comment_id, Objection.cause.startswith("law:"), Objection.outcome == "upheld"
    )
    return session.execute(kept.union_all(upheld).limit(1)).first() is not None


def record(
    act: str, actor: Actor | None, notice: LegalNotice, moment: datetime, details: Mapping[str, Any], rule: str = ""
) -> None:
    """Log an act about a notice; never who sent it, nor a word of theirs."""
    first = select(LegalSubject.article_id, LegalSubject.comment_id).where(LegalSubject.notice_id == notice.id)
    about = session.execute(first.order_by(LegalSubject.article_id.is_(None), LegalSubject.id).limit(1)).one()
    ledger.record(
        act,
        moment,
        actor_id=actor.id if actor else None,
        article_id=about.article_id,
        comment_id=about.comment_id,
        rule=rule or None,
        details={"notice": notice.id, "kind": notice.kind, **details},
    )


def needed(field: str) -> NoReturn:
    """Refuse a field that is empty."""
    raise Invalid({field: _("This is needed.")})
