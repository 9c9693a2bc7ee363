"""The goals of the project's speed, and whether a run reaches them. Ratios are of two figures of the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench.site import CHAIN, size

Measured = dict[str, dict[str, dict[str, float]]]
FULL = 1000  # the smallest tree whose first page is full; a fuller page costs more than half a page


@dataclass(frozen=True)
class Goal:
    """Be one goal: what is measured, the figure asked for, and a further one where there is any.

    `most`: the figure is to be at most so much, else at least. `unit` stands behind figures that are no ratios.
    """

    what: str
    wanted: float
    stretch: float | None
    figure: Callable[[Measured], float | None]
    most: bool = False
    unit: str = ""

    def reached(self, figure: float) -> str:
        """Say how far a figure comes."""
        if self.stretch is not None and self._holds(figure, self.stretch):
            return "stretch"
        return "reached" if self._holds(figure, self.wanted) else "not reached"

    def _holds(self, figure: float, wanted: float) -> bool:
        return figure <= wanted if self.most else figure >= wanted


def _at(table: str, row: str, column: str) -> Callable[[Measured], float | None]:
    return lambda found: found.get(table, {}).get(row, {}).get(column)


def _ratio(
    above: Callable[[Measured], float | None], below: Callable[[Measured], float | None]
) -> Callable[..., float | None]:
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


def _largest(table: str, column: str) -> Callable[[Measured], float | None]:
    def figure(found: Measured) -> float | None:
        rows = {size(slug): row for slug, row in found.get(table, {}).items() if slug.startswith("tree")}
        return rows[max(rows)][column] if rows else None

    return figure


def _trouble(found: Measured) -> float | None:
    return sum(row["refused"] + row["lost"] for row in found["posts"].values()) if "posts" in found else None


_AT_1000 = f"tree-{FULL}"
GOALS = (
    Goal("visitor, page of 200, gzip / nginx gzip_static", 0.45, 0.75, _at("pages", "visitor 200 gzip", "share")),
    Goal(
        "visitor, 1,000 on one page, gzip / nginx gzip_static", 0.45, 0.75, _at("pages", "visitor 1000 gzip", "share")
    ),
    Goal("visitor, 1,000 on one page, not gzipped / nginx", 0.55, 0.9, _at("pages", "visitor 1000 plain", "share")),
    Goal("signed in, page of 200 / nginx gzip_static", 0.2, 0.3, _at("pages", "member 200", "share")),
    Goal("signed in, 1,000 on one page / nginx gzip_static", 0.2, 0.3, _at("pages", "member 1000", "share")),
    Goal("304 / nginx 304", 0.45, 0.5, _at("pages", "visitor 200 304", "share")),
    Goal("signed in, page of 200: own time", 1.5, None, _at("costs", _AT_1000, "member"), most=True, unit=" ms"),
    Goal(
        "signed in, page of 200 / an empty Flask view on the same server",
        *(0.4, 0.8),
        _ratio(_at("pages", "member 200", "rate"), _at("pages", "bare", "rate")),
    ),
    Goal(
        "visitor's first page after a write",
        *(5.0, None),
        _at("writes", "visitor, after a write", "ms"),
        most=True,
        unit=" ms",
    ),
    Goal(
        "signed in, first page after a write",
        *(5.0, None),
        _at("writes", "member, after a write", "ms"),
        most=True,
        unit=" ms",
    ),
    Goal(
        "time of a kept page, dearest / cheapest of all sizes",
        *(1.2, None),
        _over("costs", "kept", _spread),
        most=True,
    ),
    Goal(
        "time of a drawn page of 200, dearest / cheapest from 1,000 on",
        *(1.2, 1.05),
        _over("costs", "drawn", _spread, FULL),
        most=True,
    ),
    Goal("statements of a drawn page, most / least", 1.0, None, _over("costs", "drawn_sql", _spread), most=True),
    Goal(
        "page at nine tenths of the largest / its first page",
        *(1.2, 1.05),
        _ratio(_at("elsewhere", "page at nine tenths", "ms"), _at("elsewhere", "first page", "ms")),
        most=True,
    ),
    Goal(
        f"branch in the middle of a chain of {CHAIN:,} / first page of the largest",
        *(1.3, None),
        _ratio(_at("elsewhere", "branch from its middle", "ms"), _at("elsewhere", "first page", "ms")),
        most=True,
    ),
    Goal("posts by 8 clients, the slowest size", 400, None, _over("posts", "rate", min), unit="/s"),
    Goal("posts by 8 clients, fastest / slowest size", 1.15, None, _over("posts", "rate", _spread), most=True),
    Goal("posts refused or lost", 0, None, _trouble, most=True),
    Goal(
        "posts by 8 clients / the same form only read by Flask",
        *(0.18, 0.4),
        _ratio(_over("posts", "rate", min), _at("pages", "form", "rate")),
    ),
    Goal(
        "reply to the largest / to 100",
        *(1.5, 1.1),
        _ratio(_largest("costs", "reply"), _at("costs", "tree-100", "reply")),
        most=True,
    ),
    Goal(
        "post / turning its text into HTML",
        *(4.0, 2.0),
        _ratio(_at("writes", "post", "ms"), _at("writes", "text to HTML", "ms")),
        most=True,
    ),
    Goal(
        f"may one reply? at depth {CHAIN:,} / at depth 1",
        *(1.2, 1.05),
        _ratio(_at("permission", str(CHAIN), "open"), _at("permission", "1", "open")),
        most=True,
    ),
    Goal(
        "the same where the branch is closed",
        *(1.2, 1.05),
        _ratio(_at("permission", str(CHAIN), "closed"), _at("permission", "1", "closed")),
        most=True,
    ),
    Goal(
        "naive page of 1,000 / signed in, page kept",
        *(80, 200),
        _ratio(_at("writes", "naive page of all", "ms"), _at("costs", _AT_1000, "member")),
    ),
    Goal("memory serving the site", 220, None, _at("memory", "after reading and posting", "mb"), most=True, unit=" MB"),
    Goal(
        "memory / that of an empty Flask application",
        *(1.6, 1.3),
        _ratio(_at("memory", "after reading and posting", "mb"), _at("memory", "an empty application", "mb")),
        most=True,
    ),
    Goal("start-up", 1.0, None, _at("start", "forum serve", "seconds"), most=True, unit=" s"),
)
