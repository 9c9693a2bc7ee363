"""Keep `closure_count`: how many closures of branches, for everyone or for one person, each comment stands in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from forum import db
from forum.closures.models import Closure
from forum.comments.labels import end_of_branch
from forum.comments.models import Comment
from forum.db import session


def count(closure: Closure, change: int) -> None:
    """Add to `closure_count` over a branch's range of labels; call it inside `db.lock(closure.article_id)`."""
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


def lapse(article_id: int | None, moment: datetime) -> None:
    """Take closures whose end has passed out of the counts of their branches.

    Without an article it does so for those of more than one. Call it inside `db.lock(article_id)`. Nothing depends on
    it having run: the rules know the clock. It only spares later writers a look.
    """
    place = Closure.article_id.is_(None) if article_id is None else Closure.article_id == article_id
    ended = Closure.until <= moment, Closure.reopened_at.is_(None), Closure.lapsed_at.is_(None)
    for closure in session.execute(select(Closure).where(place, *ended)).scalars().all():
        count(closure, -1)
        closure.lapsed_at = moment
    session.flush()


def lapse_some(moment: datetime) -> int:
    """Do so for an article in which a closure's end has passed, or for those of more; return 0 where there is none."""
    passed = Closure.until <= moment, Closure.reopened_at.is_(None), Closure.lapsed_at.is_(None)
    found = session.execute(select(Closure.article_id).where(*passed).limit(1)).one_or_none()
    if found is None:
        return 0
    db.lock(*([] if found.article_id is None else [found.article_id]))
    lapse(found.article_id, moment)
    return 1
