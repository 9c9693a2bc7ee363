"""Where the pieces of a chart lie; `moderation/_chart.html` draws them as SVG.

A chart is as wide as a phone, and is drawn at most half as large again: so its letters stay letters. What two bars of
one place mean, their form says (full, or an outline), not their colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 36, 6, 12, 24  # around the columns
ROW, BAR, NUMBER = 38, 12, 56  # a row of a list, its bar, and the room for the number beside it
LABEL = 52  # letters of a name above its bar


@dataclass(frozen=True)
class Bar:
    """One bar. `told` says it in words, to those who point at it."""

    x: float
    y: float
    width: float
    height: float
    told: str


@dataclass(frozen=True)
class Words:
    """A line of text at a place; `anchor` is start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class Chart:
    """A chart. `title` and `told` are what those hear who do not see it; `lines` are the heights of its grid."""

    name: str
    title: str
    told: str
    height: int
    bars: list[Bar]
    outlines: list[Bar] = field(default_factory=list)
    lines: list[float] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    width: int = WIDTH


@dataclass(frozen=True)
class Column:
    """One place of a chart of columns; `outer` is drawn around it as an outline. None: there is nothing to draw."""

    value: float | None
    told: str
    label: str = ""  # below it
    outer: float | None = None


def columns(name: str, title: str, told: str, places: Sequence[Column]) -> Chart:
    """Lay columns beside each other, above a scale from nothing to a round number."""
    top = round_above(max((max(place.value or 0, place.outer or 0) for place in places), default=0))
    step, room = (WIDTH - LEFT - RIGHT) / max(len(places), 1), HEIGHT - TOP - BOTTOM
    ground = HEIGHT - BOTTOM

    def bar(number: int, value: float, told: str, share: float) -> Bar:
        width, height = step * share, max(room * value / top, 1.5)
        return Bar(LEFT + step * number + (step - width) / 2, ground - height, width, height, told)

    lines = [ground - room * part for part in (0, 0.5, 1)]
    scale = [Words(LEFT - 6, y + 4, f"{top * part:g}", "end") for y, part in zip(lines, (0, 0.5, 1), strict=True)]
    below = [
        Words(LEFT + step * (number + 0.5), HEIGHT - 6, place.label, "middle")
        for number, place in enumerate(places)
        if place.label
    ]
    return Chart(
        *(name, title, told, HEIGHT),
        bars=[bar(n, place.value, place.told, 0.7) for n, place in enumerate(places) if place.value],
        outlines=[bar(n, place.outer, place.told, 0.86) for n, place in enumerate(places) if place.outer],
        lines=lines,
        words=[*scale, *below],
    )


def rows(name: str, title: str, told: str, places: Sequence[tuple[str, int]]) -> Chart:
    """Lay bars below each other, each with its name above it and its number beside it."""
    most = max((number for _, number in places), default=0) or 1
    bars, words = [], []
    for row, (label, number) in enumerate(places):
        y, width = ROW * row, max((WIDTH - NUMBER) * number / most, 1.5)
        bars.append(Bar(0, y + 20, width, BAR, f"{label}: {number}"))
        words.append(Words(0, y + 14, label if len(label) <= LABEL else f"{label[: LABEL - 1]}…"))
        words.append(Words(width + 6, y + 20 + BAR - 1.5, str(number)))
    return Chart(name, title, told, ROW * len(places) + 4, bars, words=words)


def round_above(value: float) -> float:
    """Return the next of 2, 4, 10, 20, 40, 100 ...: the scale's end, whose half is a whole number, too."""
    end = 2.0
    while end < value:
        for factor in (1, 2, 5):
            if (found := end * factor) >= value:
                return found
        end *= 10
    return end
