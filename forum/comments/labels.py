"""Preorder labels: where in its thread a new reply stands.

`pos` is a 64-bit number, unique within a thread, growing in reading order, with gaps. A reply goes into the gap after
its parent's last descendant; when a gap is used up, the smallest window around it that is sparse enough is spread
again. A thread is the unit: nothing here touches another. Call everything inside `db.lock(article_id)`.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import bindparam, func, select, text, update

from forum.comments.models import Comment
from forum.db import session
from forum.prepared import Prepared

STEP = 2**32  # between rows at a thread's end: room for 2**31 of them, and for many replies between any two
ROOM = 16  # labels per row that a window must have after it is spread; fewer would be used up at once

# Down the line of last replies: the last row met is the last descendant. Where that line is longer than the way up, up
# to the first row with a later sibling: what stands before that one is the last descendant. So the first reply to an
# old comment high in a chain of thousands does not walk the whole chain. Each step is one index look-up.
_LAST_ROW = """
    WITH RECURSIVE down(id, pos, step) AS (
        SELECT id, pos, 0 FROM comments WHERE id = :id
        UNION ALL
        SELECT c.id, c.pos, down.step + 1 FROM down JOIN comments c
        ON c.id = (SELECT id FROM comments WHERE parent_id = down.id ORDER BY pos DESC LIMIT 1)
        WHERE down.step < :most
    ), up(parent_id, following) AS (
        SELECT c.parent_id, (SELECT min(s.pos) FROM comments s WHERE s.parent_id = c.parent_id AND s.pos > c.pos)
        FROM comments c WHERE c.id = :id
        UNION ALL
        SELECT c.parent_id, (SELECT min(s.pos) FROM comments s WHERE s.parent_id = c.parent_id AND s.pos > c.pos)
        FROM up JOIN comments c ON c.id = up.parent_id WHERE up.following IS NULL
    ), last(pos) AS (
        SELECT CASE WHEN max(step) < :most THEN max(pos) ELSE (
            SELECT max(pos) FROM comments WHERE article_id = :article AND root_id = :root
            AND pos < coalesce((SELECT max(following) FROM up), 9223372036854775807)
        ) END FROM down
    )
"""
SHORT = 32  # steps down that are tried also where the way up is shorter
_LAST = Prepared(text(f"{_LAST_ROW} SELECT pos FROM last"))  # noqa: S608 -- only our own constant is put in
_GAP = Prepared(
    text(
        f"""
        {_LAST_ROW}
        SELECT last.pos, (
            SELECT min(c.pos) FROM comments c WHERE c.article_id = :article AND c.root_id = :root AND c.pos > last.pos
        ) FROM last
        """  # noqa: S608 -- as above
    )
)
_END = Prepared(
    select(func.max(Comment.pos)).where(
        Comment.article_id == bindparam("article"), Comment.root_id == bindparam("root")
    )
)
_NEXT = select(func.min(Comment.pos)).where(
    Comment.article_id == bindparam("article"), Comment.root_id == bindparam("root"), Comment.pos > bindparam("pos")
)


class Labelled(Protocol):
    """Be a comment with its place in its thread."""

    @property
    def id(self) -> int: ...
    @property
    def article_id(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def root_id(self) -> int | None: ...
    @property
    def depth(self) -> int: ...


def end_of_branch(comment: Labelled) -> int:
    """Return the label of the last row of a comment's branch, its own if nobody replied."""
    if comment.parent_id is None:
        [[last]] = _END.rows({"article": comment.article_id, "root": comment.id})
    else:
        [[last]] = _LAST.rows(_place(comment))
    return int(last)


def label_below(parent: Labelled) -> int:
    """Return a free label for a new last reply to `parent`."""
    if parent.parent_id is None:
        return end_of_branch(parent) + STEP
    place = _place(parent)
    [[last, following]] = _GAP.rows(place)
    if following is not None and following - last < 2:
        last = _spread(parent.article_id, place["root"], last)
        following = session.execute(_NEXT, {"article": place["article"], "root": place["root"], "pos": last}).scalar()
    if following is None:
        return int(last + STEP)
    return int(last + max(1, (following - last) >> 4))


def _place(comment: Labelled) -> dict[str, int]:
    thread = {"article": comment.article_id, "root": comment.root_id or comment.id}
    return {"id": comment.id, "most": comment.depth + SHORT, **thread}


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
    session.expire_all()  # whoever holds one of these rows would go on with its old label
    return next(fresh[row.id] for row in rows if row.pos == pos)
