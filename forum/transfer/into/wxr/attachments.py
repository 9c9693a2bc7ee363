"""The pictures of an export, which the galleries of its articles show. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from forum.transfer.into.wxr.shortcodes import Attributes, Gallery

_IMAGE = re.compile(r"\.(?:jpe?g|jpe|png|gif|webp|avif|bmp|heic)$", re.IGNORECASE)
_GALLERY = re.compile(r"\[gallery\b", re.IGNORECASE)
_ROOM = 1_000_000  # characters of all galleries of an article
_LEAST = 100  # characters that each counts at least, for choosing takes time, too


class Attachment(NamedTuple):
    """A picture of the blog: where, below which article and as the how manieth, and its words."""

    order: int
    number: str
    address: str
    title: str
    caption: str  # HTML


class Attachments:
    """The pictures of a blog by their number and by the article they were uploaded for."""

    def __init__(self) -> None:
        self._by_number: dict[str, Attachment] = {}
        self._by_article: dict[str, list[Attachment]] = {}

    def take(self, fields: Mapping[str, str], title: str) -> None:
        """Keep an attachment, if it is a picture."""
        address, number = fields.get("wp:attachment_url", "").strip(), fields.get("wp:post_id", "").strip()
        if _IMAGE.search(address):
            order = fields.get("wp:menu_order", "").strip()
            caption = fields.get("excerpt:encoded", "").strip()
            one = Attachment(_number(order), number, address, title, caption)
            self._by_number.setdefault(number, one)
            self._by_article.setdefault(fields.get("wp:post_parent", "").strip(), []).append(one)

    def of(self, article: str) -> Gallery:
        """Return what shows the galleries of an article."""
        room = _ROOM

        def gallery(attributes: Attributes) -> str:
            nonlocal room
            shown = []
            for one in self._chosen(article, attributes) if room > 0 else ():
                shown.append(_figure(one))
                room -= len(shown[-1])
                if room <= 0:
                    return ""
            room -= _LEAST
            return "\n\n" + "".join(shown) + "\n\n" if shown else ""

        return gallery

    def _chosen(self, article: str, attributes: Attributes) -> list[Attachment]:
        """Choose and order as WordPress does: by the order named, else by the order of the article's own."""
        named = attributes.get("ids") or attributes.get("include")
        if named:
            numbers = re.findall("[0-9]+", named)
            return [self._by_number[number] for number in numbers if number in self._by_number]
        left_out = set(re.findall("[0-9]+", attributes.get("exclude", "")))
        own = self._by_article.get(attributes.get("id") or article, [])
        chosen = sorted(own, key=lambda one: (one.order, _number(one.number)))
        if attributes.get("order", "").upper() == "DESC":
            chosen.reverse()
        return [one for one in chosen if one.number not in left_out]


def has_gallery(text: str) -> bool:
    """Return whether a text shows pictures that stand elsewhere in the export."""
    return _GALLERY.search(text) is not None


def _figure(one: Attachment) -> str:
    # A title that is only the file's name says nothing of what is to be seen.
    file = unquote(one.address.rsplit("/", 1)[-1]).rsplit(".", 1)[0]
    words = "" if _plain(one.title) == _plain(file) else one.title
    return f'<figure><img src="{html.escape(one.address)}" alt="{html.escape(words)}"> {one.caption}</figure>'


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
