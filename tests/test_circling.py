"""When an exchange of two goes in circles: `policy.circling`."""

from datetime import UTC, datetime, timedelta

import pytest

from forum import policy
from forum.policy import Letter
from forum.policy.circling import ROUNDS

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def letters(number, gaps=(600,), lengths=(300,)):
    """Return an exchange of so many letters; gaps in seconds and lengths each for an equal part of it."""
    found, at = [], NOW
    for index in range(number):
        at += timedelta(seconds=gaps[index * len(gaps) // number])
        found.append(Letter(1 + index % 2, at, lengths[index * len(lengths) // number]))
    return found


FEW, MANY = 2 * ROUNDS, 24


@pytest.mark.parametrize(
    ("talk", "reports", "shown"),
    [
        ([], 0, False),
        (letters(FEW - 1, (600, 60), (300, 900)), 9, False),  # fewer than six rounds are a talk
        (letters(FEW), 0, False),
        (letters(FEW, gaps=(600, 60)), 0, False),  # one sign
        (letters(FEW, lengths=(300, 450)), 0, False),
        (letters(FEW), 2, False),
        (letters(MANY), 0, False),
        (letters(FEW, (600, 60), (300, 450)), 0, True),  # two signs
        (letters(FEW, gaps=(600, 60)), 2, True),
        (letters(FEW, lengths=(300, 450)), 2, True),
        (letters(FEW, lengths=(300, 450)), 1, False),
        (letters(FEW, lengths=(300, 449)), 2, False),
        (letters(FEW, gaps=(600, 301)), 2, False),
        (letters(MANY), 2, True),
        (letters(MANY, gaps=(600, 60)), 0, True),
        (letters(MANY - 1), 2, False),
        (letters(MANY, (9 * 3600, 4 * 3600), (300, 900)), 9, False),  # a correspondence of days
        (letters(MANY, gaps=(24 * 3600, 60)), 9, True),  # which grew hot
    ],
)
def test_what_is_shown(talk, reports, shown):
    assert (policy.circle(talk, reports) is not None) is shown


def test_what_is_said_of_it():
    found = policy.circle(letters(28, (600, 300), (200, 400)), 2)
    assert found is not None
    assert (found.rounds, found.growth, found.pace, found.reports) == (14, 2, 0.5, 2)
    assert found.lasted == timedelta(seconds=13 * 600 + 14 * 300)


def test_two_comments_in_a_row_by_one_person_are_one_turn():
    alone = [Letter(1, NOW + timedelta(minutes=minute), 300) for minute in range(40)]
    assert policy.circle(alone, 9) is None
    talk = letters(FEW, (600, 60), (300, 450))
    doubled = [Letter(one.writer_id, one.at + timedelta(seconds=more), one.length) for one in talk for more in (0, 1)]
    found = policy.circle(doubled, 0)
    assert found is not None and found.rounds == ROUNDS


def test_all_at_one_moment_divides_by_nothing():
    talk = [Letter(1 + index % 2, NOW, 0) for index in range(MANY)]
    assert policy.circle(talk, 2) is not None


@pytest.mark.parametrize(
    ("rounds", "before", "again"), [(11, 6, False), (12, 6, True), (30, 14, True), (27, 14, False)]
)
def test_shown_again_with_as_many_rounds_more(rounds, before, again):
    assert policy.is_worth_another_look(rounds, before) is again
