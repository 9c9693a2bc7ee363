"""A comment's status, and everything that follows from it: places, counters, cases.

Call it inside `db.lock(article_id)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import aliased, defer

from forum.articles.models import Article
from forum.cases import actions as cases
from forum.clock import now
from forum.comments.labels import end_of_branch
from forum.comments.models import Comment, Revision, Source
from forum.db import session
from forum.jobs import actions as jobs
from forum.notifications import actions as notices
from forum.notifications import subscriptions
from forum.policy import CommentStatus, has_place
from forum.screening.rules import REPORTED

IN_ONE_STATEMENT = 400  # values in one IN (...)
_SEEN = (CommentStatus.PUBLISHED, CommentStatus.HIDDEN, CommentStatus.SEALED)


def set_status(comment: Comment, status: str, rule: str = "") -> None:
    """Give a comment a status; `rule` is shown in its place while it is hidden, or erased.

    `reply_count` of its parent, the size of its thread and the counters of its article follow, and so do ancestors
    that stand there only because of it.
    """
    before = has_place(comment.status, comment.reply_count)
    _tell({comment.id: comment.status}, {comment.id: status})
    _give(comment, status)
    comment.rule = rule or None if status in (CommentStatus.HIDDEN, CommentStatus.ERASED) else None
    _settle(comment, before)
    cases.follow([comment])


def set_statuses(rows: Sequence[Comment], wanted: Mapping[int, str], rule: str = "") -> None:
    """Give comments of one branch new statuses at once: as `set_status` for each, in as few statements as for one.

    `rows` is the whole branch as `branch()` returns it, `wanted` a status by id for those that change.
    """
    _tell({row.id: row.status for row in rows}, wanted)
    before = [has_place(row.status, row.reply_count) for row in rows]
    replies: Counter[int | None] = Counter()
    for row in reversed(rows):  # replies come before their parents here
        if row.id in wanted:
            _give(row, wanted[row.id])
            row.rule = rule or None if row.status == CommentStatus.HIDDEN else None
        row.reply_count = replies[row.id]
        replies[row.parent_id] += has_place(row.status, row.reply_count)
    session.flush()
    _settle(rows[0], before[0])
    gained = [has_place(row.status, row.reply_count) for row in rows[1:]]
    _count(rows[0], sum(gained) - sum(before[1:]))
    cases.follow(row for row in rows if row.id in wanted)


def add(comment: Comment) -> None:
    """Count a new comment in."""
    _settle(comment, before=False)


def leave(comment: Comment, placed: int) -> None:
    """Count a branch with so many placed rows out of its thread; its article's counters are counted anew afterwards."""
    _join(comment, -placed)


def join(comment: Comment, placed: int) -> None:
    """Count such a branch into the thread in which it stands now."""
    _join(comment, placed)


def branch(comment: Comment) -> list[Comment]:
    """Return a comment and everything below it, in reading order; a text is read when it is asked for."""
    query = (
        select(Comment)
        .where(Comment.article_id == comment.article_id, Comment.root_id == comment.root_id)
        .where(Comment.pos.between(comment.pos, end_of_branch(comment)))
        .options(defer(Comment.html))
    )
    return list(session.execute(query.order_by(Comment.pos)).scalars())


def erase(comment: Comment, rule: str = "") -> None:
    """Take a comment's text, earlier versions and guest's name away for ever; its place stays where replies need it.

    Of what readers never saw (it waited, or was spam) or its writer deleted, no rule is kept, so that nothing tells it.
    """
    was_seen = comment.status in _SEEN and comment.held_reason in (None, REPORTED)
    rule = (rule or comment.rule or "") if was_seen else ""
    comment.html = ""
    comment.guest_name = comment.guest_email = None
    for table in (Source, Revision):
        session.execute(
            delete(table).where(table.comment_id == comment.id), execution_options={"synchronize_session": False}
        )
    subscriptions.forget("answers", comment.id)  # nobody can answer it any more
    set_status(comment, CommentStatus.ERASED, rule)


def _give(comment: Comment, status: str) -> None:
    # Why it waited stays known until it is published, also while it is removed or deleted. What was held after reports
    # had been read before.
    if status == CommentStatus.PUBLISHED:
        if comment.held_reason not in (None, REPORTED):
            comment.shown_at = now()
        comment.held_reason = None
    comment.status = status


def _tell(before: Mapping[int, str], wanted: Mapping[int, str]) -> None:
    """Have people told of what is published now, and take back what nobody has read of what no longer is."""
    published = [id for id, status in wanted.items() if status == CommentStatus.PUBLISHED != before[id]]
    gone = [id for id, status in wanted.items() if status != CommentStatus.PUBLISHED == before[id]]
    if published:
        jobs.put("comments.tell", now(), {"comments": published})
    for start in range(0, len(gone), IN_ONE_STATEMENT):
        notices.take_back(gone[start : start + IN_ONE_STATEMENT])


def _join(comment: Comment, placed: int) -> None:
    parent = session.get_one(Comment, comment.parent_id) if comment.parent_id else None
    if parent is None:
        return
    if has_place(comment.status, comment.reply_count):
        before = has_place(parent.status, parent.reply_count)
        parent.reply_count += 1 if placed > 0 else -1
        _settle(parent, before)
    _count(parent, placed)


def _settle(comment: Comment, before: bool) -> None:
    """Carry a gained or lost place upwards: to the parent's count, and on while the parent's own place hangs on it."""
    change = 0
    row: Comment | None = comment
    line: list[Comment] = []
    while row is not None:
        after = has_place(row.status, row.reply_count)
        if after == before:
            break
        step = 1 if after else -1
        change += step
        if change in (2, -2):
            line = _placeless_above(row)
        parent = session.get(Comment, row.parent_id) if row.parent_id else None
        if parent is not None:
            before = has_place(parent.status, parent.reply_count)
            parent.reply_count += step
        row = parent
    del line  # it kept the rows in the session until here
    session.flush()
    _count(comment, change)


def _placeless_above(comment: Comment) -> list[Comment]:
    """Read at once what the walk upwards may meet next, so that a long line of frames is one statement, not many."""
    above = select(Comment.id, Comment.parent_id).where(Comment.id == comment.parent_id).cte("above", recursive=True)
    further = aliased(Comment)
    step = select(further.id, further.parent_id).join(above, further.id == above.c.parent_id)
    lower = aliased(Comment)
    step = step.join(lower, lower.id == above.c.id)
    above = above.union_all(step.where(lower.status != CommentStatus.PUBLISHED, lower.reply_count <= 1))
    session.flush()
    return list(session.execute(select(Comment).join(above, above.c.id == Comment.id)).scalars())


def _count(comment: Comment, change: int) -> None:
    if not change:
        return
    session.execute(
        update(Comment).where(Comment.id == comment.root_id).values(thread_size=Comment.thread_size + change)
    )
    session.execute(
        update(Article).where(Article.id == comment.article_id).values(comment_count=Article.comment_count + change)
    )
