"""Count what moderators removed and what left no place, to be told at the comment that was answered.

It is read from the rows, so it is gone with an undo. What waited and was never published is not told, nor is spam.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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


# From each comment down through what has no place, by the partial index `ix_comments_traces`. Below a comment without
# a place nothing has one. An erased comment has a rule only where readers had seen it (`statuses.erase`).
_GONE = "{c}.reply_count = 0 AND {c}.status IN ('hidden', 'sealed', 'erased')"
_TRACES = text(
    f"""
    WITH RECURSIVE gone(id, place) AS (
        SELECT a.id, a.parent_id FROM comments a WHERE a.parent_id IN :ids AND {_GONE.format(c="a")}
        UNION ALL
        SELECT b.id, {OF_ARTICLE} FROM comments b
        WHERE b.parent_id IS NULL AND b.article_id = :article AND {_GONE.format(c="b")}
        UNION ALL
        SELECT c.id, gone.place FROM gone JOIN comments c ON c.parent_id = gone.id WHERE {_GONE.format(c="c")}
    )
    SELECT gone.place, comments.rule, count(*) FROM gone JOIN comments ON comments.id = gone.id
    WHERE coalesce(comments.held_reason, :reported) = :reported
        AND (comments.status <> 'erased' OR comments.rule IS NOT NULL)
    GROUP BY gone.place, comments.rule
    """  # noqa: S608 -- only our own constants are put in
).bindparams(bindparam("ids", expanding=True), reported=REPORTED)


def removed(ids: Iterable[int], article_id: int | None) -> Mapping[int, tuple[Removed, ...]]:
    """Return by comment what was removed below it without a place, one statement however many there are.

    Of an article that is given also what answers the article itself, by OF_ARTICLE.
    """
    counted: dict[int, Counter[str]] = {}
    for place, rule, number in session.connection().execute(_TRACES, {"ids": list(ids), "article": article_id}):
        counted.setdefault(place, Counter())[_mark(rule or "")] += number
    return {place: tuple(Removed(*one) for one in sorted(rules.items())) for place, rules in counted.items()}


def _mark(rule: str) -> str:
    """Return a rule's number where it has one, else its first words."""
    number, _, _ = rule.partition(". ")
    return number if number.isdecimal() else rule[:MARK]
