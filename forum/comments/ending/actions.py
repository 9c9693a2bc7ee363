"""End an exchange, and open it again. The records are `closures`'; what they cover is counted here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from forum import db, policy
from forum.acting import lock_as
from forum.articles.models import Article
from forum.clock import now
from forum.closures import actions as records
from forum.closures.models import Closure
from forum.comments import ancestry
from forum.comments.ancestry import Ancestor
from forum.comments.ending import notices
from forum.comments.ending.limits import LONGEST, MAX_WORDS
from forum.comments.labels import end_of_branch
from forum.comments.models import Comment
from forum.comments.writing import actions
from forum.db import session
from forum.errors import Conflict, Invalid, NotFound
from forum.ledger import actions as ledger
from forum.policy import Actor
from forum.site.queries import site
from forum.text.words import tidy


@dataclass(frozen=True)
class Ending:
    """A request to end a discussion.

    `people` is "all" or "two"; `start_id` the comment from which it is closed for all (None: from the comment the
    form was opened at); `reply` is posted first, as the last word. `once`: let the other of two answer once more.
    """

    words: str = ""
    people: str = "all"
    start_id: int | None = None
    until: datetime | None = None
    reply: str = ""
    staff_may: bool = False
    once: bool = False
    note: str = ""
    key: str = ""


def close_article(actor: Actor, article_id: int, ending: Ending) -> Closure:
    """Close a whole article's discussion. Raises Forbidden, and Conflict where it is closed already."""
    _check(ending, now())
    actor = lock_as(actor, article_id)
    article, moment = session.get(Article, article_id) or _missing(), now()
    policy.may_close(actor, article).require()
    if ending.people == "two":
        raise Invalid({"people": _("An exchange of two people is ended at one of its comments.")})
    _refuse_twice(article_id, moment, branch_id=None, person_a_id=None, person_b_id=None)
    closure = records.make(article_id, **_values(actor, ending, moment))
    notices.after_closing(actor, closure, article)
    return _logged("article.close", actor, closure, moment)


def close_branch(actor: Actor, comment_id: int, ending: Ending) -> Closure:
    """End the exchange in which a comment stands: for everybody from `start_id` down, or for its two people.

    With a reply, replying and closing are one act: both happen or neither, and sent twice they happen once. Raises
    Forbidden, Invalid where there are not two people, Conflict where just this is closed already, and what
    `actions.post` raises.
    """
    _check(ending, now())
    comment = session.get(Comment, comment_id) or _missing()
    article_id = comment.article_id
    policy.may_close(actor, session.get_one(Article, article_id)).require()
    at_id = comment.id
    if ending.reply.strip():
        at_id = actions.post(actor, article_id, ending.reply, parent_id=comment_id, key=ending.key).id
        if made := session.execute(select(Closure).where(Closure.at_id == at_id)).scalars().first():
            return made
    actor = lock_as(actor, article_id)
    comment, article, moment = session.get_one(Comment, comment_id), session.get_one(Article, article_id), now()
    policy.may_close(actor, article).require()
    make = _for_two if ending.people == "two" else _for_all
    closure = make(actor, comment, at_id, ending, moment)
    notices.after_closing(actor, closure, article)
    return _logged("closure.make", actor, closure, moment)


def reopen(actor: Actor, closure_id: int, reason: str) -> Closure:
    """Open again what a closure ended; others that cover the same place stay. Raises Forbidden or Conflict."""
    actor, closure, article, moment = _locked(actor, closure_id)
    policy.may_change_closure(actor, article, closure).require()
    _count(closure, -1)
    closure.reopened_at, closure.reopened_by_id, closure.reopen_reason = moment, actor.id, tidy(reason)[:300]
    _keep_open(closure, article, moment)
    session.flush()
    notices.after_reopening(actor, closure, article)
    return _logged("closure.reopen", actor, closure, moment)


def undo(actor: Actor, closure_id: int) -> int:
    """Take a closure back without trace on the page, within ten minutes; return the article's id."""
    actor, closure, article, moment = _locked(actor, closure_id)
    policy.may_undo_closure(actor, article, closure, moment).require()
    notices.after_reopening(actor, closure, article)
    _count(closure, -1)
    session.execute(delete(Closure).where(Closure.id == closure_id), execution_options={"synchronize_session": False})
    ledger.record("closure.undo", moment, actor_id=actor.id, article_id=article.id, closure_id=closure_id)
    return article.id


def lapse(article_id: int, moment: datetime) -> None:
    """Take closures whose end has passed out of the counts of their branches; call it inside `db.lock(article_id)`.

    Nothing depends on it having run: the rules know the clock. It only spares later writers a look.
    """
    ended = select(Closure).where(
        Closure.article_id == article_id,
        Closure.until <= moment,
        Closure.reopened_at.is_(None),
        Closure.lapsed_at.is_(None),
    )
    for closure in session.execute(ended).scalars().all():
        _count(closure, -1)
        closure.lapsed_at = moment
    session.flush()


def lapse_some(moment: datetime) -> int:
    """Do so for an article in which a closure's end has passed; return 0 where there is none."""
    passed = Closure.until <= moment, Closure.reopened_at.is_(None), Closure.lapsed_at.is_(None)
    article_id = session.scalar(select(Closure.article_id).where(*passed).limit(1))
    if article_id is None:
        return 0
    db.lock(article_id)
    lapse(article_id, moment)
    return 1


