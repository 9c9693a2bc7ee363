"""XML as text: with what XML 1.0 allows, and nothing else."""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

# Compiled where it is needed: no start waits for it.
_FORBIDDEN = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def child(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """Append an element. Characters that XML 1.0 forbids (2.2) are left out, wherever they came from."""
    made = SubElement(parent, tag, {name: legal(value) for name, value in attributes.items()})
    if text is not None:
        made.text = legal(text)
    return made


def legal(text: str) -> str:
    """Return a text without what XML 1.0 forbids even as a reference."""
    return re.sub(_FORBIDDEN, "", text)


def moment(value: datetime) -> str:
    """Write a moment as feeds and sitemaps do (RFC 3339)."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def document(root: Element) -> bytes:
    """Return an element as a whole document in UTF-8."""
    made: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return made
