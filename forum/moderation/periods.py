"""The time that figures are of: the last 30 days, or one month, in days of the site's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

RECENT = 30  # days, today among them
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Some days in a row. `month` is the one that was asked for, as the address says it: 2026-03; else empty."""

    first: date
    last: date
    zone: ZoneInfo
    month: str = ""

    @cached_property
    def days(self) -> list[date]:
        """Return the days, in their order."""
        return [self.first + n * _DAY for n in range((self.last - self.first).days + 1)]

    @cached_property
    def bounds(self) -> list[datetime]:
        """Return the moment at which each day begins, and the one at which the last day ends."""
        return [
            datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)
            for day in (*self.days, self.last + _DAY)
        ]

    @property
    def before(self) -> str:
        """Return the month before this one, or before today's."""
        return month_of(self.first.replace(day=1) - _DAY if self.month else self.last.replace(day=1) - _DAY)


def recent(today: date, zone: ZoneInfo) -> Period:
    """Return the last 30 days."""
    return Period(today - (RECENT - 1) * _DAY, today, zone)


def month(text: str, today: date, zone: ZoneInfo) -> Period | None:
    """Return a month, of the running one the days so far; None where no month is named, or one still to come."""
    found = _MONTH.fullmatch(text)
    if found is None or not 1970 <= int(found[1]) <= today.year:
        return None
    first = date(int(found[1]), int(found[2]), 1)
    last = (first + 31 * _DAY).replace(day=1) - _DAY
    return Period(first, min(last, today), zone, text) if first <= today else None


def month_of(day: date) -> str:
    """Write the month of a day as addresses do: 2026-03."""
    return f"{day.year:04}-{day.month:02}"


def after(period: Period, today: date) -> str:
    """Return the month after a month; empty where that is still to come."""
    following = period.last + _DAY
    return month_of(following) if period.month and following <= today else ""