def run_of_two(comment_id: int) -> tuple[list[Ancestor], set[int]]:
    """Return the exchange a comment ends: from it upwards while the same two people write, and who they are.

    Nearest first. With fewer than two people, or a guest among them, the set is smaller than two.
    """
    line = ancestry.line(comment_id)
    people: set[int] = set()
    run: list[Ancestor] = []
    for step in line:
        if step.author_id is None or len(people | {step.author_id}) > 2:
            break
        people.add(step.author_id)
        run.append(step)
    return run or line[:1], people


def _for_two(actor: Actor, comment: Comment, at_id: int, ending: Ending, moment: datetime) -> Closure:
    people = run_of_two(comment.id)[1]
    if len(people) != 2:
        raise Invalid({"people": _("There are not two people answering each other here.")})
    first, second = sorted(people)
    _refuse_twice(comment.article_id, moment, person_a_id=first, person_b_id=second)
    values = _values(actor, ending, moment) | _parties(actor, people, ending)
    return records.make(comment.article_id, at_id=at_id, person_a_id=first, person_b_id=second, **values)


def _for_all(actor: Actor, comment: Comment, at_id: int, ending: Ending, moment: datetime) -> Closure:
    start_id = ending.start_id or comment.id
    if start_id not in ancestry.among_ancestors(comment.id, [start_id]):
        raise Invalid({"start": _("That comment is not above the one this exchange is to end at.")})
    _refuse_twice(comment.article_id, moment, branch_id=start_id, person_a_id=None)
    values = _values(actor, ending, moment) | _parties(actor, run_of_two(comment.id)[1], ending)
    closure = records.make(comment.article_id, branch_id=start_id, at_id=at_id, **values)
    _count(closure, 1)
    return closure


def _parties(actor: Actor, people: set[int], ending: Ending) -> dict[str, object]:
    """Return whether the person who closes took part, and which other of the two may answer once more."""
    others = people - {actor.id}
    return {
        "took_part": actor.id in people,
        "once_id": others.pop() if ending.once and actor.id in people and len(others) == 1 else None,
    }


def _refuse_twice(article_id: int, moment: datetime, **place: object) -> None:
    """Raise Conflict, with its words, where just this is closed already: two would have to be opened one by one."""
    same = select(Closure).where(
        Closure.article_id == article_id,
        Closure.reopened_at.is_(None),
        Closure.until.is_(None) | (Closure.until > moment),
        *(getattr(Closure, name) == value for name, value in place.items()),
    )
    if closure := session.execute(same).scalars().first():
        raise Conflict(_("This is closed already. To change that, open it again first."), closure.words)


def _keep_open(closure: Closure, article: Article, moment: datetime) -> None:
    """Keep what somebody opened from closing by itself at once: its article closes by itself no more."""
    due = policy.auto_close(site(), article)
    if closure.branch_id is None and not closure.for_two and due is not None and due.at <= moment + policy.GRACE:
        article.auto_close_days = article.auto_close_silent_days = 0
        article.closes_at, article.closes_for = None, ""


def _count(closure: Closure, change: int) -> None:
    """Add to `closure_count` over a branch's range of labels."""
    if closure.branch_id is None or closure.for_two or closure.lapsed_at is not None:
        return
    top = session.get_one(Comment, closure.branch_id)
    session.execute(
        update(Comment)
        .where(
            Comment.article_id == top.article_id,
            Comment.root_id == top.root_id,
            Comment.pos.between(top.pos, end_of_branch(top)),
        )
        .values(closure_count=Comment.closure_count + change),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()


def _values(actor: Actor, ending: Ending, moment: datetime) -> dict[str, object]:
    return {
        "words": tidy(ending.words).strip(),
        "note": tidy(ending.note).strip(),
        "closed_by_id": actor.id,
        "staff_may": ending.staff_may,
        "created_at": moment,
        "until": ending.until,
    }


def _check(ending: Ending, moment: datetime) -> None:
    if len(ending.words) > MAX_WORDS:
        raise Invalid({"words": _("Closing words can have at most %(most)s characters.", most=MAX_WORDS)})
    if ending.people not in ("all", "two"):
        raise Invalid({"people": _("Choose for whom it ends.")})
    if ending.until is not None and ending.until <= moment:
        raise Invalid({"until": _("That moment has passed already.")})
    if ending.until is not None and ending.until > moment + LONGEST:
        raise Invalid({"until": _("An end lies within ten years. Without one it is closed for good.")})


def _locked(actor: Actor, closure_id: int) -> tuple[Actor, Closure, Article, datetime]:
    closure = session.get(Closure, closure_id) or _missing()
    article_id = closure.article_id
    actor = lock_as(actor, article_id)
    moment = now()
    lapse(article_id, moment)
    return actor, session.get(Closure, closure_id) or _missing(), session.get_one(Article, article_id), moment


def _logged(act: str, actor: Actor, closure: Closure, moment: datetime) -> Closure:
    ledger.record(
        act,
        moment,
        actor_id=actor.id,
        article_id=closure.article_id,
        comment_id=closure.branch_id or closure.at_id,
        closure_id=closure.id,
        details={"words": closure.words, "reason": closure.reopen_reason},
    )
    return closure


def _missing() -> NoReturn:
    raise NotFound()
