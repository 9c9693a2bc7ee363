"""End an exchange, close a discussion or many, and open it again. `counting` counts what the records cover."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from flask_babel import gettext as _
from sqlalchemy import delete, or_, select

from forum import db, policy
from forum.acting import lock_as, lock_at
from forum.articles.models import Article, Tag
from forum.clock import now
from forum.closures import actions as records
from forum.closures import queries as closures
from forum.closures.models import Closure
from forum.comments import ancestry
from forum.comments.ending import extent, notices
from forum.comments.ending.counting import count, lapse
from forum.comments.ending.request import Ending, check, columns
from forum.comments.models import Comment
from forum.comments.writing import actions
from forum.db import Hold, session
from forum.errors import Busy, Conflict, Invalid, NotFound
from forum.ledger import actions as ledger
from forum.people.models import Person
from forum.people.queries import sign_in_name
from forum.policy import Actor
from forum.site.queries import site
from forum.text.words import tidy


def close_article(actor: Actor, article_id: int, ending: Ending) -> Closure:
    """Close a whole article's discussion, for everyone or one person.

    Raises Forbidden, Invalid, and Conflict where it is closed already.
    """
    check(ending, now())
    one_id = _one(ending)
    actor = lock_as(actor, article_id, people=_relied_on(one_id))
    article, one, moment = session.get(Article, article_id) or _missing(), _person(one_id), now()
    policy.may_close(actor, article, person=one).require()
    _refuse_two(ending)
    _refuse_twice(ending, moment, article_id=article_id, branch_id=None, person_a_id=one_id, person_b_id=None)
    values = columns(actor, ending, moment) | {"person_a_id": one_id}
    return _made("article.close", actor, records.make(article_id, **values), article, moment)


def close_many(actor: Actor, tag_id: int | None, ending: Ending) -> Closure:
    """Close all discussions under a tag, also those to come, or without a tag all of the site; for everyone or one.

    Raises Forbidden, Invalid, NotFound, and Conflict where it is closed already.
    """
    check(ending, now())
    one_id = _one(ending)
    # Exclusive: it waits for the comments on their way, and the next ones find what it closed.
    actor = lock_as(actor, people=_relied_on(one_id), writing=Hold.EXCLUSIVE)
    one, moment = _person(one_id), now()
    policy.may_close(actor, None, tag_id, one).require()
    if tag_id is not None and session.get(Tag, tag_id) is None:
        raise NotFound()
    _refuse_two(ending)
    _refuse_twice(ending, moment, article_id=None, tag_id=tag_id, person_a_id=one_id)
    closure = records.make(None, tag_id=tag_id, person_a_id=one_id, **columns(actor, ending, moment))
    return _made("site.close" if tag_id is None else "tag.close", actor, closure, None, moment)


def close_branch(actor: Actor, comment_id: int, ending: Ending) -> Closure:
    """End the exchange in which a comment stands: for everybody from `start_id` down, for its two people, or for one.

    With a reply, replying and closing are one act: both happen or neither, and sent twice they happen once. Raises
    Forbidden, Invalid where there are not two people, Conflict where just this is closed already, and what
    `actions.post` raises.
    """
    check(ending, now())
    comment = session.get(Comment, comment_id) or _missing()
    one_id = _one(ending, comment)
    policy.may_close(actor, session.get_one(Article, comment.article_id), person=_person(one_id)).require()
    at_id = comment.id
    if ending.reply.strip():
        where: dict[str, Any] = {"parent_id": comment_id, "key": ending.key}
        at_id = actions.post(actor, comment.article_id, ending.reply, **where, relied_on=_relied_on(one_id)).id
        if made := session.execute(select(Closure).where(Closure.at_id == at_id)).scalars().first():
            return made
    actor, article_id = lock_at(actor, comment_id, people=_relied_on(one_id))
    comment, article, moment = session.get_one(Comment, comment_id), session.get_one(Article, article_id), now()
    policy.may_close(actor, article, person=_person(one_id)).require()
    make = {"two": _for_two, "one": _for_one}.get(ending.people, _for_all)
    return _made("closure.make", actor, make(actor, comment, at_id, ending, moment), article, moment)


def reopen(actor: Actor, closure_id: int, reason: str) -> Closure:
    """Open again what a closure ended; others that cover the same place stay. Raises Forbidden or Conflict."""
    actor, closure, article, moment = _locked(actor, closure_id)
    policy.may_change_closure(actor, article, closures.known(closure_id)).require()
    count(closure, -1)
    closure.reopened_at, closure.reopened_by_id, closure.reopen_reason = moment, actor.id, tidy(reason)[:300]
    if article is not None:
        _keep_open(closure, article, moment)
    session.flush()
    notices.after_reopening(actor, closure, article)
    return _logged("closure.reopen", actor, closure, moment)


def undo(actor: Actor, closure_id: int) -> int | None:
    """Take a closure back without trace on the page, within ten minutes; return the article's id, if it has one."""
    actor, closure, article, moment = _locked(actor, closure_id)
    policy.may_undo_closure(actor, article, closures.known(closure_id), moment).require()
    notices.after_reopening(actor, closure, article)
    count(closure, -1)
    article_id = closure.article_id
    session.execute(delete(Closure).where(Closure.id == closure_id), execution_options={"synchronize_session": False})
    ledger.record("closure.undo", moment, actor_id=actor.id, article_id=article_id, closure_id=closure_id)
    return article_id


