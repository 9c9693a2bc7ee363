"""Report, decide, take a decision back. The caller commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import select, update

from forum import policy
from forum.acting import lock_as
from forum.articles.models import Article
from forum.clock import now
from forum.comments import queries as comments
from forum.comments import statuses
from forum.comments.models import Comment
from forum.db import session
from forum.errors import Conflict, Invalid, NotFound
from forum.ledger import actions as ledger
from forum.moderation import notices
from forum.moderation.models import Decision, Flag
from forum.moderation.queries import desk
from forum.people.queries import viewer_of
from forum.policy import Actor, CommentStatus
from forum.site.queries import rules as rules_of_site
from forum.text.words import tidy

OUTCOME = {
    "keep": CommentStatus.PUBLISHED,
    "hide": CommentStatus.HIDDEN,
    "hide-replies": CommentStatus.HIDDEN,
    "spam": CommentStatus.SPAM,
}
STANDS = (CommentStatus.PUBLISHED, CommentStatus.HELD)


def flag(actor: Actor, comment_id: int, reason: str, note: str = "") -> Flag:
    """Report a comment, once per person; its text is kept as it stands now. A guest's report has no person.

    Raises what `policy.may_flag` says no with, and Conflict for a second report.
    """
    note = tidy(note).strip()
    actor, comment, article, moment = _locked(actor, comment_id)
    if not policy.may_read_article(actor, article, moment) or not policy.may_see_frame(actor, comment, article):
        raise NotFound()
    policy.may_flag(actor, comment).require()
    mine = select(Flag.id).where(Flag.comment_id == comment_id, Flag.person_id == actor.id)
    if actor.id is not None and session.execute(mine).first():
        raise Conflict(_("You have reported this comment already. Once is enough: a person will look at it."))
    source, kind = comments.source(comment_id)
    made = Flag(comment_id=comment_id, person_id=actor.id, reason=reason, note=note, created_at=moment)
    made.source, made.format = source, kind
    session.add(made)
    session.flush()
    record("flag.add", actor, comment, moment, details={"reason": reason, "note": note})
    return made


def decide(
    actor: Actor, comment_id: int, decision: str, rule: str = "", note: str = "", seen: str | None = None
) -> Decision:
    """Decide about a comment: keep (publish, where it waited), hide, hide-replies or spam.

    `rule` is the number of a rule of the site, needed for hiding; `seen` is `desk.seen_mark()` of what the moderator
    was shown. Every open report of what changed is answered. Raises NotFound where somebody else's desk it is,
    Conflict where the case was decided or the text changed meanwhile, Invalid for a rule that does not exist.
    """
    note = tidy(note).strip()
    actor, comment, article, moment = _locked(actor, comment_id)
    if not policy.may_moderate(actor, article):
        raise NotFound()
    policy.may_decide(actor, article, comment).require()
    _refuse_stale(comment, seen)
    cited = cited_rule(rule, needed=decision.startswith("hide"))
    changed = _concerned(comment, decision)
    if not changed and decision != "keep":
        raise Conflict(_("This comment is removed already."))
    before = {str(row.id): row.status for row in changed}
    made = Decision(comment_id=comment_id, moderator_id=actor.id, decision=decision, rule=cited, note=note)
    made.before, made.created_at = before, moment
    session.add(made)
    session.flush()
    flags = _answer_flags(comment, {comment.id, *(row.id for row in changed)}, made.id)
    _set(comment, decision, dict.fromkeys(before, OUTCOME[decision]), cited)
    for row in changed:
        _keep_or_drop_hold(row, decision, before[str(row.id)])
    notices.after_decision(actor, article, made, changed, flags)
    _record(_act(decision, before.get(str(comment.id))), actor, comment, made, moment)
    return made


def undo(actor: Actor, decision_id: int) -> Decision:
    """Take a decision back: every comment it changed is as before, and the reports it answered are open again.

    What was deleted, erased or decided anew since then stays as it is. Raises Conflict where it was taken back already.
    """
    made = session.get(Decision, decision_id) or _missing()
    actor, comment, article, moment = _locked(actor, made.comment_id)
    if not policy.may_moderate(actor, article):
        raise NotFound()
    if made.undone_at is not None:
        raise Conflict(_("This was taken back already, on %(when)s.", when=_when(made.undone_at)))
    policy.may_decide(actor, article, comment).require()
    changed = _still_as_decided(comment, made)
    _set(comment, made.decision, {str(row.id): made.before[str(row.id)] for row in changed})
    for row in changed:
        _keep_or_drop_hold(row, "undo", made.before[str(row.id)])
    flags = list(session.scalars(select(Flag).where(Flag.decision_id == made.id)))
    session.execute(update(Flag).where(Flag.decision_id == made.id).values(decision_id=None))
    made.undone_at, made.undone_by_id = moment, actor.id
    session.flush()
    notices.after_undo(actor, article, made, changed, flags)
    _record("decision.undo", actor, comment, made, moment)
    return made


def cited_rule(number: str, *, needed: bool) -> str:
    """Return a rule of the site as it reads today: "2. Keep to the subject". Raises Invalid where there is none."""
    rules = {str(rule.number): f"{rule.number}. {rule.text}"[:300] for rule in rules_of_site()}
    if number and number not in rules:
        raise Invalid({"reason": _("There is no such rule.")})
    if needed and rules and not number:
        raise Invalid({"reason": _("Please choose the rule. The writer of the comment will be told which one it is.")})
    return rules.get(number, "")


def _locked(actor: Actor, comment_id: int) -> tuple[Actor, Comment, Article, datetime]:
    found = session.get(Comment, comment_id) or _missing()
    actor = lock_as(actor, found.article_id)
    comment = session.get(Comment, comment_id) or _missing()
    return actor, comment, session.get_one(Article, comment.article_id), now()


def _refuse_stale(comment: Comment, seen: str | None) -> None:
    """Refuse a decision about something other than what the moderator was shown.

    Without `seen` (a script) only what is still open can be decided: reported, waiting, or never decided.
    """
    newest = desk.standing_decisions([comment.id]).get(comment.id)
    mark = desk.seen_mark(newest, comment.edited_at)
    if seen == mark or (seen is None and (newest is None or _is_open(comment))):
        return
    if seen is not None and seen.split("-")[0] == str(newest or 0):
        raise Conflict(_("The writer changed this comment meanwhile. Please look at it again."))
    if newest is None:
        raise Conflict(_("A decision about this was taken back meanwhile. Please look at it again."))
    made = session.get_one(Decision, newest)
    person = viewer_of(made.moderator_id) if made.moderator_id else None
    raise Conflict(_said(made.decision, person.display_name if person else "", _when(made.created_at)))


def _said(decision: str, name: str, when: str) -> str:
    name = name or _("The software of this site")
    if decision == "keep":
        return str(_("%(name)s decided to keep this on %(when)s.", name=name, when=when))
    if decision == "spam":
        return str(_("%(name)s removed this as spam on %(when)s.", name=name, when=when))
    return str(_("%(name)s removed this on %(when)s.", name=name, when=when))


def _when(moment: datetime) -> str:
    return str(format_datetime(moment, "d MMMM y, HH:mm"))


def _is_open(comment: Comment) -> bool:
    waits = select(Flag.id).where(Flag.comment_id == comment.id, Flag.decision_id.is_(None)).limit(1)
    return comment.status in STANDS and (
        comment.status == CommentStatus.HELD or session.execute(waits).first() is not None
    )


def _concerned(comment: Comment, decision: str) -> list[Comment]:
    """Return the comments a decision changes, in reading order: of a branch only what still stands there."""
    rows = statuses.branch(comment) if decision == "hide-replies" else [comment]
    wanted = OUTCOME[decision]
    return [row for row in rows if row.status != wanted and (row is comment or row.status in STANDS)]


def _set(comment: Comment, decision: str, recorded: Mapping[str, str], rule: str = "") -> None:
    wanted = {int(key): status for key, status in recorded.items()}
    if decision == "hide-replies":
        statuses.set_statuses(statuses.branch(comment), wanted, rule)
    elif wanted:
        statuses.set_status(comment, wanted[comment.id], rule)


def _still_as_decided(comment: Comment, made: Decision) -> list[Comment]:
    rows = statuses.branch(comment) if made.decision == "hide-replies" else [comment]
    newer = select(Decision.before).join(Comment, Comment.id == Decision.comment_id)
    newer = newer.where(Comment.article_id == comment.article_id, Comment.root_id == comment.root_id)
    later = session.scalars(newer.where(Decision.id > made.id, Decision.undone_at.is_(None)))
    decided_anew = {key for before in later for key in before}
    mine = made.before.keys() - decided_anew
    return [row for row in rows if str(row.id) in mine and row.status == OUTCOME[made.decision]]


def _answer_flags(comment: Comment, ids: set[int], decision_id: int) -> list[Flag]:
    open_ones = select(Flag).join(Comment, Comment.id == Flag.comment_id)
    open_ones = open_ones.where(Flag.decision_id.is_(None), Comment.article_id == comment.article_id)
    open_ones = open_ones.where(Comment.root_id == comment.root_id).order_by(Flag.id)
    flags = [found for found in session.scalars(open_ones) if found.comment_id in ids]
    for found in flags:
        found.decision_id = decision_id
    session.flush()
    return flags


def _keep_or_drop_hold(comment: Comment, decision: str, before: str) -> None:
    # `held_reason` says where a comment goes that its writer deletes and brings back: approved once, it is published.
    if decision == "keep":
        comment.held_reason = None
    elif decision == "undo" and before == CommentStatus.HELD and comment.held_reason is None:
        comment.held_reason = "undone"


def _act(decision: str, before: str | None) -> str:
    if decision != "keep" or before is None:
        return f"comment.{decision}"
    return "comment.approve" if before == CommentStatus.HELD else "comment.restore"


def _record(act: str, actor: Actor, comment: Comment, made: Decision, moment: datetime) -> None:
    details = {"decision": made.decision, "note": made.note, "before": made.before}
    record(act, actor, comment, moment, rule=made.rule, details=details)


def record(
    act: str, actor: Actor, comment: Comment, moment: datetime, *, rule: str = "", details: Any | None = None
) -> None:
    """Log an act of the desk about a comment."""
    ledger.record(
        act,
        moment,
        actor_id=actor.id,
        person_id=comment.author_id,
        article_id=comment.article_id,
        comment_id=comment.id,
        rule=rule or None,
        details=details,
    )


def _missing() -> NoReturn:
    raise NotFound()
