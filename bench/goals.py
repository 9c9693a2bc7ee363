"""The goals of the project's speed, and whether a run reaches them. Ratios are of two figures of the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench.site import CHAIN, size

Measured = dict[str, dict[str, dict[str, float]]]
Figure = Callable[[Measured], float | None]
FULL = 1000  # the smallest tree whose first page is full; a fuller page costs more than half a page


@dataclass(frozen=True)
class Goal:
    """One goal: what is measured, and the figures asked for on SQLite and on PostgreSQL.

    `most`: the figure is to be at most so much, else at least. `unit` stands behind figures that are no ratios.
    """

    what: str
    sqlite: float
    postgresql: float
    figure: Figure
    most: bool = False
    unit: str = ""

    def wanted(self, database: str) -> float:
        """Return the figure asked for on a database."""
        return self.sqlite if database == "sqlite" else self.postgresql

    def is_reached(self, database: str, figure: float) -> bool:
        """Tell whether a figure is as good as the one asked for."""
        return figure <= self.wanted(database) if self.most else figure >= self.wanted(database)


def _at(table: str, row: str, column: str) -> Figure:
    return lambda found: found.get(table, {}).get(row, {}).get(column)


def _ratio(above: Figure, below: Figure) -> Callable[..., float | None]:
    def figure(found: Measured) -> float | None:
        one, other = above(found), below(found)
        return one / other if one is not None and other else None

    return figure


def _over(table: str, column: str, of: Callable[[list[float]], float], least: int = 0) -> Callable[..., float | None]:
    """Return what `of` makes of a column over all trees of at least so many comments, and the chain's not."""

    def figure(found: Measured) -> float | None:
        rows = found.get(table, {}).items()
        values = [row[column] for slug, row in rows if slug.startswith("tree") and size(slug) >= least]
        return of(values) if values else None

    return figure


def _spread(values: Iterable[float]) -> float:
    values = list(values)
    return max(values) / min(values) if min(values) else 1.0 + max(values)


def _largest(table: str, column: str) -> Figure:
    def figure(found: Measured) -> float | None:
        rows = {size(slug): row for slug, row in found.get(table, {}).items() if slug.startswith("tree")}
        return rows[max(rows)][column] if rows else None

    return figure


def _trouble(found: Measured) -> float | None:
    return sum(row["refused"] + row["lost"] for row in found["posts"].values()) if "posts" in found else None


def _dearest_export(found: Measured) -> float | None:
    rows = found.get("transfers", {}).items()
    return max((row["mb"] for name, row in rows if name != "wxr in"), default=None)


def _most(what: str, sqlite: float, postgresql: float, figure: Figure, unit: str = "") -> Goal:
    return Goal(what, sqlite, postgresql, figure, most=True, unit=unit)


GOALS = (
    Goal("visitor, page of 200, gzip / nginx gzip_static", 0.4, 0.2, _at("pages", "visitor 200 gzip", "share")),
    Goal("304 / nginx 304", 0.4, 0.2, _at("pages", "visitor 200 304", "share")),
    _most("member's first look at what others have read", 3, 5, _at("costs", f"tree-{FULL}", "member"), " ms"),
    _most("visitor's first page after a write", 12, 18, _at("writes", "visitor, after a write", "ms"), " ms"),
    _most("member's first page after a write", 12, 18, _at("writes", "member, after a write", "ms"), " ms"),
    _most("time of a kept page, dearest / cheapest of all sizes", 1.2, 1.2, _over("costs", "kept", _spread)),
    _most("time of a drawn page of 200, dearest / cheapest", 1.2, 1.2, _over("costs", "drawn", _spread, FULL)),
    _most("statements of a drawn page of 200, most / least", 1, 1, _over("costs", "drawn_sql", _spread, FULL)),
    _most(
        "page at nine tenths of the largest / its first page",
        *(1.2, 1.2),
        _ratio(_at("elsewhere", "page at nine tenths", "ms"), _at("elsewhere", "first page", "ms")),
    ),
    _most(
        f"branch in the middle of a chain of {CHAIN:,} / first page of the largest",
        *(3, 3),
        _ratio(_at("elsewhere", "branch from its middle", "ms"), _at("elsewhere", "first page", "ms")),
    ),
    Goal("posts by 8 clients, the slowest size", 350, 200, _over("posts", "rate", min), unit="/s"),
    _most("posts by 8 clients, fastest / slowest size", 1.15, 1.15, _over("posts", "rate", _spread)),
    _most("posts refused or lost", 0, 0, _trouble),
    _most(
        "reply to the largest / to 100",
        *(1.5, 1.5),
        _ratio(_largest("costs", "reply"), _at("costs", "tree-100", "reply")),
    ),
    _most(
        "reply of which 10,000 people hear / of which nobody hears",
        *(1.2, 1.2),
        _ratio(_at("followed", "many", "ms"), _at("followed", "nobody", "ms")),
    ),
    _most(
        f"may one reply? at depth {CHAIN:,} / at depth 1",
        *(1.2, 1.2),
        _ratio(_at("permission", str(CHAIN), "open"), _at("permission", "1", "open")),
    ),
    _most(
        "the same where the branch is closed",
        *(1.2, 1.2),
        _ratio(_at("permission", str(CHAIN), "closed"), _at("permission", "1", "closed")),
    ),
    *(
        _most(f"100,000 comments out as {name}", most, most, _at("transfers", format, "seconds"), " s")
        for format, name, most in (
            ("jsonl", "JSON Lines", 3),
            ("csv", "CSV", 5),
            ("wxr", "WXR", 5),
            ("html", "HTML", 15),
            ("markdown", "Markdown", 15),
        )
    ),
    _most("memory of an export above an idle process", 60, 60, _dearest_export, " MB"),
    Goal("comments in from WXR", 5000, 5000, _at("transfers", "wxr in", "rate"), unit="/s"),
    _most("memory of that", 300, 300, _at("transfers", "wxr in", "mb"), " MB"),
    _most("memory serving the site", 160, 160, _at("memory", "after reading and posting", "mb"), " MB"),
    _most("start-up", 1, 1, _at("start", "forum serve", "seconds"), " s"),
)
