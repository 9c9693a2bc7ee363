"""Tell writers and reporters what was decided: what, which words, which rule, by software or a person, never who."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import func, select

from forum.articles.models import Article
from forum.cases.models import Flag
from forum.comments.models import Comment
from forum.db import session
from forum.moderation.models import Bulk, BulkCase, Decision
from forum.notifications.actions import by, tell, withdraw
from forum.notifications.models import Notice
from forum.policy import Actor, CommentStatus
from forum.text.words import excerpt

WORDS = 200  # characters quoted: enough to recognise one's own comment


def after_decision(
    actor: Actor, article: Article, made: Decision, changed: list[Comment], flags: Iterable[Flag]
) -> None:
    """Tell the writers of what changed, and everybody whose report is answered."""
    kinds = {"hide": "removed", "hide-replies": "removed", "spam": "spam"}
    was_held = made.before.get(str(made.comment_id)) == CommentStatus.HELD
    kind = kinds.get(made.decision, "approved" if was_held else "restored")
    _to_writers(kind, actor, article, made, changed)
    _to_reporters("kept" if made.decision == "keep" else "removed", actor, article, made, flags)


def after_hold(article: Article, made: Decision, comment: Comment) -> None:
    """Tell the writer that reports led the software to hide a comment until somebody decides."""
    if comment.author_id is not None:
        shared = {"title": article.title, "words": excerpt(comment.html, WORDS), "by": "software"}
        details = {**shared, "cause": cause(made)}
        tell(comment.author_id, "held", article_id=article.id, comment_id=comment.id, details=details)


def after_undo(actor: Actor, article: Article, made: Decision, changed: list[Comment], flags: Iterable[Flag]) -> None:
    """Tell the writers that their comments are back, and the reporters that their reports are open again.

    A person who has not read what was decided hears of neither: the notice is gone with the decision.
    """
    flags = list(flags)
    about = {made.comment_id, *(row.id for row in changed), *(flag.comment_id for flag in flags)}
    # By a decision that others followed its writer was told of all of them, and most may stand.
    unaware = set() if _is_followed(made) else withdraw(cause(made), comments=about)
    if made.decision != "keep":
        _to_writers("restored", actor, article, made, changed, unaware)
    _to_reporters("reopened", actor, article, made, flags, unaware)


def after_part(made: Bulk, new: Iterable[Decision], *, done: bool) -> None:
    """Join new decisions about what one person wrote to the first of the act; tell them once, when all is done."""
    theirs = BulkCase.bulk_id == made.id
    earliest = session.scalar(select(func.min(BulkCase.decision_id)).where(theirs))
    if earliest is None:
        return
    for decision in new:
        decision.first_id = earliest if decision.id != earliest else None
    session.flush()
    of_state = "undone" if made.undo_at else "done"
    number = session.scalar(select(func.count()).where(theirs, BulkCase.state == of_state)) or 0
    if done and number:
        first = session.get_one(Decision, session.get_one(Decision, earliest).first_id or earliest)
        (_tell_undone if made.undo_at else _tell_removed)(first, session.get_one(Comment, first.comment_id), number)


def _tell_removed(first: Decision, comment: Comment, number: int) -> None:
    _of_all("spam" if first.decision == "spam" else "removed", first, comment, number)


def _tell_undone(first: Decision, comment: Comment, number: int) -> None:
    # A writer who has not read of the removal hears of neither.
    theirs = Notice.person_id == comment.author_id, Notice.comment_id == comment.id
    told = [row for row in session.scalars(select(Notice).where(*theirs)) if row.details.get("cause") == cause(first)]
    for notice in told:
        if notice.seen_at is None:
            session.delete(notice)
    session.flush()
    if any(notice.seen_at for notice in told):
        _of_all("restored", first, comment, number)


def _of_all(kind: str, first: Decision, comment: Comment, number: int) -> None:
    article = session.get_one(Article, comment.article_id)
    said = {"title": article.title, "words": excerpt(comment.html, WORDS), "rule": first.rule, "by": "moderator"}
    details = {**said, "more": number - 1, "reach": "all", "cause": cause(first)}
    if comment.author_id is not None:
        tell(comment.author_id, kind, article_id=article.id, comment_id=comment.id, details=details)


def _is_followed(made: Decision) -> bool:
    standing = select(Decision.id).where(Decision.first_id == made.id, Decision.undone_at.is_(None))
    return session.execute(standing.limit(1)).first() is not None


def cause(made: Decision) -> str:
    """Return by what a notice names the decision that it is about."""
    return f"decision:{made.id}"


def _to_writers(
    kind: str,
    actor: Actor,
    article: Article,
    made: Decision,
    changed: list[Comment],
    unaware: Collection[int] = (),
) -> None:
    # One notice per writer, whatever the number of their comments: a removed branch must not bury all other notices.
    mine: dict[int, list[Comment]] = {}
    for comment in changed:
        if comment.author_id is not None and comment.author_id not in {actor.id, *unaware}:
            mine.setdefault(comment.author_id, []).append(comment)
    for person_id, theirs in mine.items():
        details = {
            "title": article.title,
            "words": excerpt(theirs[0].html, WORDS),
            "rule": made.rule,
            "by": by(actor, article),
            "more": len(theirs) - 1,
            "cause": cause(made),
        }
        tell(person_id, kind, article_id=article.id, comment_id=theirs[0].id, details=details)


def _to_reporters(
    outcome: str,
    actor: Actor,
    article: Article,
    made: Decision,
    flags: Iterable[Flag],
    unaware: Collection[int] = (),
) -> None:
    shared = {"title": article.title, "rule": made.rule, "by": by(actor, article)}
    details = {**shared, "outcome": outcome, "cause": cause(made)}
    for flag in flags:
        if flag.person_id is None or flag.person_id in {actor.id, *unaware}:  # a guest has no notices
            continue
        tell(flag.person_id, "report-answered", article_id=article.id, comment_id=flag.comment_id, details=details)
