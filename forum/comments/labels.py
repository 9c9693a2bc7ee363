"""Preorder labels: where in its thread a row stands, and where its branch ends.

`pos` is a 64-bit number, unique within a thread, growing in reading order, with gaps. A new reply goes into the gap
after its parent's last descendant, or before its partner's answers (`tree.preorder`, `writing/placement.py`).
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import BigInteger, String, bindparam, column, text

from forum.db import session

STEP = 2**32  # between rows at a thread's end: room for 2**31 of them, and for many replies between any two

SHORT = 32  # steps down that are tried also where the way up is shorter
# Down the line of last replies: the last row met is the last descendant. Where that line is longer than the way up, up
# to the first row with a later sibling: what stands before that one is the last descendant. So the first reply to an
# old comment high in a chain of thousands does not walk the whole chain. Each step is one index look-up. The first
# comment of a thread needs neither: its last descendant is the thread's last row.
_LAST = f"""
    top AS (
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
"""  # noqa: S608 -- only our own constant is put in
_END = text(f"WITH RECURSIVE {_LAST} SELECT pos FROM last").bindparams(bindparam("parent", type_=BigInteger))  # noqa: S608

# Whether a reply is by the partner, the person whom the parent answers: by account, guests by name.
BY_PARTNER = (
    "(c.author_id = p.author_id OR c.author_id IS NULL AND p.author_id IS NULL AND c.guest_name = p.guest_name)"
)
# The partner's answers stand last among the replies (`tree.preorder`), so one look at each of them from the end finds
# the first; an erased guest's may stand among them, of which nobody knows any more who wrote it. A person who is
# not the partner writes before it, where there is one.
_GAP = f"""
    WITH RECURSIVE {_LAST}, partner AS (
        SELECT p.author_id, p.guest_name,
            coalesce(p.author_id = :author OR p.author_id IS NULL AND p.guest_name = :guest, FALSE) AS writes
        FROM top JOIN comments p ON p.id = top.parent_id
    ), theirs(first) AS (
        SELECT min(c.pos) FROM partner p JOIN comments c ON c.parent_id = (SELECT id FROM top)
        WHERE NOT p.writes AND {BY_PARTNER} AND c.pos > coalesce((
            SELECT c.pos FROM comments c WHERE c.parent_id = (SELECT id FROM top) AND NOT coalesce({BY_PARTNER}, FALSE)
            AND (c.author_id IS NOT NULL OR c.guest_name IS NOT NULL)
            ORDER BY c.pos DESC LIMIT 1
        ), -1)
    ), place(last) AS (
        SELECT CASE WHEN theirs.first IS NULL THEN (SELECT pos FROM last) ELSE (
            SELECT max(pos) FROM comments
            WHERE article_id = (SELECT article_id FROM top) AND root_id = (SELECT root_id FROM top)
            AND pos < theirs.first
        ) END FROM theirs
    )
    SELECT place.last, (
        SELECT min(c.pos) FROM comments c
        WHERE c.article_id = (SELECT article_id FROM top) AND c.root_id = (SELECT root_id FROM top)
        AND c.pos > place.last
    ) AS following FROM place
"""  # noqa: S608 -- only our own texts are put in
# One row: the labels between which a reply to :parent goes that :author writes, or a guest named :guest; there is no
# second one at the thread's end.
GAP = (
    text(_GAP)
    .bindparams(
        bindparam("parent", type_=BigInteger), bindparam("author", type_=BigInteger), bindparam("guest", type_=String)
    )
    .columns(column("last", BigInteger), column("following", BigInteger))
    .subquery("gap")
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
