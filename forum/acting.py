"""Begin a write as somebody: the one way for every action that has an actor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import overload

from sqlalchemy import Boolean, bindparam, column, select, table

from forum import db, policy
from forum.clock import now
from forum.db import Hold, Id, Moment, ids_of
from forum.errors import Busy, NotFound, SignInNeeded
from forum.policy import Actor
from forum.policy.reasons import Code, Reason


@dataclass(frozen=True)
class Account:
    """An account as the database has it; satisfies `policy.Actor`."""

    id: int
    role: str
    approved_at: datetime | None
    suspended_until: datetime | None
    suspension_reason: str
    held_until: datetime | None
    slow_until: datetime | None
    slow_minutes: int
    deactivated_at: datetime | None
    follows_answers: bool
    moderated_tags: frozenset[int]
    guest_comments: Collection[int] = ()


# The tables by their names, because the room that has their models comes later and begins its own writes here.
_PEOPLE = table(
    "people",
    *(column("id"), column("role"), column("approved_at", Moment), column("suspended_until", Moment)),
    *(column("suspension_reason"), column("held_until", Moment), column("slow_until", Moment), column("slow_minutes")),
    *(column("deactivated_at", Moment), column("follows_answers", Boolean)),
)
_TAG_MODERATORS = table("tag_moderators", column("tag_id", Id), column("person_id", Id))
_TAGS = ids_of(_TAG_MODERATORS.c.tag_id, _TAG_MODERATORS.c.person_id == _PEOPLE.c.id)
# The comments likewise.
_COMMENTS = table("comments", column("id"), column("article_id"))
_STANDS_IN = select(_COMMENTS.c.article_id).where(_COMMENTS.c.id == bindparam("id"))
_ACCOUNT = select(*_PEOPLE.c, _TAGS).where(_PEOPLE.c.id == bindparam("id"))


@overload
def lock_as(
    actor: None,
    *articles: int,
    people: Mapping[int, Hold] | None = ...,
    site: Hold | None = ...,
    writing: Hold | None = ...,
) -> None: ...
@overload
def lock_as(
    actor: Actor,
    *articles: int,
    people: Mapping[int, Hold] | None = ...,
    site: Hold | None = ...,
    writing: Hold | None = ...,
) -> Actor: ...
def lock_as(
    actor: Actor | None,
    *articles: int,
    people: Mapping[int, Hold] | None = None,
    site: Hold | None = None,
    writing: Hold | None = None,
) -> Actor | None:
    """Begin a write, and return the actor as the database has them from now until the commit.

    The request read who is asking before it waited for the lock: a suspension, another role may have come first. So
    every rule is asked about the actor that this returns. A visitor and the operator (None) stay as they are. What is
    locked beside the actor's account: see `db.lock`. Raises Busy, Forbidden for an account that is switched off,
    SignInNeeded for one that is gone.
    """
    if actor is None or actor.id is None:
        db.lock(*articles, people=people, site=site, writing=writing)
        return actor
    id, guest_comments = actor.id, frozenset(getattr(actor, "guest_comments", ()))  # a row of `people` has none
    db.lock(*articles, people={id: Hold.SHARED, **(people or {})}, site=site, writing=writing)
    row = db.session.connection().execute(_ACCOUNT, {"id": id}).one_or_none()
    if row is None:
        raise SignInNeeded(Reason(Code.SIGN_IN))
    found = Account(*row)
    ends = policy.standing(found, now()) if policy.is_sanctioned(found) else {}
    found = replace(found, guest_comments=guest_comments, **ends)
    policy.signed_in(found).require()
    return found


def lock_at(
    actor: Actor,
    comment_id: int,
    *articles: int,
    people: Mapping[int, Hold] | None = None,
    site: Hold | None = None,
    writing: Hold | None = None,
) -> tuple[Actor, int]:
    """Begin a write as `lock_as` about a comment, and return its article's id, too: the one in which it stands now.

    Where it was moved to another article before the lock was there, the other article is locked instead, from the
    beginning, so that the order of locks holds. Raises NotFound where there is no such comment.
    """
    begun = bool(db.session.connection().info.get("writing"))
    while True:
        article_id = _stands_in(comment_id)
        actor = lock_as(actor, article_id, *articles, people=people, site=site, writing=writing)
        if _stands_in(comment_id) == article_id:
            return actor, article_id
        if begun:  # what was written before cannot be done again
            raise Busy(db.BUSY)
        db.session.rollback()


def _stands_in(comment_id: int) -> int:
    article_id = db.session.connection().execute(_STANDS_IN, {"id": comment_id}).scalar_one_or_none()
    if article_id is None:
        raise NotFound()
    return int(article_id)
