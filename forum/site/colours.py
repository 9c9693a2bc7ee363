"""The accent colour: whether it is legible, and its lighter variant for the dark theme. Pure."""

from __future__ import annotations

import re

LIGHT_PAPER = "#fbfaf7"
DARK_CARD = "#1d2024"  # the lightest background of the dark accent
LEGIBLE = 4.5  # WCAG 2.2, level AA, for text
WASH = 0.08  # how much of the accent is in the colour behind a badge
_HEX = re.compile(r"#[0-9a-f]{6}")

RGB = tuple[float, float, float]


def is_colour(text: str) -> bool:
    """Tell whether this is a colour as #rrggbb."""
    return bool(_HEX.fullmatch(text.lower()))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours after WCAG, from 1 to 21."""
    high, low = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def is_legible(accent: str) -> bool:
    """Tell whether text in this colour can be read on the light paper."""
    return contrast(accent, LIGHT_PAPER) >= LEGIBLE


def in_the_dark(accent: str) -> str:
    """Return the accent mixed with white until it can be read on dark cards."""
    return next(
        mixed for step in range(41) if contrast(mixed := _mixed(accent, "#ffffff", step / 40), DARK_CARD) >= LEGIBLE + 1
    )


def stylesheet(accent: str) -> str:
    """Return the CSS rule that replaces the shipped accent, or an empty text where there is no accent."""
    if not accent:
        return ""
    dark = in_the_dark(accent)
    wash = _wash(accent, LIGHT_PAPER), _wash(dark, DARK_CARD)
    return f":root {{ --accent: light-dark({accent}, {dark}); --accent-wash: light-dark({wash[0]}, {wash[1]}); }}\n"


def _wash(accent: str, paper: str) -> str:
    # Badges have accented letters on the wash: weaker until they can be read.
    shares = [WASH * step / 8 for step in range(8, -1, -1)]
    washes = [_mixed(paper, accent, share) for share in shares]
    return next((wash for wash in washes if contrast(accent, wash) >= LEGIBLE), paper)


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02x}" for a, b in pairs)


def _rgb(colour: str) -> RGB:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _luminance(rgb: RGB) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
