"""Give a whole branch another place: its labels, depths and counters, a few statements however many comments it has.

Where it goes among the replies follows from who wrote what and when (`tree.preorder`), as everywhere. In another place
another person is its first comment's partner, so the replies to that one may change their order; nothing below does.
Call everything inside the locks of both articles.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, func, select, text, update

from forum.comments import labels, statuses
from forum.comments.models import Comment
from forum.db import session
from forum.policy import has_place

_PLACED = (Comment.status == "published") | (Comment.reply_count > 0)  # `policy.has_place`, as SQL
_QUIET = {"synchronize_session": False}


def _theirs(row: str) -> str:
    """Return whether a row is by the partner `p`, who comes last."""
    return f"coalesce({labels.BY_PARTNER.replace('c.', f'{row}.')}, FALSE)"


# The label of the reply of :parent before which :top goes, if there is one.
_NEXT_REPLY = text(
    f"""
    SELECT min(c.pos) FROM comments me JOIN comments c ON c.parent_id = :parent
    LEFT JOIN comments p ON p.id = (SELECT parent_id FROM comments WHERE id = :parent)
    WHERE me.id = :top AND ({_theirs("c")}, c.created_at, c.id) > ({_theirs("me")}, me.created_at, me.id)
    """  # noqa: S608 -- only our own texts are put in
).bindparams(bindparam("parent", type_=BigInteger), bindparam("top", type_=BigInteger))
# All rows that were lifted out of :source, with each reply to :top keeping its branch behind it.
_PLACE = text(
    f"""
    WITH lifted AS (
        SELECT id, pos, max(CASE WHEN parent_id = :top THEN pos END) OVER (ORDER BY pos) AS reply FROM comments
        WHERE article_id = :source AND root_id IS NULL
    ), ordered AS (
        SELECT lifted.id,
            row_number() OVER (ORDER BY lifted.id <> :top, {_theirs("c")}, c.created_at, c.id, lifted.pos) - 1 AS number
        FROM lifted LEFT JOIN comments c ON c.parent_id = :top AND c.pos = lifted.reply
        LEFT JOIN comments p ON p.id = :parent
    )
    UPDATE comments SET article_id = :target, root_id = :root, pos = :first + ordered.number * :step,
        depth = depth + :deeper, closure_count = closure_count + :closures
    FROM ordered WHERE comments.id = ordered.id
    """  # noqa: S608 -- only our own texts are put in
).bindparams(
    *(bindparam(name, type_=BigInteger) for name in ("top", "parent", "source", "target", "root", "first", "step")),
    *(bindparam(name, type_=Integer) for name in ("deeper", "closures")),
)


def lift(top: Comment) -> tuple[int, int]:
    """Take a branch out of its thread; return how many comments it has, and how many of them have a place.

    Its rows are in no thread until `put`, and its first comment answers nothing.
    """
    branch = (
        Comment.article_id == top.article_id,
        Comment.root_id == top.root_id,
        Comment.pos.between(top.pos, labels.end_of_branch(top)),
    )
    counted = select(func.count(), func.count().filter(_PLACED)).where(*branch)
    rows, placed = session.execute(counted).one()
    statuses.leave(top, placed)
    session.execute(update(Comment).where(*branch).values(root_id=None), execution_options=_QUIET)
    first = update(Comment).where(Comment.id == top.id)
    session.execute(first.values(parent_id=None, thread_size=None, thread_number=None), execution_options=_QUIET)
    session.expire_all()
    return rows, placed


def put(top: Comment, rows: int, placed: int, article_id: int, parent: Comment | None, closures: int) -> None:
    """Put a branch that was lifted under a parent, or under the article as a thread of its own.

    `closures` is by how much the number of branch closures that cover it changes.
    """
    source = top.article_id
    first, step = _room(top, rows, parent) if parent else (0, labels.STEP)
    values: dict[str, Any] = {
        "top": top.id,
        "parent": parent.id if parent else None,
        "source": source,
        "target": article_id,
        "root": parent.root_id if parent else top.id,
        "first": first,
        "step": step,
        "deeper": (parent.depth + 1 if parent else 0) - top.depth,
        "closures": closures,
    }
    session.execute(_PLACE, values)
    size = None if parent else placed
    mine = update(Comment).where(Comment.id == top.id).values(parent_id=values["parent"], thread_size=size)
    session.execute(mine, execution_options=_QUIET)
    session.expire_all()
    statuses.join(top, placed)
    assert has_place(top.status, top.reply_count) == (placed > 0)


def _room(top: Comment, rows: int, parent: Comment) -> tuple[int, int]:
    """Return the first label and the step from one to the next, with room for all rows."""
    thread = (Comment.article_id == parent.article_id, Comment.root_id == parent.root_id)
    before = session.execute(_NEXT_REPLY, {"top": top.id, "parent": parent.id}).scalar()
    if before is None:
        last = labels.end_of_branch(parent)
    else:
        last = session.execute(select(func.max(Comment.pos)).where(*thread, Comment.pos < before)).scalar_one()
    following = session.execute(select(func.min(Comment.pos)).where(*thread, Comment.pos > last)).scalar()
    if following is None:
        return last + labels.STEP, labels.STEP
    if (step := (following - last) // (rows + 1)) > 0:
        return last + step, step
    # Two statements, the first into negative numbers: one UPDATE would meet its own unfinished rows as duplicates.
    behind, more = update(Comment).where(*thread, Comment.pos > last), rows * labels.STEP
    session.execute(behind.values(pos=-Comment.pos - more - 1), execution_options=_QUIET)
    flip = update(Comment).where(*thread, Comment.pos < 0).values(pos=-Comment.pos - 1)
    session.execute(flip, execution_options=_QUIET)
    session.expire_all()
    step = (following + more - last) // (rows + 1)
    return last + step, step