def _for_two(actor: Actor, comment: Comment, at_id: int, ending: Ending, moment: datetime) -> Closure:
    people = extent.run_of_two(comment.id)[1]
    if len(people) != 2:
        raise Invalid({"people": _("There are not two people answering each other here.")})
    first, second = sorted(people)
    _refuse_twice(ending, moment, article_id=comment.article_id, person_a_id=first, person_b_id=second)
    values = columns(actor, ending, moment) | _parties(actor, people, ending)
    return records.make(comment.article_id, at_id=at_id, person_a_id=first, person_b_id=second, **values)


def _for_one(actor: Actor, comment: Comment, at_id: int, ending: Ending, moment: datetime) -> Closure:
    where = {"branch_id": _start(comment, ending.start_id), "person_a_id": _one(ending, comment)}
    _refuse_twice(ending, moment, article_id=comment.article_id, person_b_id=None, **where)
    closure = records.make(comment.article_id, at_id=at_id, **where, **columns(actor, ending, moment))
    count(closure, 1)
    return closure


def _for_all(actor: Actor, comment: Comment, at_id: int, ending: Ending, moment: datetime) -> Closure:
    start_id = _start(comment, ending.start_id or comment.id)
    _refuse_twice(ending, moment, article_id=comment.article_id, branch_id=start_id, person_a_id=None)
    values = columns(actor, ending, moment) | _parties(actor, extent.run_of_two(comment.id)[1], ending)
    closure = records.make(comment.article_id, branch_id=start_id, at_id=at_id, **values)
    count(closure, 1)
    return closure


def _start(comment: Comment, start_id: int | None) -> int | None:
    if start_id is not None and start_id not in ancestry.among_ancestors(comment.id, [start_id]):
        raise Invalid({"start": _("That comment is not above the comment at which this exchange is to end.")})
    return start_id


def _one(ending: Ending, comment: Comment | None = None) -> int | None:
    """Return the id of the one person it is closed for; None where it is for more."""
    if ending.people != "one":
        return None
    if comment is not None and not ending.person:
        if comment.author_id is None:
            raise Invalid({"people": _("A guest has no account, so it cannot be closed for this guest alone.")})
        return comment.author_id
    found = session.scalar(select(Person.id).where(Person.username == sign_in_name(ending.person)))
    if found is None:
        raise Invalid({"person": _("There is nobody with this sign-in name.")})
    return int(found)


def _person(id: int | None) -> Person | None:
    return None if id is None else session.get_one(Person, id)


def _relied_on(one_id: int | None) -> dict[int, Hold]:
    return {} if one_id is None else {one_id: Hold.SHARED}


def _parties(actor: Actor, people: set[int], ending: Ending) -> dict[str, object]:
    """Return whether the person who closes took part, and which other of the two may answer once more."""
    others = people - {actor.id}
    return {
        "took_part": actor.id in people,
        "once_id": others.pop() if ending.once and actor.id in people and len(others) == 1 else None,
    }


def _refuse_two(ending: Ending) -> None:
    if ending.people == "two":
        raise Invalid({"people": _("An exchange of two people is ended at one of its comments.")})


def _refuse_twice(ending: Ending, moment: datetime, **place: object) -> None:
    """Raise Conflict, with its words, where just this is closed then: two would have to be opened one by one."""
    begins = ending.begins or moment
    sooner = [] if ending.until is None else [or_(Closure.begins_at.is_(None), Closure.begins_at < ending.until)]
    same = select(Closure).where(
        Closure.reopened_at.is_(None),
        Closure.until.is_(None) | (Closure.until > begins),
        *sooner,
        *(getattr(Closure, name) == value for name, value in place.items()),
    )
    if closure := session.execute(same).scalars().first():
        raise Conflict(_("This is closed already. To change that, open it again first."), closure.words)


def _keep_open(closure: Closure, article: Article, moment: datetime) -> None:
    """Keep what somebody opened from closing by itself at once: its article closes by itself no more."""
    due = policy.auto_close(site(), article)
    whole = closure.branch_id is None and closure.person_a_id is None
    if whole and due is not None and due.at <= moment + policy.GRACE:
        article.auto_close_days = article.auto_close_silent_days = 0
        article.closes_at, article.closes_for = None, ""


def _locked(actor: Actor, closure_id: int) -> tuple[Actor, Closure, Article | None, datetime]:
    """Lock a closure with its article, or where it has none by itself: opening again needs to wait for no comment."""
    article_id = (session.get(Closure, closure_id) or _missing()).article_id
    if article_id is None:
        actor = lock_as(actor)
        closure = session.get(Closure, closure_id, with_for_update=True, populate_existing=True) or _missing()
        return actor, closure, None, now()
    actor = lock_as(actor, article_id)
    moment = now()
    if (session.get(Closure, closure_id) or _missing()).article_id != article_id:  # moved with its branch meanwhile
        raise Busy(db.BUSY)
    lapse(article_id, moment)
    return actor, session.get(Closure, closure_id) or _missing(), session.get_one(Article, article_id), moment


def _made(act: str, actor: Actor, closure: Closure, article: Article | None, moment: datetime) -> Closure:
    notices.after_closing(actor, closure, article)
    for_one = closure.person_a_id is not None and not closure.for_two
    return _logged("closure.one" if for_one else act, actor, closure, moment)


def _logged(act: str, actor: Actor, closure: Closure, moment: datetime) -> Closure:
    ledger.record(
        act,
        moment,
        actor_id=actor.id,
        person_id=None if closure.for_two else closure.person_a_id,
        article_id=closure.article_id,
        comment_id=closure.branch_id or closure.at_id,
        closure_id=closure.id,
        details={"words": closure.words, "reason": closure.reopen_reason},
    )
    return closure


def _missing() -> NoReturn:
    raise NotFound()
