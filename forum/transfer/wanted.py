"""What somebody asks to export: everything, or what fits each of the things that they named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Wanted:
    """The part of a site that an export is of; nothing named is the whole site.

    `article` and `tag` are slugs, `person` is a sign-in name. `since` and `until` are the first and the last day, in
    the time zone of the site.
    """

    article: str = ""
    tag: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def is_everything(self) -> bool:
        """Tell whether it is the whole site."""
        return self == Wanted()

    @property
    def name(self) -> str:
        """Return a name for the file."""
        parts = [self.article, self.tag, self.person, *(str(day) for day in (self.since, self.until) if day)]
        return "-".join(filter(None, parts)) or "site"

    def values(self) -> dict[str, str]:
        """Return what was named, as texts."""
        return {name: str(value) for name, value in asdict(self).items() if value}


def read(values: Mapping[str, Any]) -> Wanted:
    """Return what `values()` wrote."""
    days = {name: date.fromisoformat(values[name]) for name in ("since", "until") if name in values}
    return Wanted(**{**values, **days})
