"""The times of comments."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from babel.dates import format_date, get_timezone
from flask_babel import gettext as _

from forum import web
from forum.clock import now
from forum.comments.views import blueprint


class Times(NamedTuple):
    """How times are shown now: in which zone and which language. To ask for both at each was a sixth of a page."""

    zone: str
    language: str

    def short(self, value: datetime, since: datetime | None = None) -> str:
        """Show a comment's time: 17 Sep, 11:32; with the year only where it is not the year of `since`."""
        return _short_time(value, since, self.zone, self.language)

    def beside(self, value: datetime, beside: datetime, since: datetime | None = None) -> str:
        """Show the time of a comment that is named beside another: 14:41 on the same day, else as `short` does."""
        whole, other = self.short(value, since), self.short(beside, since)
        day, _comma, clock = whole.rpartition(", ")
        return clock if other.startswith(f"{day}, ") else whole


@blueprint.app_template_global()
def times() -> Times:
    """Return how times are shown to the viewer."""
    return Times(web.site().timezone, web.language())


@blueprint.app_template_filter("short_time")
def short_time(value: datetime, since: datetime | None = None) -> str:
    """Show one comment's time; many are shown by `times`."""
    return times().short(value, since)


@blueprint.app_template_filter("time_now")
def time_now(value: datetime) -> str:
    """Show a comment's time with the year only where it is not the present one.

    If you show this on a page that is kept (a discussion), also make the page end with the year, else it is wrong after
    New Year. There `short_time` goes by the article's date, which stands on the page and does not change.
    """
    return short_time(value, now().replace(second=0, microsecond=0))  # to the minute, for the sake of the cache below


@lru_cache(maxsize=4096)
def _short_time(value: datetime, since: datetime | None, zone_name: str, language: str) -> str:
    zone = _zone(zone_name)
    local = value.astimezone(zone)
    same_year = since is not None and since.astimezone(zone).year == local.year
    return f"{_short_date(local.date(), language, same_year)}, {local:%H:%M}"


@lru_cache(maxsize=4096)
def _short_date(value: date, language: str, same_year: bool) -> str:
    # A page of 200 comments is of a few days; formatting each anew took a third of the time of drawing it.
    return str(format_date(value, _("d MMM") if same_year else _("d MMM y"), language))


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    return get_timezone(name)
