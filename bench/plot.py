"""Draw cost against size: both axes logarithmic, so that a flat line means "as dear as in a small discussion"."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench import svg
from bench.site import size

WIDTH, HEIGHT = 720.0, 400.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 150.0, 30.0, 50.0
SERIES = (
    ("drawn", "page drawn", "#d55e00"),
    ("reply", "reply", "#009e73"),
    ("permalink", "permalink", "#0072b2"),
    ("member", "page kept, signed in", "#cc79a7"),
    ("kept", "page kept, visitor", "#e69f00"),
)
Figures = dict[str, dict[str, float]]


def draw(costs: Figures) -> str:
    """Return the plot of what each act costs, from the table that `costs.by_size` gives."""
    rows = sorted((size(slug), row) for slug, row in costs.items() if slug.startswith("tree"))
    sizes = [count for count, _ in rows]
    names = [name for name, _, _ in SERIES if all(name in row for _, row in rows)]
    across = Scale(sizes, LEFT, WIDTH - RIGHT)
    up = Scale([row[name] for _, row in rows for name in names], HEIGHT - BOTTOM, TOP)
    parts = [*_frame(across, up), svg.words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "comments", "middle")]
    parts.append(svg.words(LEFT, 18, "milliseconds, in process, SQLite", "start"))
    labels: list[tuple[float, str]] = []
    for name, label, colour in SERIES:
        if name in names:
            points = [(across(count), up(row[name])) for count, row in rows]
            parts.append(svg.line(points, colour=colour))
            parts += [
                svg.dot(x, y, colour, f"{label}, {count:,} comments: {row[name]:.3g} ms")
                for (x, y), (count, row) in zip(points, rows, strict=True)
            ]
            labels.append((points[-1][1], label))
    parts += [svg.words(WIDTH - RIGHT + 8, y + 4, label) for y, label in _apart(labels)]
    return svg.picture(WIDTH, HEIGHT, "What a page, a link and a reply cost against the size of a discussion", parts)


class Scale:
    """Place figures along an axis of whole powers of ten."""

    def __init__(self, figures: Sequence[float], begin: float, end: float) -> None:
        self.low = math.floor(math.log10(min(figures)))
        self.high = max(self.low + 1, math.ceil(math.log10(max(figures))))
        self.begin, self.end = begin, end

    def __call__(self, figure: float) -> float:
        share = (math.log10(figure) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self) -> list[float]:
        """Return the powers of ten on it."""
        return [10.0**power for power in range(self.low, self.high + 1)]


def _frame(across: Scale, up: Scale) -> list[str]:
    parts = []
    for tick in up.ticks():
        parts.append(svg.line([(LEFT, up(tick)), (WIDTH - RIGHT, up(tick))], "grid"))
        parts.append(svg.words(LEFT - 6, up(tick) + 4, f"{tick:g}", "end"))
    for tick in across.ticks():
        parts.append(svg.line([(across(tick), TOP), (across(tick), HEIGHT - BOTTOM)], "grid"))
        parts.append(svg.words(across(tick), HEIGHT - BOTTOM + 18, f"{tick:,.0f}", "middle"))
    corner = [(LEFT, TOP), (LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, HEIGHT - BOTTOM)]
    return [*parts, svg.line(corner, "axis")]


def _apart(labels: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Move labels down until none covers another."""
    placed: list[tuple[float, str]] = []
    for y, label in sorted(labels):
        placed.append((max(y, placed[-1][0] + 14) if placed else y, label))
    return placed
