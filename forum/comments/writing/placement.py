"""Choose the label of a new reply, and make room for it where there is none.

When a gap is used up, the smallest window around it that is sparse enough is spread again. A thread is the unit:
nothing here touches another. Call everything inside `db.lock(article_id)`.
"""

from __future__ import annotations

from sqlalchemy import bindparam, func, select, update

from forum.comments.labels import STEP
from forum.comments.models import Comment
from forum.db import session

ROOM = 16  # labels per row that a window must have after it is spread; fewer would be used up at once

_NEXT = select(func.min(Comment.pos)).where(
    Comment.article_id == bindparam("article"), Comment.root_id == bindparam("root"), Comment.pos > bindparam("pos")
)


def label_below(article_id: int, root_id: int, last: int, following: int | None) -> int:
    """Return a free label between two that `labels.GAP` found."""
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
