"""Count what moderators removed and what left no place, to be told at the comment that was answered.

It is read from the rows, so it is gone with an undo. What waited and was never published is not told, nor is spam.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import bindparam, text

from forum.db import session
from forum.screening.rules import REPORTED

MARK = 60  # characters of a rule without a number
OF_ARTICLE = 0  # for a comment's id: what answers the article itself


class Removed(NamedTuple):
    """So many comments that were removed by one rule; without a rule it is empty."""

    rule: str
    number: int


# Both parts are read by the partial index `ix_comments_traces`: of the threads that a page shows each row, of threads
# that were removed as a whole their numbers. An erased comment has a rule only where readers had seen it
# (`statuses.erase`).
_GONE = "{c}.reply_count = 0 AND {c}.status IN ('hidden', 'sealed', 'erased')"
_TOLD = "coalesce(c.held_reason, :reported) = :reported AND (c.status <> 'erased' OR c.rule IS NOT NULL)"
_TRACES = text(
    f"""
    SELECT c.id, c.parent_id, c.pos, c.rule, CASE WHEN {_TOLD} THEN 1 ELSE 0 END AS number
    FROM comments c WHERE c.article_id = :article AND c.root_id IN :roots AND {_GONE.format(c="c")}
    UNION ALL
    SELECT 0, {OF_ARTICLE}, 0, c.rule, count(*) FROM comments c
    WHERE c.article_id = :ended AND {_GONE.format(c="c")} AND {_TOLD} AND c.root_id IN (
        SELECT r.id FROM comments r WHERE r.article_id = :ended AND r.parent_id IS NULL AND {_GONE.format(c="r")}
    )
    GROUP BY c.rule
    """  # noqa: S608 -- only our own constants are put in
).bindparams(bindparam("roots", expanding=True), reported=REPORTED)


def removed(article_id: int, roots: Sequence[int], *, is_end: bool) -> Mapping[int, tuple[Removed, ...]]:
    """Return by comment what was removed below it without a place, in threads of an article; one statement.

    Where the discussion ends, also what answers the article itself, by OF_ARTICLE. A removed branch is counted as a
    whole, at the comment that its first one answered.
    """
    values = {"article": article_id, "roots": list(roots), "ended": article_id if is_end else None}
    places: dict[int, int] = {}
    counted: dict[int, Counter[str]] = {}
    for row in sorted(session.connection().execute(_TRACES, values), key=attrgetter("pos")):  # parents come first
        places[row.id] = place = places.get(row.parent_id, row.parent_id)
        if row.number:
            counted.setdefault(place, Counter())[_mark(row.rule or "")] += row.number
    return {place: tuple(Removed(*one) for one in sorted(rules.items())) for place, rules in counted.items()}


def _mark(rule: str) -> str:
    """Return a rule's number where it has one, else its first words."""
    number, _, _ = rule.partition(". ")
    return number if number.isdecimal() else rule[:MARK]
