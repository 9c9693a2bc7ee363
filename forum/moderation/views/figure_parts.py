"""Lay out the figures of the desk: tables, which are pages' and spreadsheets' alike, and charts of what is in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import format_date, format_timedelta
from flask_babel import gettext as _

from forum.moderation import charts
from forum.moderation.charts import Chart, Column
from forum.moderation.forms import REASONS
from forum.moderation.queries.figures import Figures, Line
from forum.screening import wording

TABLES = ("days", "subjects", "reports", "holds", "removals")
BARS = 12  # of a chart of subjects or reasons; its table has more
WEEK = 7  # days between two labels
UNITS = (timedelta(minutes=1), timedelta(hours=1), timedelta(days=1))


@dataclass(frozen=True)
class Table:
    """A table of figures. A cell is a text, a number, a day, or a time that something took; None: there is none."""

    name: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


def table(name: str, figures: Figures) -> Table:
    """Return one of TABLES."""
    if name in ("days", "subjects"):
        lines = figures.days if name == "days" else figures.subjects
        return Table(
            name, _by_what()[name], [_("Day") if name == "days" else _("Subject"), *_heads()], list(map(_row, lines))
        )
    heads = [_("Rule") if name == "removals" else _("Reason"), _("Number")]
    return Table(name, _by_what()[name], heads, _worded(name, figures))


def drawn(figures: Figures) -> dict[str, list[Chart]]:
    """Return the charts of each table that has anything to draw."""
    found = {"days": _of_days(figures)}
    subjects = [(line.key, line.comments) for line in figures.subjects if line.comments]
    lists = {"subjects": subjects, **{name: _worded(name, figures) for name in ("reports", "holds", "removals")}}
    for name, counted in lists.items():
        title = _("Comments by subject") if name == "subjects" else _by_what()[name]
        told = "; ".join(f"{words}: {number}" for words, number in counted[:BARS])
        found[name] = [charts.rows(f"by-{name}", title, told, counted[:BARS])] if counted else []
    return found


def in_words(cell: Any) -> str:
    """Write a cell as a page shows it."""
    if isinstance(cell, timedelta):
        return str(format_timedelta(max(cell, timedelta(seconds=1)), granularity="second"))
    if isinstance(cell, date):
        return str(format_date(cell, _("d MMMM y")))
    return "–" if cell is None else str(cell)


def _by_what() -> Mapping[str, str]:
    return {
        "days": _("By day"),
        "subjects": _("By subject"),
        "reports": _("Reports by reason"),
        "holds": _("What waited for approval, by reason"),
        "removals": _("Removals by rule"),
    }


def _heads() -> list[str]:
    return [
        *(_("Comments"), _("Reports"), _("Waited for approval"), _("Removed")),
        *(_("Decided"), _("Half of it within"), _("Nine of ten within")),
    ]


def _row(line: Line) -> list[Any]:
    counts = [line.comments, line.reports, line.holds, line.removals]
    return [line.key, *counts, line.waits.decisions, line.waits.half, line.waits.most]


def _worded(name: str, figures: Figures) -> list[tuple[str, int]]:
    counted: list[tuple[str, int]] = getattr(figures, name)
    return [(_reason(name, code), number) for code, number in counted]


def _reason(name: str, code: str) -> str:
    if name == "reports":
        return str(REASONS.get(code, code))
    if name == "holds":
        return str(wording.why(code) or _("Nobody noted why."))
    return str({"spam": _("Spam"), "": _("No rule was named.")}.get(code, code))


def _of_days(figures: Figures) -> list[Chart]:
    titles = {
        "comments": _("Comments a day"),
        "reports": _("Reports a day"),
        "holds": _("Comments a day that waited for approval"),
        "removals": _("Removals a day"),
    }
    found = [_counts(name, title, figures) for name, title in titles.items() if figures.total(name)]
    return [*found, _times(figures)] if figures.waits.decisions else found


def _counts(name: str, title: str, figures: Figures) -> Chart:
    numbers = [getattr(line, name) for line in figures.days]
    most = max(numbers)
    when = in_words(figures.days[numbers.index(most)].key)
    told = _("%(sum)s in all; the most on %(day)s: %(most)s.", sum=sum(numbers), most=most, day=when)
    places = _places(figures, lambda line: str(getattr(line, name)), lambda line: (getattr(line, name), None))
    return charts.columns(name, title, told, places)


def _times(figures: Figures) -> Chart:
    longest = max((line.waits.most for line in figures.days if line.waits.most), default=timedelta())
    unit = max((unit for unit in UNITS if unit * 2 <= longest), default=UNITS[0])
    titles = (_("Minutes until a decision"), _("Hours until a decision"), _("Days until a decision"))
    told = _("In all: %(words)s", words=_within(figures.waits.half, figures.waits.most))

    def values(line: Line) -> tuple[float | None, float | None]:
        half, most = line.waits.half, line.waits.most
        return (half / unit, most / unit) if half is not None and most is not None else (None, None)

    places = _places(figures, lambda line: _within(line.waits.half, line.waits.most), values)
    return charts.columns("times", titles[UNITS.index(unit)], told, places)


def _within(half: timedelta | None, most: timedelta | None) -> str:
    return str(_("half within %(half)s, nine of ten within %(most)s", half=in_words(half), most=in_words(most)))


def _places(
    figures: Figures, told: Callable[[Line], str], values: Callable[[Line], tuple[float | None, float | None]]
) -> list[Column]:
    found = []
    for number, line in enumerate(figures.days):
        value, outer = values(line)
        label = format_date(line.key, _("d MMM")) if number % WEEK == 0 else ""
        day = format_date(line.key, _("d MMMM"))
        found.append(Column(value, f"{day}: {told(line)}", label, outer))
    return found
