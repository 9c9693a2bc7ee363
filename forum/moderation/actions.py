"""Report, decide, take a decision back. The caller commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import defer

from forum import policy
from forum.acting import lock_as, lock_at
from forum.articles.models import Article
from forum.cases import actions as cases
from forum.cases.models import Flag
from forum.cases.waiting import STANDS
from forum.clock import now
from forum.comments import queries as comments
from forum.comments import statuses
from forum.comments.models import Comment
from forum.db import session
from forum.errors import Conflict, Invalid, NotFound, Refusal
from forum.ledger import actions as ledger
from forum.moderation import notices, weighing
from forum.moderation.models import HOLD, Decision
from forum.moderation.parties import decide_verdict
from forum.moderation.seen import at, refuse_stale
from forum.policy import Actor, CommentStatus
from forum.screening.rules import REPORTED
from forum.site.queries import rules as rules_of_site
from forum.text.words import tidy

OUTCOME = {
    "keep": CommentStatus.PUBLISHED,
    "hide": CommentStatus.HIDDEN,
    "hide-replies": CommentStatus.HIDDEN,
    "spam": CommentStatus.SPAM,
    HOLD: CommentStatus.HELD,
}
AT_ONCE = 100  # cases decided in one transaction: some tenths of a second, in which SQLite lets nobody else write


@dataclass(frozen=True)
class Ruling:
    """What was decided about a comment: the decision, the rule as it reads today, a note, and when.

    `tells`: its writer is told of it; else the caller tells them of several at once.
    """

    decision: str
    rule: str
    note: str
    moment: datetime
    tells: bool = True


@dataclass
class Decided:
    """What became of several cases: the decisions, and why the others were refused, by comment."""

    made: dict[int, Decision] = field(default_factory=dict)
    refused: dict[int, Refusal] = field(default_factory=dict)


def flag(actor: Actor, comment_id: int, reason: str, note: str = "") -> Flag:
    """Report a comment, once per person; its text is kept as it stands now. A guest's report has no person.

    Where the reports of a comment weigh enough for the site, it is hidden until somebody decides. Raises what
    `policy.may_flag` says no with, and Conflict for a second report.
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
    made.source, made.format, made.reporter = source, kind, "guest" if actor.id is None else "person"
    session.add(made)
    session.flush()
    cases.follow([comment])
    record("flag.add", actor, comment, moment, details={"reason": reason, "note": note})
    weighing.hide_if_heavy(comment, article, moment)
    return made


def decide(
    actor: Actor, comment_id: int, decision: str, rule: str = "", note: str = "", seen: str | None = None
) -> Decision:
    """Decide about a comment: keep (publish, where it waited), hide, hide-replies or spam.

    `rule` is the number of a rule of the site, needed for hiding; `seen` is `seen_mark()` of what the moderator was
    shown. Every open case and report of what changed is answered. Raises NotFound where somebody else's desk it is,
    Conflict where the case was decided or the text changed meanwhile, Invalid for a rule that does not exist.
    """
    note = tidy(note).strip()
    actor, comment, article, moment = _locked(actor, comment_id)
    if not policy.may_moderate(actor, article):
        raise NotFound()
    return _decide(actor, article, comment, Ruling(decision, cited_rule(rule, decision), note, moment), seen)


def decide_many(
    actor: Actor,
    article_id: int,
    seen: Mapping[int, str | None],
    decision: str,
    rule: str = "",
    note: str = "",
    *,
    tells: bool = True,
) -> Decided:
    """Decide alike about several comments of one article, in the caller's one transaction.

    `seen` is by comment what `decide` takes. Each comment has its own decision, entry, notices and undo. What cannot be
    decided (decided meanwhile, one's own, gone, under another article) is left as it is and returned with the
    reason. Without `tells` the writers are not told, which the caller then does. Raises NotFound where somebody
    else's desk it is, Invalid for a wrong rule or for more than `AT_ONCE`.
    """
    if len(seen) > AT_ONCE:
        raise Invalid({"cases": _("Please choose at most %(most)s at once.", most=AT_ONCE)})
    note = tidy(note).strip()
    actor = lock_as(actor, article_id)
    article, moment = session.get(Article, article_id) or _missing(), now()
    if not policy.may_moderate(actor, article):
        raise NotFound()
    ruling = Ruling(decision, cited_rule(rule, decision), note, moment, tells)
    done = Decided()
    for comment_id in sorted(seen):
        comment = session.get(Comment, comment_id)
        try:
            if comment is None or comment.article_id != article_id:
                raise NotFound()
            done.made[comment_id] = _decide(actor, article, comment, ruling, seen[comment_id])
        except Refusal as refusal:  # `_decide` asks everything before it writes anything
            done.refused[comment_id] = refusal
    return done


def _decide(actor: Actor, article: Article, comment: Comment, ruling: Ruling, seen: str | None) -> Decision:
    decide_verdict(actor, article, comment, comment.root_id).require()
    refuse_stale(comment, seen)
    decision, changed = ruling.decision, _concerned(comment, ruling.decision)
    if not changed and decision != "keep":
        raise Conflict(_("This comment is removed already."))
    before = {str(row.id): row.status for row in changed}
    made = Decision(comment_id=comment.id, moderator_id=actor.id, decision=decision, rule=ruling.rule, note=ruling.note)
    made.before, made.created_at = before, ruling.moment
    session.add(made)
    session.flush()
    concerned = [comment, *(row for row in changed if row is not comment)]
    flags = cases.decide(concerned, made.id, decision, actor.id, ruling.moment)
    for row in changed:
        _keep_or_drop_hold(row, decision, before[str(row.id)])
    _set(comment, decision, dict.fromkeys(before, OUTCOME[decision]), ruling.rule)
    notices.after_decision(actor, article, made, changed if ruling.tells else [], flags)
    _record(_act(decision, before.get(str(comment.id))), actor, comment, made, ruling.moment)
    return made


