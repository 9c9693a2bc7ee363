"""What a person gets by mail, and when: at once, in one mail an hour or a day, or never."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

KINDS = ("answer", "comment", "article", "decision")  # of mails; the first three are kinds of notices, too
WHEN = ("now", "hourly", "daily", "never")
USUAL = {"answer": "now", "comment": "daily", "article": "daily", "decision": "now"}
MORNING = time(7)  # in the site's time zone, when daily mails go out


def kind_of(notice: str) -> str:
    """Return the kind of mail that a kind of notice belongs to."""
    return notice if notice in KINDS else "decision"


def chosen(stored: Mapping[str, str]) -> dict[str, str]:
    """Return for each kind when a person gets it; `stored` has what they chose themselves."""
    return {kind: stored.get(kind, usual) for kind, usual in USUAL.items()}


def due(when: str, moment: datetime, timezone: str) -> datetime:
    """Return when what was told at a moment is mailed."""
    if when == "now":
        return moment
    if when == "hourly":
        return moment + timedelta(hours=1)
    here = moment.astimezone(ZoneInfo(timezone))
    morning = datetime.combine(here.date(), MORNING, here.tzinfo)
    return morning if morning > here else datetime.combine(here.date() + timedelta(days=1), MORNING, here.tzinfo)
