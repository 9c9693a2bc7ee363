"""The few pieces of SVG that the plot and the flame graph are drawn with; colours follow the reader's scheme."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

STYLE = """<style>
svg { background: #fff; } text { font: 12px sans-serif; fill: #222; }
.axis { stroke: #999; fill: none; } .grid { stroke: #ddd; fill: none; }
@media (prefers-color-scheme: dark) {
svg { background: #181a1b; } text { fill: #ddd; } .axis { stroke: #777; } .grid { stroke: #333; }
.on-colour text { fill: #111; } }
</style>"""


def picture(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """Return a whole file."""
    box = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img"><title>{escape(title)}</title>'
    return "\n".join([head, STYLE, *parts, "</svg>", ""])


def words(x: float, y: float, text: str, anchor: str = "start") -> str:
    """Return a line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def line(points: Iterable[tuple[float, float]], kind: str = "", colour: str = "") -> str:
    """Return a line through points, of a class of the style or in a colour."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    look = f'class="{kind}"' if kind else f'fill="none" stroke="{colour}" stroke-width="2"'
    return f'<polyline points="{path}" {look}/>'


def dot(x: float, y: float, colour: str, told: str) -> str:
    """Return a point that says what it is when pointed at."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"><title>{escape(told)}</title></circle>'
