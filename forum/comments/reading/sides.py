"""Which rows of a discussion are side remarks: those that a reader can have folded to read the main line alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forum.comments.tree import Place

BEGINS, BELOW = "off", "beside"  # the classes of a side remark's first row, and of what stands below that


def sides(rows: Sequence[Any], found: Sequence[Place]) -> dict[int, str]:
    """Return the class of each row that is a side remark or stands below one.

    The last reply to a comment goes on with its line, the others are beside it (`tree.preorder`). A row whose parent is
    not on the page begins none: it is what the page is about.
    """
    classes: dict[int, str] = {}
    here: set[int] = set()
    for row, place in zip(rows, found, strict=True):
        if row.parent_id in classes:
            classes[row.id] = BELOW
        elif row.parent_id in here and not place.last:
            classes[row.id] = BEGINS
        here.add(row.id)
    return classes
