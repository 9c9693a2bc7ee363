"""Mark as read what somebody was told of and sees on a page now."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from forum import db, web
from forum.errors import Busy
from forum.notifications import actions, queries
from forum.policy import Actor


def mark(actor: Actor, article_id: int, ids: Collection[int]) -> None:
    """Mark the notices of comments on this page as read, and commit.

    Where somebody else writes just now, the next page does it. It costs only those something who have unread notices.
    """
    if actor.id is None or not web.unread():
        return
    shown = queries.unseen_comments(actor.id, article_id).intersection(ids)
    if not shown:
        return
    with suppress(Busy):
        read = actions.mark_shown(actor.id, shown)
        db.commit()
        web.has_read(read)
