"""The colours of the stylesheet: text 4.5:1 and what means something 3:1, in light and dark, on every ground."""

from __future__ import annotations

import re

import pytest

from forum.paths import TEMPLATES
from forum.site.colours import contrast

CSS = (TEMPLATES.parent / "forum" / "static" / "forum.css").read_text("utf-8")
COLOURS = {name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", CSS)}
HUES = re.findall(r"\.hue-\d rect { fill: (#\w+); }", CSS)
TEXT = [
    *[(name, ground) for name in ("ink", "soft", "accent", "seal", "new") for ground in ("paper", "card")],
    *[("accent", "accent-wash"), ("ink", "accent-wash"), ("soft", "accent-wash"), ("on-accent", "accent")],
    *[("seal", "seal-wash"), ("ink", "seal-wash"), ("soft", "seal-wash"), ("on-accent", "seal"), ("ink", "mark")],
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("name", "ground"), TEXT)
def test_text_is_legible(name: str, ground: str, scheme: int) -> None:
    """Whatever is written in a colour can be read on every ground it stands on."""
    assert contrast(COLOURS[name][scheme], COLOURS[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_lines_are_seen(ground: str, scheme: int) -> None:
    """The lines of a thread and the borders of boxes are seen by those who see little."""
    assert contrast(COLOURS["rail"][scheme], COLOURS[ground][scheme]) >= 3


@pytest.mark.parametrize("hue", HUES)
def test_letters_on_avatars_are_legible(hue: str) -> None:
    """A white letter can be read on each of the eight colours of avatars."""
    assert len(HUES) == 8
    assert contrast("#ffffff", hue) >= 4.5
