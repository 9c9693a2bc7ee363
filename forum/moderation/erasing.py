"""Erase: take a text away for ever, wherever it stands. It cannot be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select, update

from forum import db, policy
from forum.acting import lock_at
from forum.articles.models import Article
from forum.cases.models import Flag, Objection
from forum.clock import now
from forum.comments import statuses
from forum.comments.models import Comment, Move, Revision
from forum.db import session
from forum.errors import Conflict, NotFound
from forum.jobs import made
from forum.ledger import actions as ledger
from forum.legal import actions as legal
from forum.moderation.actions import cited_rule, record
from forum.moderation.models import Bulk, BulkCase, Decision
from forum.moderation.queries import exchanges
from forum.notifications import actions as notices
from forum.policy import Actor, CommentStatus, SanctionKind
from forum.sanctions import actions as sanctions
from forum.search import actions as search
from forum.text import rendering


@dataclass(frozen=True)
class EarlierVersion:
    """A version of a comment that was replaced; `html` is empty once it was erased."""

    id: int
    comment_id: int
    html: Markup
    replaced_at: datetime
    is_erased: bool


def earlier_version(revision_id: int) -> EarlierVersion | None:
    """Return an earlier version of a comment."""
    row = session.get(Revision, revision_id)
    if row is None:
        return None
    html = rendering.stored(rendering.render(row.source, row.format))
    return EarlierVersion(row.id, row.comment_id, html, row.replaced_at, row.erased_at is not None)


def erase_comment(actor: Actor, comment_id: int, rule: str = "") -> Comment:
    """Erase a comment: its text, earlier versions, reports' copies and notes, notices' words, the log's details.

    Raises Conflict where that was done already.
    """
    actor, comment, article = _locked(actor, comment_id)
    if comment.status == CommentStatus.ERASED:
        raise Conflict(_("This comment was removed for good already."))
    cited, moment = cited_rule(rule, "erase"), now()
    statuses.erase(comment, cited)
    _blank_copies(comment_id)
    ledger.erase_details(comment_id)
    if comment.author_id is not None and comment.author_id != actor.id:
        details = {"title": article.title, "rule": cited, "by": "moderator"}
        notices.tell(comment.author_id, "erased", article_id=article.id, comment_id=comment_id, details=details)
    _answer_reporters(actor, comment, article, cited)
    record("comment.erase", actor, comment, moment, rule=cited)
    return comment


def erase_revision(actor: Actor, revision_id: int, rule: str = "") -> Revision:
    """Erase an earlier version of a comment, and every copy that might hold its words; the comment itself stays."""
    found = session.get(Revision, revision_id)
    if found is None:
        raise NotFound()
    actor, comment, _article = _locked(actor, found.comment_id)
    found = session.get(Revision, revision_id)
    if found is None or found.erased_at is not None:
        raise Conflict(_("This version was removed for good already."))
    cited, moment = cited_rule(rule, "erase"), now()
    found.source, found.erased_at = "", moment
    # A report, a notice or the log may quote this version or another; nobody can tell them apart by their words.
    _blank_copies(comment.id)
    ledger.erase_details(comment.id)
    record("revision.erase", actor, comment, moment, rule=cited)
    return found


def erase_withdrawn(moment: datetime) -> int:
    """Erase a comment that its writer deleted 30 days ago; return 0 where there is none."""
    due = Comment.status == CommentStatus.WITHDRAWN, Comment.withdrawn_at < moment - policy.WITHDRAWN_KEPT
    found = session.execute(select(Comment.id, Comment.article_id).where(*due).limit(1)).one_or_none()
    if found is None:
        return 0
    db.lock(found.article_id)
    comment = session.get_one(Comment, found.id)
    # Its writer has not brought it back meanwhile, and nobody has moved it: then the next round finds it again.
    if comment.status == CommentStatus.WITHDRAWN and comment.article_id == found.article_id:
        statuses.erase(comment)
        _blank_copies(comment.id)
        ledger.erase_details(comment.id)
        ledger.record("comment.erase-withdrawn", moment, article_id=comment.article_id, comment_id=comment.id)
    return 1


def _locked(actor: Actor, comment_id: int) -> tuple[Actor, Comment, Article]:
    actor, article_id = lock_at(actor, comment_id)
    policy.may_erase(actor).require()
    return actor, session.get_one(Comment, comment_id), session.get_one(Article, article_id)


def _blank_copies(comment_id: int) -> None:
    made.forget()  # exports that were made before
    quiet = {"synchronize_session": "fetch"}
    moves = update(Move).where(Move.comment_id == comment_id).values(reason="")
    session.execute(moves, execution_options=quiet)
    flags = update(Flag).where(Flag.comment_id == comment_id).values(source="", note="")
    session.execute(flags, execution_options=quiet)
    decisions = update(Decision).where(Decision.comment_id == comment_id).values(note="")
    session.execute(decisions, execution_options=quiet)
    notices.forget_words([comment_id])
    sanctions.forget_words(comment_id)
    legal.forget_words(comment_id)
    acts = select(BulkCase.bulk_id).where(BulkCase.comment_id == comment_id)
    session.execute(update(Bulk).where(Bulk.id.in_(acts)).values(note=""), execution_options=quiet)
    _blank_exchanges(session.get_one(Comment, comment_id))
    search.refresh([comment_id], [], now())
    objections = update(Objection).where(Objection.comment_id == comment_id).values(words="", reason="")
    session.execute(objections, execution_options=quiet)


def _blank_exchanges(comment: Comment) -> None:
    """Blank what moderators wrote to two people about an exchange: it may quote any of their letters."""
    for exchange in exchanges.of_letter(comment):
        letters = exchanges.newest_letters(exchange).values()
        notices.forget_words(letters, kinds=("word", "sanction"))
        for letter_id in {*letters, exchange.last_id}:
            sanctions.forget_words(letter_id, kinds=(SanctionKind.SLOW,))
            ledger.erase_details(letter_id, acts=("exchange.word", "exchange.slow", "person.slow"))


def _answer_reporters(actor: Actor, comment: Comment, article: Article, rule: str) -> None:
    waiting = select(Flag.person_id).where(Flag.comment_id == comment.id, Flag.decision_id.is_(None))
    for person_id in session.scalars(waiting).all():
        if person_id is not None and person_id != actor.id:
            details = {"title": article.title, "outcome": "removed", "rule": rule, "by": "moderator"}
            notices.tell(person_id, "report-answered", article_id=article.id, comment_id=comment.id, details=details)
