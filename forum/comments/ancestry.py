"""What stands above a comment, each question one statement however deep it is.

These walk up by primary key inside the database; nothing is walked in Python, and nothing recurses there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam, text

from forum.comments.tree import Above
from forum.db import Moment, session
from forum.policy import CommentFacts, CommentStatus

PLACED = "(status = 'published' OR reply_count > 0)"  # `policy.has_place`, as SQL

# Each ancestor that has a reply after the one on the way down, for only those matter to the rows that follow, and each
# whose reply on the way down has no place, for that one steps in; with how many placed replies stood before the page's
# first row. Every look-up goes by (parent_id, pos).
_ABOVE = text(
    f"""
    WITH RECURSIVE line(id, parent_id, pos, below_pos, step, placed, below_placed) AS (
        SELECT id, parent_id, pos, pos, 0, {PLACED}, {PLACED} FROM comments WHERE id = :id
        UNION ALL
        SELECT c.id, c.parent_id, c.pos, line.pos, line.step + 1,
            c.status = 'published' OR c.reply_count > 0, line.placed
        FROM line JOIN comments c ON c.id = line.parent_id WHERE line.id <> :top
    )
    SELECT line.id, comments.reply_count, line.below_placed,
        (SELECT count(*) FROM comments WHERE parent_id = line.id AND {PLACED}
            AND (pos < line.below_pos OR (pos = line.below_pos AND line.step > 1))) AS seen
    FROM line JOIN comments ON comments.id = line.id
    WHERE line.step = 1 OR (line.step > 1 AND (line.id IN :wanted OR NOT line.below_placed
        OR EXISTS (SELECT 1 FROM comments WHERE parent_id = line.id AND pos > line.below_pos)))
    ORDER BY line.step DESC
    """  # noqa: S608 -- only our own constants are put in
).bindparams(bindparam("wanted", expanding=True))

_CLOSED = text(
    """
    WITH RECURSIVE line(id, parent_id) AS (
        SELECT id, parent_id FROM comments WHERE id = :id
        UNION ALL
        SELECT c.id, c.parent_id FROM line JOIN comments c ON c.id = line.parent_id
    )
    SELECT id FROM line WHERE id IN :wanted
    """
).bindparams(bindparam("wanted", expanding=True))

_BEFORE = text(
    "SELECT id FROM comments WHERE id IN :wanted AND root_id = :root AND pos <= :pos AND depth <= :depth"
).bindparams(bindparam("wanted", expanding=True))

_ANSWERED = text(
    """
    WITH RECURSIVE line(id, parent_id, author_id) AS (
        SELECT id, parent_id, author_id FROM comments WHERE id = :id
        UNION ALL
        SELECT c.id, c.parent_id, c.author_id FROM line JOIN comments c ON c.id = line.parent_id
        WHERE line.author_id = :writer
    )
    SELECT author_id FROM line WHERE author_id IS NULL OR author_id <> :writer
    """
)

_LINE = text(
    """
    WITH RECURSIVE line(id, parent_id, author_id, created_at, step) AS (
        SELECT id, parent_id, author_id, created_at, 0 FROM comments WHERE id = :id
        UNION ALL
        SELECT c.id, c.parent_id, c.author_id, c.created_at, line.step + 1
        FROM line JOIN comments c ON c.id = line.parent_id WHERE line.step < :most
    )
    SELECT line.id, line.parent_id, line.author_id, line.created_at, comments.status,
        coalesce(people.display_name, comments.guest_name) AS name
    FROM line JOIN comments ON comments.id = line.id LEFT JOIN people ON people.id = line.author_id
    ORDER BY line.step
    """
).columns(created_at=Moment)


class Placed(Protocol):
    """A comment with its place in its thread."""

    @property
    def id(self) -> int: ...
    @property
    def root_id(self) -> int | None: ...
    @property
    def pos(self) -> int: ...
    @property
    def depth(self) -> int: ...


@dataclass(frozen=True)
class Ancestor:
    """A comment on the way up: who wrote it, when."""

    id: int
    parent_id: int | None
    author_id: int | None
    created_at: datetime
    name: str
    status: str

    @property
    def shown_name(self) -> str:
        """Return the name for everybody to read: none where the comment is gone."""
        return self.name if self.status == CommentStatus.PUBLISHED else ""


def above(first: int, top: int, wanted: Collection[int] = ()) -> tuple[list[Above], set[int]]:
    """Return what the ancestors of a page's first row contribute, topmost first, and which of `wanted` are among them.

    `top` is the comment whose branch the page shows; what is above it counts as not there. Ancestors without a later
    reply are left out: no row of this page can answer them, and they add nothing to the level. The direct parent is
    always there. `seen` does not yet count the first row itself.
    """
    if first == top:
        return [], set()
    rows = session.execute(_ABOVE, {"id": first, "top": top, "wanted": list(wanted) or [0]}).all()
    found: list[Above] = []
    level = 0
    for row in rows:
        found.append(Above(row.id, level, row.reply_count, row.seen))
        level += row.seen < row.reply_count if row.below_placed else row.reply_count > 0
    return found, {row.id for row in rows} & set(wanted)


def among_ancestors(comment_id: int, wanted: Collection[int]) -> set[int]:
    """Return which of these comments are the comment itself or stand above it."""
    if not wanted:
        return set()
    rows = session.execute(_CLOSED, {"id": comment_id, "wanted": list(wanted)})
    return set(rows.scalars())


def before(comment: Placed, wanted: Collection[int]) -> set[int]:
    """Return which of these comments may stand above one by their place: all that do, and perhaps some that do not."""
    place = {"root": comment.root_id, "pos": comment.pos, "depth": comment.depth}
    return set(session.execute(_BEFORE, {"wanted": list(wanted) or [0], **place}).scalars())


def answered(comment: CommentFacts, writer: int | None) -> int | None:
    """Return who wrote the nearest comment, from this one up, that is not the writer's own."""
    if writer is None or comment.author_id != writer:
        return comment.author_id
    return session.execute(_ANSWERED, {"id": comment.id, "writer": writer}).scalars().first()


def line(comment_id: int, most: int = 60) -> list[Ancestor]:
    """Return a comment and what stands above it, nearest first, at most `most` steps up."""
    rows = session.execute(_LINE, {"id": comment_id, "most": most})
    return [
        Ancestor(row.id, row.parent_id, row.author_id, row.created_at, str(row.name or ""), row.status) for row in rows
    ]