def undo(actor: Actor, decision_id: int, *, tells: bool = True) -> Decision:
    """Take a decision back: every comment it changed is as before, and the reports it answered are open again.

    Without `tells` the writers are not told, which the caller then does. What was deleted, erased or decided anew since
    then stays as it is. Raises Conflict where it was taken back already.
    """
    made = session.get(Decision, decision_id) or _missing()
    actor, comment, article, moment = _locked(actor, made.comment_id, *_articles_of(made))
    if not policy.may_moderate(actor, article):
        raise NotFound()
    if made.undone_at is not None:
        raise Conflict(_("This was taken back already, on %(when)s.", when=at(made.undone_at)))
    policy.may_decide(actor, article, comment).require()
    if made.moderator_id != actor.id:  # what one did oneself, one may take back
        decide_verdict(actor, article, comment, comment.root_id).require()
    changed = _still_as_decided(actor, comment, made)
    made.undone_at, made.undone_by_id = moment, actor.id
    flags, concerned = cases.take_back(made.id)
    for row in changed:
        _keep_or_drop_hold(row, "undo", made.before[str(row.id)])
    _set(comment, made.decision, {str(row.id): made.before[str(row.id)] for row in changed})
    cases.follow(_of_these(concerned))
    notices.after_undo(actor, article, made, changed if tells else [], flags)
    _record("decision.undo", actor, comment, made, moment)
    return made


def cited_rule(number: str, decision: str) -> str:
    """Return a rule of the site as it reads today: "2. Keep to the subject".

    Raises Invalid where there is none, and where hiding needs one and none is given.
    """
    needed = decision.startswith("hide")
    rules = {str(rule.number): f"{rule.number}. {rule.text}"[:300] for rule in rules_of_site()}
    if number and number not in rules:
        raise Invalid({"reason": _("There is no such rule.")})
    if needed and rules and not number:
        raise Invalid({"reason": _("Please choose the rule. The writer of the comment will be told which one it is.")})
    return rules.get(number, "")


def _locked(actor: Actor, comment_id: int, *articles: int) -> tuple[Actor, Comment, Article, datetime]:
    actor, article_id = lock_at(actor, comment_id, *articles)
    return actor, session.get_one(Comment, comment_id), session.get_one(Article, article_id), now()


def _concerned(comment: Comment, decision: str) -> list[Comment]:
    """Return the comments a decision changes, in reading order: of a branch only what still stands there."""
    rows = statuses.branch(comment) if decision == "hide-replies" else [comment]
    wanted = OUTCOME[decision]
    return [row for row in rows if row.status != wanted and (row is comment or row.status in STANDS)]


def _set(comment: Comment, decision: str, recorded: Mapping[str, str], rule: str = "") -> None:
    wanted = {int(key): status for key, status in recorded.items()}
    if decision == "hide-replies":
        rows = statuses.branch(comment)
        inside = wanted.keys() & {row.id for row in rows}
        statuses.set_statuses(rows, {id: wanted[id] for id in inside}, rule)
        for row in _of_these(wanted.keys() - inside):  # moved out of the branch since
            statuses.set_status(row, wanted[row.id], rule)
    elif wanted:
        statuses.set_status(comment, wanted[comment.id], rule)


def _articles_of(made: Decision) -> set[int]:
    """Return the articles in which the comments that a decision changed stand now; some may have been moved."""
    if made.decision != "hide-replies":
        return set()
    return {row.article_id for row in _of_these(map(int, made.before))}


def _still_as_decided(actor: Actor, comment: Comment, made: Decision) -> list[Comment]:
    """Return the comments that are as a decision left them, also those moved since to where the actor moderates."""
    rows = statuses.branch(comment) if made.decision == "hide-replies" else [comment]
    for row in _of_these(set(map(int, made.before)) - {row.id for row in rows}):
        if policy.may_moderate(actor, session.get_one(Article, row.article_id)):
            rows.append(row)
    newer = select(Decision.before).join(Comment, Comment.id == Decision.comment_id)
    newer = newer.where(Comment.article_id.in_({row.article_id for row in rows}))
    newer = newer.where(Comment.root_id.in_({row.root_id for row in rows}))
    later = session.scalars(newer.where(Decision.id > made.id, Decision.undone_at.is_(None)))
    decided_anew = {key for before in later for key in before}
    mine = made.before.keys() - decided_anew
    return [row for row in rows if str(row.id) in mine and row.status == OUTCOME[made.decision]]


def _of_these(ids: Iterable[int]) -> Iterator[Comment]:
    wanted = sorted(ids)
    for start in range(0, len(wanted), statuses.IN_ONE_STATEMENT):
        part = wanted[start : start + statuses.IN_ONE_STATEMENT]
        yield from session.scalars(select(Comment).where(Comment.id.in_(part)).options(defer(Comment.html)))


def _keep_or_drop_hold(comment: Comment, decision: str, before: str) -> None:
    # `held_reason` says where a comment goes that its writer deletes and brings back. Publishing it drops the reason.
    if decision != "undo":
        return
    if comment.held_reason == REPORTED:
        comment.held_reason = None
    elif before == CommentStatus.HELD and comment.held_reason is None:
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
