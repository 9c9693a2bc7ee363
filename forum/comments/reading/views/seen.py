"""Mark as read what somebody was told of and sees on a page now."""

from __future__ import annotations

from collections.abc import Collection

from flask import request

from forum import db, web
from forum.notifications import actions, queries
from forum.policy import Actor

# How browsers say that they fetch a page before anybody asked for it.
AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def mark(actor: Actor, article_id: int, ids: Collection[int], *, itself: bool = False) -> None:
    """Mark the notices of comments on this page as read, of the article where the page shows it, and commit.

    Where somebody else writes just now, the next page does it. It costs only those something who have unread notices.
    """
    if actor.id is None or not web.unread() or not _is_read():
        return
    shown = queries.unseen_about(actor.id, article_id, ids, itself=itself)
    if not shown:
        return
    try:
        read = actions.mark_shown(shown)
        db.commit()
    except Exception as error:  # the lock is taken, or the disk is full: a page is read all the same
        db.rollback()
        if not db.is_unavailable(error):
            raise
        return
    web.has_read(read)


def _is_read() -> bool:
    """Tell whether somebody gets to see this page: not by HEAD, and not where a browser fetches it ahead."""
    ahead = any("prefetch" in request.headers.get(name, "").lower() for name in AHEAD)
    return request.environ["REQUEST_METHOD"] == "GET" and not ahead  # `request.method` says GET of a HEAD, too
