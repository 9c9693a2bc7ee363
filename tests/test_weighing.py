"""What reports weigh, and when they hide something: `policy.weighing`."""

from datetime import UTC, datetime, timedelta

import pytest

from forum import policy
from forum.policy import Reporter, Role
from forum.policy.weighing import LEAST, UNPROVEN, UNPROVEN_TOGETHER, report_weight
from tests.test_policy import WIM, ZORA, Article, Person

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OLD, NEW = NOW - timedelta(days=30), NOW - timedelta(days=29)
GOOD, GUEST = Reporter(10, 0, OLD), Reporter()


@pytest.mark.parametrize(
    ("reporter", "weight"),
    [
        (GUEST, UNPROVEN),
        (Reporter(0, 0, OLD), UNPROVEN),
        (Reporter(2, 0, OLD), UNPROVEN),
        (Reporter(50, 0, NEW), UNPROVEN),  # a new account that reported much spam of its friends
        (Reporter(0, 1, OLD), LEAST),
        (Reporter(2, 3, OLD), LEAST),
        (Reporter(3, 0, OLD), 1.2),
        (Reporter(3, 1, OLD), 1.0),
        (Reporter(3, 5, OLD), 0.6),
        (Reporter(10, 0, OLD), 20 / 12),
        (Reporter(50, 50, OLD), 100 / 102),
        (Reporter(3, 97, OLD), LEAST),
        (Reporter(1000, 0, OLD), 2000 / 1002),
    ],
)
def test_one_report(reporter, weight):
    assert report_weight(reporter, NOW) == pytest.approx(weight)


def test_each_wrong_report_weighs_less_and_none_below_the_floor():
    weights = [report_weight(Reporter(5, wrong, OLD), NOW) for wrong in range(200)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == LEAST


def test_guests_and_newcomers_together():
    assert policy.weight_of_reports([GUEST], NOW) == pytest.approx(UNPROVEN)
    assert policy.weight_of_reports([GUEST] * 1000, NOW) == pytest.approx(UNPROVEN_TOGETHER)
    assert policy.weight_of_reports([GOOD, *[GUEST] * 9], NOW) == pytest.approx(20 / 12 + UNPROVEN_TOGETHER)
    assert policy.weight_of_reports([], NOW) == 0


PARTY = Reporter(10, 0, OLD, in_exchange=True)


@pytest.mark.parametrize(
    ("reporters", "limit", "hides"),
    [
        ([GOOD, GOOD], 3, True),
        ([GOOD, GOOD], 4, False),
        ([GOOD, GOOD], 0, False),
        ([GOOD], 1, False),  # one person alone
        ([GOOD, *[GUEST] * 50], 1, False),
        ([GUEST] * 500, 1, False),
        ([Reporter(50, 0, NEW)] * 500, 1, False),
        ([GOOD, PARTY], 1, False),
        ([GOOD, GOOD, PARTY], 4, False),
        ([GOOD, GOOD, GOOD], 4, True),
        ([Reporter(3, 97, OLD)] * 9, 1, False),  # their weights are at the floor
        ([], 0, False),
    ],
)
def test_when_reports_hide(reporters, limit, hides):
    assert policy.hides_unseen(reporters, limit, NOW) is hides


@pytest.mark.parametrize(
    ("writer", "spared"),
    [
        (Person(7), False),
        (Person(7, Role.AUTHOR), False),
        (Person(1, Role.AUTHOR), True),  # under the own article
        (Person(1), True),
        (Person(1, suspended_until=NOW), True),
        (Person(7, Role.MODERATOR), True),
        (Person(7, Role.ADMIN), True),
        (ZORA, True),  # moderates in a tag of the article
        (WIM, False),
        (None, False),
    ],
)
def test_whose_comments_are_never_hidden(writer, spared):
    assert policy.is_spared(writer, Article(1)) is spared
