"""Read notices of law: for those who sent one, and for those who decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from forum import policy
from forum.articles.models import Article
from forum.cases.models import Case, Objection
from forum.clock import now
from forum.comments import queries as comments
from forum.comments.models import Comment
from forum.comments.queries import CommentView
from forum.db import session, view
from forum.legal.models import LegalNotice, LegalSubject
from forum.people.models import Person
from forum.policy import NOBODY, Actor


@dataclass(frozen=True)
class Told:
    """One address of a notice as its sender reads it; `title` is that of the article, where a visitor may read it."""

    typed: str
    kind: str
    title: str


@dataclass(frozen=True)
class Status:
    """What became of a notice, for anybody who has its address; `state` is received, looked-at, hide or keep."""

    reference: str
    kind: str
    why: str
    created_at: datetime
    due_at: datetime
    looked_at: datetime | None
    decided_at: datetime | None
    state: str
    reasons: str
    given_back: int  # writers who objected and got back what was removed
    subjects: list[Told]


@dataclass(frozen=True)
class Subject:
    """One address of a notice on the desk; `html` is None where it is about no comment, or may not be read."""

    typed: str
    kind: str
    comment: CommentView | None
    html: Markup | None
    article_title: str
    article_slug: str


@dataclass(frozen=True)
class NoticeCase:
    """A notice of law as those who decide see it: without its sender's name and address, which are shown when asked."""

    id: int  # of the case
    reference: str
    kind: str
    why: str
    created_at: datetime
    due_at: datetime
    is_late: bool
    is_open: bool
    meanwhile: bool
    may_hide: bool
    passed_at: datetime | None
    outcome: str | None
    reasons: str
    decided_at: datetime | None
    decided_by: str
    holder: str
    has_sender: bool
    is_own: bool
    erased_at: datetime | None
    subjects: list[Subject]


_Holder = aliased(Person)
_CASES: Select[*tuple[Any, ...]] = (
    select(
        *(LegalNotice.id.label("notice_id"), LegalNotice.reference, LegalNotice.kind, LegalNotice.why),
        *(LegalNotice.created_at, LegalNotice.due_at, LegalNotice.meanwhile, LegalNotice.passed_at),
        *(LegalNotice.outcome, LegalNotice.reasons, LegalNotice.decided_at, LegalNotice.erased_at),
        *(LegalNotice.name, LegalNotice.email, Case.id, Case.claimed_by_id, Case.claimed_until),
        *(Person.display_name.label("decided_by"), _Holder.display_name.label("holder")),
    )
    .join(Case, Case.id == LegalNotice.case_id)
    .outerjoin(Person, Person.id == Case.decided_by_id)
    .outerjoin(_Holder, _Holder.id == Case.claimed_by_id)
)


def status(reference: str) -> Status | None:
    """Return what became of a notice, None where there is none with this reference."""
    notice = session.scalars(select(LegalNotice).where(LegalNotice.reference == reference)).one_or_none()
    if notice is None:
        return None
    state = notice.outcome or ("looked-at" if notice.looked_at else "received")
    subjects = _subjects(notice.id)
    titles = {
        article.id: article.title
        for article in _articles(subjects).values()
        if policy.may_read_article(NOBODY, article, now())
    }
    told = [Told(row.typed, row.kind, titles.get(row.article_id or 0, "")) for row in subjects]
    return view(Status, notice, state=state, given_back=given_back(notice), subjects=told)


def given_back(notice: LegalNotice) -> int:
    """Return how many writers got back what the decision took away, because they objected."""
    upheld = select(func.count(Objection.id)).where(Objection.cause == cause(notice), Objection.outcome == "upheld")
    return session.scalar(upheld) or 0


def cause(notice: LegalNotice) -> str:
    """Return what names a decision: the moment is in it, for a notice can be decided anew, and objected to anew."""
    moment = notice.decided_at
    return f"law:{notice.id}:{int(moment.timestamp() * 1_000_000)}" if moment else f"law:{notice.id}"


def may_decide(actor: Actor, case_id: int) -> policy.Verdict:
    """Answer whether somebody may decide about a notice."""
    kind = session.scalar(select(LegalNotice.kind).where(LegalNotice.case_id == case_id))
    return policy.may_decide_notice(actor, kind or "", own=actor.id in writers(case_id))


def writers(case_id: int) -> set[int | None]:
    """Return who wrote what a notice names: comments, of a branch the first, and articles."""
    about = select(LegalSubject).join(LegalNotice, LegalNotice.id == LegalSubject.notice_id)
    about = about.where(LegalNotice.case_id == case_id)
    comments_named = about.with_only_columns(LegalSubject.comment_id)
    articles_named = about.with_only_columns(LegalSubject.article_id).where(LegalSubject.kind == "article")
    found = {*session.scalars(select(Comment.author_id).where(Comment.id.in_(comments_named)))}
    return {*found, *session.scalars(select(Article.author_id).where(Article.id.in_(articles_named)))} - {None}


def notice(actor: Actor, case_id: int) -> NoticeCase | None:
    """Return a notice for the desk, or None where it is not for this person to decide."""
    row = session.execute(_CASES.where(LegalNotice.case_id == case_id)).one_or_none()
    own = actor.id in writers(case_id)
    if row is None or not policy.may_decide_notice(actor, row.kind, own=own):
        return None
    subjects, moment = _subjects(row.notice_id), now()
    articles, found = _articles(subjects), comments.many([one.comment_id for one in subjects if one.comment_id])
    held = row.claimed_until is not None and row.claimed_until > moment and row.claimed_by_id != actor.id
    return view(
        NoticeCase,
        row,
        is_open=row.decided_at is None,
        is_late=row.decided_at is None and row.due_at < moment,
        may_hide=bool(found),
        decided_by=row.decided_by or "",
        holder=(row.holder or "") if held else "",
        has_sender=bool(row.name or row.email) and bool(policy.may_see_sender(actor, row.kind, own=own)),
        is_own=own,
        subjects=[_subject(actor, one, found, articles) for one in subjects],
    )


def _subject(actor: Actor, row: LegalSubject, found: dict[int, CommentView], articles: dict[int, Article]) -> Subject:
    comment, article = found.get(row.comment_id or 0), articles.get(row.article_id or 0)
    readable = comment is not None and policy.may_see(actor, comment, comment.article)
    return Subject(
        row.typed,
        row.kind,
        comment,
        comment.html if comment is not None and readable else None,
        article.title if article else "",
        article.slug if article else "",
    )


def _subjects(notice_id: int) -> Sequence[LegalSubject]:
    return session.scalars(
        select(LegalSubject).where(LegalSubject.notice_id == notice_id).order_by(LegalSubject.id)
    ).all()


def _articles(subjects: Sequence[LegalSubject]) -> dict[int, Article]:
    ids = {row.article_id for row in subjects if row.article_id is not None}
    return {article.id: article for article in session.scalars(select(Article).where(Article.id.in_(ids)))}
