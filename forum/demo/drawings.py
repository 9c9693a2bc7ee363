"""The pictures of the demo, drawn here, so that nobody else's are in it."""

from __future__ import annotations

import math
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 1200, 800
_FINE = 2  # drawn so many times larger, so that edges are smooth
_NIGHT, _WATER, _PAPER, _WOOD, _LAMP = "#23384a", "#5b8290", "#f3ead7", "#6b4a36", "#f2c36b"


def drawn(name: str) -> bytes:
    """Return a drawing as a PNG: `clock` or `river`."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), _NIGHT)
    {"clock": _clock, "river": _river}[name](ImageDraw.Draw(picture))
    file = BytesIO()
    picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _clock(pen: ImageDraw) -> None:
    """Draw the gable of the ferry house in the evening; its clock says four minutes to eight."""
    _shade(pen, 0, HEIGHT, (35, 56, 74), (226, 158, 116))
    _shape(pen, "#3d4f57", (0, 650), (260, 560), (520, 620), (860, 540), (1200, 610), (1200, 800), (0, 800))
    _shape(pen, "#7d3b32", (330, 380), (600, 120), (870, 380))
    _shape(pen, _PAPER, (380, 372), (600, 160), (820, 372), (820, 800), (380, 800))
    for left in (430, 690):
        _shape(pen, _LAMP, (left, 640), (left + 80, 640), (left + 80, 760), (left, 760))
        _line(pen, _WOOD, 6, (left + 40, 640), (left + 40, 760))
        _line(pen, _WOOD, 6, (left, 700), (left + 80, 700))
    _disc(pen, _WOOD, (600, 440), 150)
    _disc(pen, "#fffaf0", (600, 440), 136)
    for hour in range(12):
        _line(pen, _NIGHT, 14 if hour % 3 == 0 else 7, _hand(hour / 12, 104), _hand(hour / 12, 124))
    _line(pen, _NIGHT, 18, (600, 440), _hand((8 - 4 / 60) / 12, 70))
    _line(pen, _NIGHT, 11, (600, 440), _hand(56 / 60, 108))
    _disc(pen, _NIGHT, (600, 440), 14)


def _river(pen: ImageDraw) -> None:
    """Draw the river from the landing: reeds on the far bank, the crease, three mooring posts, and the boat."""
    _shade(pen, 0, 300, (244, 226, 190), (214, 214, 196))
    _shape(pen, "#8a9a72", (0, 300), (240, 250), (560, 285), (900, 240), (1200, 290), (1200, 340), (0, 340))
    for number in range(60):
        foot, lean = 20 * number + 7 * (number % 3), 4 + number % 5
        _line(pen, "#59683f", 5, (foot, 345), (foot + lean, 290 - 9 * (number % 4)))
    _shade(pen, 340, HEIGHT, (132, 166, 170), (62, 98, 112))
    for row in range(9):
        top = 380 + 48 * row
        for step in range(-1, 7):
            left = 190 * step + 90 * (row % 2)
            _line(pen, "#7fa3a8", 4, (left, top), (left + 50 + 6 * row, top - 7), (left + 110 + 8 * row, top))
    _line(pen, "#e9f0ea", 13, (0, 690), (280, 610), (560, 570), (860, 490), (1200, 455))
    _line(pen, _WATER, 5, (0, 712), (280, 630), (560, 588), (860, 506), (1200, 468))
    for number, left in enumerate((700, 850, 985)):
        _shape(pen, _WOOD, (left, 350 - 12 * number), (left + 24, 350 - 12 * number), (left + 28, 500), (left - 4, 500))
    _shape(pen, "#7d3b32", (250, 470), (520, 470), (480, 530), (290, 530))
    _shape(pen, _PAPER, (320, 405), (430, 405), (430, 470), (320, 470))
    _line(pen, _WOOD, 8, (470, 470), (470, 360))


def _hand(turn: float, length: float) -> tuple[float, float]:
    return 600 + length * math.sin(2 * math.pi * turn), 440 - length * math.cos(2 * math.pi * turn)


def _shade(pen: ImageDraw, top: int, end: int, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    for row in range(top * _FINE, end * _FINE):
        part = (row / _FINE - top) / (end - top)
        colour = tuple(round(a + (b - a) * part) for a, b in zip(first, last, strict=True))
        pen.line([(0, row), (WIDTH * _FINE, row)], fill=colour)


def _shape(pen: ImageDraw, colour: str, *corners: tuple[float, float]) -> None:
    pen.polygon([(x * _FINE, y * _FINE) for x, y in corners], fill=colour)


def _line(pen: ImageDraw, colour: str, width: int, *points: tuple[float, float]) -> None:
    pen.line([(x * _FINE, y * _FINE) for x, y in points], fill=colour, width=width * _FINE, joint="curve")


def _disc(pen: ImageDraw, colour: str, middle: tuple[float, float], radius: float) -> None:
    (x, y), r = middle, radius
    pen.ellipse([(x - r) * _FINE, (y - r) * _FINE, (x + r) * _FINE, (y + r) * _FINE], fill=colour)
