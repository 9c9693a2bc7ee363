"""Tell those whom a move concerns, once each, and take that back with it; `policy.told_of_move` says who they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from forum import policy
from forum.articles.models import Article
from forum.notifications import actions
from forum.policy import Actor


def after_moving(
    actor: Actor,
    people: Mapping[int, int | None],
    source: Article,
    target: Article,
    top: int | None,
    reason: str,
    cause: str,
    moment: datetime,
) -> None:
    """Tell everybody concerned, with a link to their own first comment, else to the first that was moved (`top`)."""
    # The people who hear of it may not know of a draft, from which or to which something went.
    title = source.title if policy.is_out(source, moment) else ""
    shared = {"title": title, "words": reason, "by": actions.by(actor, source), "cause": cause}
    if target.id != source.id:
        shared |= {"other": target.title} if policy.is_out(target, moment) else {"outcome": "unseen"}
    for person_id, own in people.items():
        reach = "own" if own is None else "branch"
        details = {**shared, "reach": reach}
        actions.tell(person_id, "moved", article_id=target.id, comment_id=own or top, details=details, at=moment)


def after_undoing(
    actor: Actor, people: Mapping[int, int | None], source: Article, top: int | None, cause: str, moment: datetime
) -> None:
    """Tell those who have read of it that it was moved back; for the others nothing has happened."""
    about = [id for own in people.values() if (id := own or top) is not None]
    unaware = actions.withdraw(cause, comments=about, people=people)
    details = {"title": source.title, "by": actions.by(actor, source), "outcome": "back"}
    for person_id, own in people.items():
        if person_id not in unaware:
            actions.tell(person_id, "moved", article_id=source.id, comment_id=own or top, details=details, at=moment)
