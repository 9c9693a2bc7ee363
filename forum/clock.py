"""The only clock: every other file asks here, so that a test can move time in one place."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)
