"""The order of replies: answers by the person whom a comment answers come after all others.

Only threads in which such an answer stands elsewhere are read and written; of every other one the labels stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STEP = 2**32  # between two labels, as the program leaves it at a thread's end
CHUNK = 5000  # rows that are sent with one statement

BY_PARTNER = (
    "({0}.author_id = p.author_id OR ({0}.author_id IS NULL AND p.author_id IS NULL AND {0}.guest_name = p.guest_name))"
)
# Threads with an answer `c` by the partner `p`, the writer of what its parent answers, that has a sibling `s` ...
THREADS = f"""
    SELECT DISTINCT c.article_id, c.root_id FROM comments c
    JOIN comments parent ON parent.id = c.parent_id
    JOIN comments p ON p.id = parent.parent_id
    WHERE {BY_PARTNER.format("c")} AND EXISTS (
        SELECT 1 FROM comments s WHERE s.parent_id = c.parent_id AND %s
    )
"""
# ... by others behind it, or one behind it by the order of writing that stands before it.
BEFORE_OTHERS = f"s.pos > c.pos AND NOT coalesce({BY_PARTNER.format('s')}, FALSE)"
AFTER_YOUNGER = "s.pos < c.pos AND (s.created_at > c.created_at OR (s.created_at = c.created_at AND s.id > c.id))"
ROWS = sa.text(
    "SELECT id, parent_id, author_id, guest_name FROM comments WHERE article_id = :article AND root_id = :root"
    " ORDER BY created_at, id"
)
# First into negative numbers: one statement would meet its own unfinished rows as duplicates.
MOVE = sa.text("UPDATE comments SET pos = :label WHERE id = :row")
FLIP = sa.text("UPDATE comments SET pos = -pos - 1 WHERE article_id = :article AND root_id = :root AND pos < 0")


def upgrade() -> None:
    _reorder(BEFORE_OTHERS, _partner_last)


def downgrade() -> None:
    _reorder(AFTER_YOUNGER, lambda replies, answered: replies)


def _reorder(misplaced: str, arrange: Callable[[list[Any], Any], list[Any]]) -> None:
    connection = op.get_bind()
    for article, root in connection.execute(sa.text(THREADS % misplaced)).all():
        rows = connection.execute(ROWS, {"article": article, "root": root}).all()
        labels = [{"row": id, "label": -number * STEP - 1} for number, id in enumerate(_preorder(root, rows, arrange))]
        for start in range(0, len(labels), CHUNK):
            connection.execute(MOVE, labels[start : start + CHUNK])
        connection.execute(FLIP, {"article": article, "root": root})


def _preorder(root: int, rows: Iterable[Any], arrange: Callable[[list[Any], Any], list[Any]]) -> Iterator[int]:
    """Yield a thread's ids in reading order from rows in the order of writing."""
    known: dict[int | None, Any] = {}
    below: dict[int | None, list[Any]] = {}
    for row in rows:
        known[row.id] = row
        below.setdefault(row.parent_id, []).append(row)
    waiting = [known[root]]
    while waiting:
        row = waiting.pop()
        yield row.id
        waiting.extend(reversed(arrange(below.get(row.id, []), known.get(row.parent_id))))


def _partner_last(replies: list[Any], answered: Any) -> list[Any]:
    if answered is None or _writer(answered) is None:
        return replies
    return sorted(replies, key=lambda reply: _writer(reply) == _writer(answered))


def _writer(row: Any) -> int | str | None:
    return row.author_id or row.guest_name
