"""What a page that a member opens notes of them: which notices they have seen, and that they were there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from flask import request

from forum import db, policy, web
from forum.clock import now
from forum.comments.reading import arrivals, visits
from forum.comments.reading.arrivals import Arrivals
from forum.notifications import actions, queries
from forum.policy import Actor

# How browsers say that they fetch a page before anybody asked for it.
AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
T = TypeVar("T")


def mark(actor: Actor, article_id: int, ids: Collection[int], *, itself: bool = False) -> None:
    """Mark the notices of comments on this page as read, of the article where the page shows it, and commit.

    Where somebody else writes just now, the next page does it. It costs only those something who have unread notices.
    """
    if actor.id is None or not web.unread() or not _is_read():
        return
    shown = queries.unseen_about(actor.id, article_id, ids, itself=itself)
    if not shown:
        return
    read = _beside(lambda: actions.mark_shown(shown))
    if read is not None:
        web.has_read(read)


def visit(actor: Actor, article_id: int, until: datetime | None, *, newest: bool = False) -> Arrivals | None:
    """Return what is new to a member since they were at a discussion before, and note that they are there now.

    `until` is when the newest comment was written that the page knows of. Pages that follow each other are one visit,
    all through which the same is new. None for visitors, whose browser keeps it, and at a first visit.
    """
    if actor.id is None:
        return None
    moment, reader = now(), actor.id
    before = arrivals.noted(reader, article_id)
    since = before and (before.until if moment - before.at > policy.VISIT else before.since)
    if _is_read() and (before is None or moment - before.at > policy.NOTED_EVERY):
        seen = max(before.until, until or before.until) if before else until or moment
        _beside(lambda: visits.note(reader, article_id, since, seen, moment))
    if since is None or until is None or until <= since:
        return None
    return arrivals.since(article_id, since, newest=newest, reader_id=reader)


def _beside(write: Callable[[], T]) -> T | None:
    """Write and commit what a page is read without: None where the lock is taken or the disk is full."""
    try:
        done = write()
        db.commit()
    except Exception as error:
        db.rollback()
        if not db.is_unavailable(error):
            raise
        return None
    return done


def _is_read() -> bool:
    """Tell whether somebody gets to see this page: not by HEAD, and not where a browser fetches it ahead."""
    ahead = any("prefetch" in request.headers.get(name, "").lower() for name in AHEAD)
    return request.environ["REQUEST_METHOD"] == "GET" and not ahead  # `request.method` says GET of a HEAD, too
