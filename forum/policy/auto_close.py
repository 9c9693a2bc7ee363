"""When a discussion closes by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

GRACE = timedelta(hours=1)  # readers are told of a closing so long before it, and it never comes sooner


class AutoCloseSettings(Protocol):
    """The settings of the site about it, in days; 0 is never."""

    @property
    def auto_close_days(self) -> int: ...
    @property
    def auto_close_silent_days(self) -> int: ...


class AutoCloseFacts(Protocol):
    """The facts of an article about it; days of its own go before those of the site."""

    @property
    def published_at(self) -> datetime | None: ...
    @property
    def last_comment_at(self) -> datetime | None: ...
    @property
    def auto_close_days(self) -> int | None: ...
    @property
    def auto_close_silent_days(self) -> int | None: ...


@dataclass(frozen=True)
class AutoClose:
    """The moment from which a discussion is to be closed, and what for: "age" or "silence"."""

    at: datetime
    cause: str


def auto_close(site: AutoCloseSettings, article: AutoCloseFacts) -> AutoClose | None:
    """Return when an article's discussion is to be closed, whichever comes first; None where never.

    It may have passed already: then an hour of grace begins when that is noticed.
    """
    if article.published_at is None:
        return None
    days = site.auto_close_days if article.auto_close_days is None else article.auto_close_days
    silent = site.auto_close_silent_days if article.auto_close_silent_days is None else article.auto_close_silent_days
    heard = max(article.published_at, article.last_comment_at or article.published_at)
    found = [AutoClose(article.published_at + timedelta(days=days), "age")] if days else []
    found += [AutoClose(heard + timedelta(days=silent), "silence")] if silent else []
    return min(found, key=lambda one: one.at, default=None)
