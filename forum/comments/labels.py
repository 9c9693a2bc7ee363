"""Preorder labels: where in its thread a new reply stands.

`pos` is a 64-bit number, unique within a thread, growing in reading order, with gaps. A reply goes into the gap after
its parent's last descendant; when a gap is used up, the smallest window around it that is sparse enough is spread
again. A thread is the unit: nothing here touches another. Call everything inside `db.lock(article_id)`.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import BigInteger, bindparam, column, func, select, text, update

from forum.comments.models import Comment
from forum.db import session

STEP = 2**32  # between rows at a thread's end: room for 2**31 of them, and for many replies between any two
ROOM = 16  # labels per row that a window must have after it is spread; fewer would be used up at once

SHORT = 32  # steps down that are tried also where the way up is shorter
# Down the line of last replies: the last row met is the last descendant. Where that line is longer than the way up, up
# to the first row with a later sibling: what stands before that one is the last descendant. So the first reply to an
# old comment high in a chain of thousands does not walk the whole chain. Each step is one index look-up. The first
# comment of a thread needs neither: its last descendant is the thread's last row.
_GAP = f"""
    WITH RECURSIVE top AS (
        SELECT id, article_id, root_id, pos, parent_id,
        CASE WHEN parent_id IS NULL THEN 0 ELSE depth + {SHORT} END AS most FROM comments WHERE id = :parent
    ), down(id, pos, most) AS (
        SELECT id, pos, most FROM top
        UNION ALL
        SELECT c.id, c.pos, down.most - 1 FROM down JOIN comments c
        ON c.id = (SELECT id FROM comments WHERE parent_id = down.id ORDER BY pos DESC LIMIT 1)
        WHERE down.most > 0
    ), up(parent_id, following) AS (
        SELECT c.parent_id, (SELECT min(s.pos) FROM comments s WHERE s.parent_id = c.parent_id AND s.pos > c.pos)
        FROM top c
        UNION ALL
        SELECT c.parent_id, (SELECT min(s.pos) FROM comments s WHERE s.parent_id = c.parent_id AND s.pos > c.pos)
        FROM up JOIN comments c ON c.id = up.parent_id WHERE up.following IS NULL
    ), last(pos) AS (
        SELECT CASE WHEN min(most) > 0 THEN max(pos) ELSE (
            SELECT max(pos) FROM comments
            WHERE article_id = (SELECT article_id FROM top) AND root_id = (SELECT root_id FROM top)
            AND pos < coalesce((SELECT max(following) FROM up), 9223372036854775807)
        ) END FROM down
    )
    SELECT last.pos AS last, (
        SELECT min(c.pos) FROM comments c
        WHERE c.article_id = (SELECT article_id FROM top) AND c.root_id = (SELECT root_id FROM top)
        AND c.pos > last.pos
    ) AS following FROM last
"""  # noqa: S608 -- only our own constant is put in
# One row: the label of the last row of :parent's branch, and of the row behind it in the thread, if there is one.
GAP = (
    text(_GAP)
    .bindparams(bindparam("parent", type_=BigInteger))
    .columns(column("last", BigInteger), column("following", BigInteger))
    .subquery("gap")
)
_END = select(GAP.c.last)
_NEXT = select(func.min(Comment.pos)).where(
    Comment.article_id == bindparam("article"), Comment.root_id == bindparam("root"), Comment.pos > bindparam("pos")
)


class Identified(Protocol):
    """A comment's row."""

    @property
    def id(self) -> int: ...


class Labelled(Identified, Protocol):
    """A comment's row with its place."""

    @property
    def root_id(self) -> int | None: ...
    @property
    def pos(self) -> int: ...


def end_of_branch(comment: Identified) -> int:
    """Return the label of the last row of a comment's branch, its own if nobody replied."""
    return int(session.execute(_END, {"parent": comment.id}).scalar_one())


def is_in_branch(row: Labelled, top: Labelled) -> bool:
    """Tell whether a row stands in the branch of `top`: by its label, without a walk from the row upwards."""
    return row.id == top.id or (row.root_id == top.root_id and top.pos < row.pos <= end_of_branch(top))


def label_below(article_id: int, root_id: int, last: int, following: int | None) -> int:
    """Return a free label for a new last reply to a comment, of which `GAP` said what the last two are."""
    if following is not None and following - last < 2:
        last = _spread(article_id, root_id, last)
        following = session.execute(_NEXT, {"article": article_id, "root": root_id, "pos": last}).scalar()
    if following is None:
        return last + STEP
    return last + max(1, (following - last) >> 4)


def _spread(article_id: int, root_id: int, pos: int) -> int:
    """Make room behind `pos` and return the label its row has now."""
    thread = (Comment.article_id == article_id, Comment.root_id == root_id)
    width = ROOM
    while True:
        width *= 2
        low = pos - pos % width
        window = (*thread, Comment.pos >= low, Comment.pos < low + width)
        rows = session.execute(select(Comment.id, Comment.pos).where(*window).order_by(Comment.pos)).all()
        if len(rows) * ROOM <= width:
            break
    step = width // (len(rows) + 1)
    fresh = {row.id: low + number * step for number, row in enumerate(rows)}
    # Two statements, the first into negative numbers: one UPDATE would meet its own unfinished rows as duplicates.
    table = Comment.__table__
    session.connection().execute(
        update(table).where(table.c.id == bindparam("row")).values(pos=bindparam("label")),  # type: ignore[arg-type]
        [{"row": id, "label": -label - 1} for id, label in fresh.items()],
    )
    session.execute(
        update(Comment).where(*thread, Comment.pos < 0).values(pos=-Comment.pos - 1),
        execution_options={"synchronize_session": False},
    )
    session.flush()
    session.expire_all()  # a caller that holds one of these rows would go on with its old label
    return next(fresh[row.id] for row in rows if row.pos == pos)
