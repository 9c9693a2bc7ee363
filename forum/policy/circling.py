"""When an exchange of two people goes in circles, so that moderators should look at it. Plain rules, plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, median

ROUNDS = 6  # a letter and its answer, each: fewer are a talk
WITHIN = timedelta(days=1)  # in which the newest ROUNDS were written: slower is a correspondence
SIGNS = 2  # of the four that follow, before anybody is shown it
MANY_ROUNDS = 12
HURRIED = 0.5  # times the gap between two letters: the second half of the exchange against the first
LONGER = 1.5  # times the length of a letter, likewise
REPORTS = 2  # open ones, of its letters


@dataclass(frozen=True)
class Letter:
    """One comment of an exchange: who wrote it, when, and how long it is, in characters."""

    writer_id: int
    at: datetime
    length: int


@dataclass(frozen=True)
class Circle:
    """An exchange that goes in circles.

    `pace` is the usual gap between two letters in its second half as a part of that in the first, `growth` the mean
    length of a letter likewise.
    """

    rounds: int
    lasted: timedelta
    pace: float
    growth: float
    reports: int


def circle(letters: Sequence[Letter], reports: int) -> Circle | None:
    """Return what is the matter with an exchange of two, in the order of writing, or None where nothing is.

    There are ROUNDS or more, the newest of them WITHIN a day, and SIGNS of these: MANY_ROUNDS, HURRIED, LONGER and
    REPORTS.
    Several letters of one person without an answer between them are one turn.
    """
    turns = _turns(letters)
    rounds = len(turns) // 2
    if rounds < ROUNDS or turns[-1][0].at - turns[-2 * ROUNDS][0].at > WITHIN:
        return None
    middle = len(turns) // 2
    gaps = [(after[0].at - before[0].at).total_seconds() for before, after in pairwise(turns)]
    lengths = [sum(letter.length for letter in turn) for turn in turns]
    found = Circle(
        rounds,
        turns[-1][-1].at - turns[0][0].at,
        median(gaps[middle:]) / max(median(gaps[:middle]), 1),
        fmean(lengths[middle:]) / max(fmean(lengths[:middle]), 1),
        reports,
    )
    return found if sum(_signs(found)) >= SIGNS else None


def is_worth_another_look(rounds: int, before: int) -> bool:
    """Tell whether an exchange that was shown with so many rounds `before` is shown again: it has as many more."""
    return rounds >= 2 * before


def _signs(found: Circle) -> tuple[bool, bool, bool, bool]:
    """Tell for each of the four signs whether it is there."""
    hurried, longer = found.pace <= HURRIED, found.growth >= LONGER
    return found.rounds >= MANY_ROUNDS, hurried, longer, found.reports >= REPORTS


def _turns(letters: Sequence[Letter]) -> list[list[Letter]]:
    turns: list[list[Letter]] = []
    for letter in letters:
        if turns and turns[-1][0].writer_id == letter.writer_id:
            turns[-1].append(letter)
        else:
            turns.append([letter])
    return turns
