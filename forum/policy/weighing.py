"""How much a report weighs, and when reports hide a comment until somebody decides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from forum.policy.facts import Actor, ModeratedFacts
from forum.policy.moderating import moderates

PROVEN_BY = 3  # reports that led to a removal, before somebody's reports weigh by how often they were right
KNOWN_SINCE = timedelta(days=30)  # an account younger than that is a newcomer's, whatever it reported
UNPROVEN = 0.2  # the weight of a report by a guest or a newcomer
UNPROVEN_TOGETHER = 0.5  # the weight of all of them, however many there are
LEAST = 0.1  # of anybody's report: the floor
READERS_NEEDED = 2  # proven ones, before anything is hidden: one person alone silences nobody


@dataclass(frozen=True)
class Reporter:
    """The facts of a reporter: how many reports of theirs were answered by a removal, and how many by keeping.

    `since` is when the account was made, None for a guest. `in_exchange` tells that they and the writer answer each
    other in this thread.
    """

    right: int = 0
    wrong: int = 0
    since: datetime | None = None
    in_exchange: bool = False


def is_proven(reporter: Reporter, now: datetime) -> bool:
    """Tell whether somebody's reports weigh by how often they were right: often enough, with an account of some age."""
    known = reporter.since is not None and now - reporter.since >= KNOWN_SINCE
    return known and reporter.right >= PROVEN_BY


def report_weight(reporter: Reporter, now: datetime) -> float:
    """Return what one report weighs, from LEAST to just below 2.

    Of a proven reporter twice the share that was right, counted as if two more had been wrong: three of three weigh
    1.2, ten of ten 1.7, half of many just below 1. Of anybody else UNPROVEN, or LEAST where more were wrong than right.
    """
    if not is_proven(reporter, now):
        return UNPROVEN if reporter.wrong <= reporter.right else LEAST
    return max(LEAST, 2 * reporter.right / (reporter.right + reporter.wrong + 2))


def weight_of_reports(reporters: Collection[Reporter], now: datetime) -> float:
    """Return what reports weigh together. Those of guests and newcomers never weigh more than UNPROVEN_TOGETHER."""
    proven = sum(report_weight(one, now) for one in reporters if is_proven(one, now))
    others = sum(report_weight(one, now) for one in reporters if not is_proven(one, now))
    return proven + min(UNPROVEN_TOGETHER, others)


def hides_unseen(reporters: Collection[Reporter], limit: int, now: datetime) -> bool:
    """Tell whether reports hide a comment until somebody decides; with a limit of 0 they never do.

    Reports by a person who is in an exchange with the writer in this thread count nothing here: it is how one would
    win an argument. Two proven reporters at least are needed, so that new accounts hide nothing, however many.
    """
    counted = [one for one in reporters if not one.in_exchange]
    enough = sum(is_proven(one, now) for one in counted) >= READERS_NEEDED
    return limit > 0 and enough and weight_of_reports(counted, now) >= limit


def is_spared(writer: Actor | None, article: ModeratedFacts) -> bool:
    """Tell whose comments reports never hide: those of who moderates here, and of the article's author.

    `writer` is None for a guest. A suspended author is spared as well: it is their own article.
    """
    return writer is not None and (writer.id == article.author_id or moderates(writer, article))
