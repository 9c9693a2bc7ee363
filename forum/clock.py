"""The only clock: every other file asks here, so that a test can move time in one place."""

from datetime import UTC, datetime, timedelta

# What is outside is a mistake or an attack. The years 1 and 9999 cannot be shown in every time zone.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

SENT_TWICE = timedelta(minutes=10)  # within which the same words in the same form are one, sent twice by mistake


def now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


def is_usable(moment: datetime) -> bool:
    """Tell whether a moment lies between 1970 and 2200, as every moment that is stored must."""
    return EARLIEST <= moment < LATEST
