"""What a person gets by mail, and when: at once, in one mail an hour or a day, or never."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

KINDS = ("answer", "comment", "article", "decision")  # of mails; the first three are kinds of notices, too
WHEN = ("now", "hourly", "daily", "never")
USUAL = {"answer": "now", "comment": "daily", "article": "daily", "decision": "now"}
MORNING = time(7)  # in the site's time zone, when daily mails go out
# The kind of mail that each kind of subscription brings.
BRINGS = {
    "answers": "answer",
    **dict.fromkeys(("branch", "article"), "comment"),
    **dict.fromkeys(("tag", "person", "site"), "article"),
}


class Follower(NamedTuple):
    """A follower, who is told: a person, or an address without an account. One of the two is given."""

    person_id: int | None = None
    address_id: int | None = None

    @classmethod
    def of(cls, subject: Mapping[str, Any]) -> Follower:
        """Return whom a job is about."""
        return cls(subject.get("person"), subject.get("address"))

    @property
    def subject(self) -> dict[str, int]:
        """Return what the subject of a job says of them."""
        if self.person_id is not None:
            return {"person": self.person_id}
        return {"address": self.address_id or 0}

    @property
    def mark(self) -> str:
        """Return what stands for them in the key of a job."""
        return str(self.person_id) if self.person_id is not None else f"address-{self.address_id}"


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
