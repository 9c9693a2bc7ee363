"""Preorder labels: where in its thread a row stands, and where its branch ends.

`pos` is a 64-bit number, unique within a thread, growing in reading order, with gaps. A new reply goes into the gap
after its parent's last descendant (`writing/placement.py`).
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import BigInteger, bindparam, column, select, text

from forum.db import session

STEP = 2**32  # between rows at a thread's end: room for 2**31 of them, and for many replies between any two

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
