"""Whether somebody may reply, from the closures that cover the place and from slow mode; `policy` decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import select

from forum import policy
from forum.closures import queries as closures
from forum.closures.queries import ClosureView
from forum.comments import ancestry
from forum.comments.models import Comment
from forum.db import session
from forum.policy import Actor, CommentFacts, DiscussedFacts, SiteFacts, Verdict


class Discussed(DiscussedFacts, Protocol):
    """An article and its id."""

    @property
    def id(self) -> int: ...


class Covered(CommentFacts, ancestry.Placed, Protocol):
    """A comment with its place, and how many closures of branches it stands in."""

    @property
    def closure_count(self) -> int: ...


def reply_verdict(
    actor: Actor,
    settings: SiteFacts,
    article: Discussed,
    parent: Covered | None,
    moment: datetime,
    concerning: Sequence[ClosureView] | None = None,
) -> Verdict:
    """Answer whether somebody may write here, from what the database says now.

    `concerning` are the closures that reach the article and this person and that nobody reopened, for a caller that
    has read them already.
    """
    verdict = _unless_closed(actor, settings, article, parent, moment, concerning)
    return verdict if not verdict else may_post_again(actor, moment) and verdict


def may_post_again(actor: Actor, moment: datetime) -> Verdict:
    """Answer whether somebody in slow mode may write already; nobody else's comments are looked at."""
    if actor.slow_until is None:
        return policy.may_post_again(actor, None, moment)
    latest = select(Comment.created_at).where(Comment.author_id == actor.id).order_by(Comment.id.desc()).limit(1)
    return policy.may_post_again(actor, session.scalar(latest), moment)


def _unless_closed(
    actor: Actor,
    settings: SiteFacts,
    article: Discussed,
    parent: Covered | None,
    moment: datetime,
    concerning: Sequence[ClosureView] | None,
) -> Verdict:
    if concerning is None:
        concerning = closures.concerning(article.id, actor.id)
    if parent is None:
        everywhere = [closure for closure in concerning if closure.branch_id is None]
        return policy.may_comment(actor, settings, article, everywhere, moment)
    covers = covering(article.id, parent, actor.id, concerning)
    # Only closures of two people ask who is answered; without one, nothing has to be walked up.
    concerned = any(actor.id in (closure.person_a_id, closure.person_b_id) for closure in covers if closure.for_two)
    answered = ancestry.answered(parent, actor.id) if concerned else parent.author_id
    return policy.may_reply(actor, settings, article, parent, covers, answered, moment)


def covering(
    article_id: int, comment: Covered, person_id: int | None, concerning: Sequence[ClosureView] | None = None
) -> list[ClosureView]:
    """Return the closures in whose place a comment stands: the article's, and branches that contain it.

    Of those for one person only this person's.
    """
    if concerning is None:
        concerning = closures.concerning(article_id, person_id)
    if comment.closure_count == 0:
        return [closure for closure in concerning if closure.branch_id is None]
    branches = [closure for closure in concerning if closure.branch_id is not None and closure.lapsed_at is None]
    above = ancestry.before(comment, {closure.branch_id for closure in branches if closure.branch_id})
    near = [closure for closure in branches if closure.branch_id in above]
    # Mostly these are all it stands in, and its count says so; else, walk up. Closures of two people are not counted.
    if len(near) != comment.closure_count or any(closure.for_two for closure in near):
        above = ancestry.among_ancestors(comment.id, above)
    return [closure for closure in concerning if closure.branch_id is None or closure.branch_id in above]
