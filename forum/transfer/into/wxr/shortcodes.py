"""Turn the shortcodes of WordPress that show something into HTML: captions, galleries, films, sounds. Pure, linear."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping

# What stands in quotation marks may hold tags: the captions of old exports do. "[[" is one that is shown as typed.
_SHORTCODE = re.compile(
    r"(?<!\[)\[(/?)(?:wp_)?(caption|embed|gallery|audio|video|playlist|contact-form[a-z0-9-]*)(?![\w-])"
    r"((?:\"[^\"\[\]]*+\"|'[^'\[\]]*+'|[^\[\]<>])*+)\]",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"([a-z0-9_]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"']++))", re.IGNORECASE)
_FILES = {"audio": ("src", "mp3", "m4a", "ogg", "wav", "wma"), "video": ("src", "mp4", "m4v", "webm", "ogv", "flv")}
Attributes = Mapping[str, str]
Gallery = Callable[[Attributes], str]  # its attributes -> its pictures as HTML, empty where none is known


def as_html(source: str, gallery: Gallery) -> tuple[str, int]:
    """Return a text with its shortcodes as HTML, and how many were kept because nothing is known of what they show."""
    taken = _Shortcodes(gallery)
    return _SHORTCODE.sub(taken.take, source), taken.kept


class _Shortcodes:
    """The shortcodes of one text, from the first to the last."""

    def __init__(self, gallery: Gallery) -> None:
        self.gallery = gallery
        self.caption = ""  # which an open one has as an attribute, as WordPress wrote it before 2012
        self.kept = 0

    def take(self, found: re.Match[str]) -> str:
        """Return what stands instead of a shortcode."""
        ends, name = bool(found[1]), found[2].lower()
        if name == "embed":
            return "\n\n"
        if name == "caption":
            return self._caption(ends, _attributes(found[3]))
        if ends:
            return ""
        shown = self._shown(name, _attributes(found[3]))
        self.kept += not shown
        return shown or found[0]

    def _caption(self, ends: bool, attributes: Attributes) -> str:
        before, self.caption = self.caption, attributes.get("caption", "")
        return f" {before}</figure>" if ends else "<figure>"

    def _shown(self, name: str, attributes: Attributes) -> str:
        if name == "gallery":
            return self.gallery(attributes)
        address = next((attributes[one] for one in _FILES.get(name, ()) if attributes.get(one)), "")
        return f'\n\n<video src="{html.escape(address)}"></video>\n\n' if address else ""


def _attributes(text: str) -> Attributes:
    return {found[1].lower(): found[2] or found[3] or found[4] or "" for found in _ATTRIBUTE.finditer(text)}
