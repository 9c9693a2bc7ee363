"""The figures of the desk: a page with charts and tables, and each table for spreadsheets."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import format_date
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import policy, web
from forum.clock import now
from forum.errors import NotFound
from forum.moderation import periods
from forum.moderation.periods import Period
from forum.moderation.queries.figures import MEASURES, figures, first_day
from forum.moderation.views import blueprint
from forum.moderation.views.figure_parts import TABLES, drawn, in_words, table
from forum.text.spreadsheets import BOM, csv_lines

blueprint.add_app_template_filter(in_words, "figure")


@blueprint.get("/moderation/figures", endpoint="figures")
@web.private(policy.may_open_desk)
def show_figures() -> str:
    """Show what was written, reported, held and removed, and how long decisions took."""
    today, zone = _today()
    period = _period(today, zone)
    found = figures(web.viewer(), period)
    return web.render(
        "moderation/figures.html",
        figures=found,
        totals={measure: found.total(measure) for measure in MEASURES},
        tables=[table(name, found) for name in TABLES],
        charts=drawn(found),
        period=period,
        title=_title(period),
        earlier=period.before if _has_more_before(period) else "",
        later=periods.after(period, today),
        everywhere=bool(policy.may_moderate_everywhere(web.viewer())),
        this_month=periods.month_of(today),
    )


@blueprint.get("/moderation/figures/<name>.csv")
@web.private(policy.may_open_desk)
def figures_csv(name: str) -> Response:
    """Send one table of the page for a spreadsheet: UTF-8, times that something took in minutes."""
    if name not in TABLES:
        raise NotFound()
    period = _period(*_today())
    wanted = table(name, figures(web.viewer(), period))
    minutes = [_("%(what)s (minutes)", what=head) for head in wanted.heads[6:]]
    lines = csv_lines([_plain(cell) for cell in row] for row in ([*wanted.heads[:6], *minutes], *wanted.rows))
    response = Response(BOM + lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{period.month or period.last}.csv"'
    return response


def _plain(cell: Any) -> Any:
    """Return what a spreadsheet reads as a number or a day."""
    if isinstance(cell, timedelta):
        return round(cell / timedelta(minutes=1), 1)
    return cell.isoformat() if isinstance(cell, date) else cell


def _today() -> tuple[date, ZoneInfo]:
    zone = ZoneInfo(web.site().timezone)
    return now().astimezone(zone).date(), zone


def _period(today: date, zone: ZoneInfo) -> Period:
    text = request.args.get("month", "")
    if not text:
        return periods.recent(today, zone)
    found = periods.month(text, today, zone)
    if found is None:
        raise NotFound(
            _("There is no such month here. A month is written like this: %(month)s.", month=f"{today:%Y-%m}")
        )
    return found


def _has_more_before(period: Period) -> bool:
    first: datetime | None = first_day(web.viewer())
    return first is not None and periods.month_of(first.astimezone(period.zone).date()) <= period.before


def _title(period: Period) -> str:
    if not period.month:
        return str(_("The last %(days)s days", days=periods.RECENT))
    return str(format_date(period.first, "MMMM y"))
