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
_OFTEN = 10  # times that each picture is shown on average, at most: a few bytes must not become a gigabyte
_LONGEST = 500  # characters of what a picture shows, as in the forms
_LEAST = 100  # characters that each counts at least, for choosing takes time, too


class Attachment(NamedTuple):
    """A picture of the blog: where, below which article and as the how manieth, what it shows, and its caption."""

    order: int
    number: str
    address: str
    words: str
    caption: str  # HTML


class Attachments:
    """The pictures of a blog by their number and by the article they were uploaded for."""

    def __init__(self) -> None:
        self._by_number: dict[str, Attachment] = {}
        self._by_article: dict[str, list[Attachment]] = {}
        self._room = _ROOM  # characters of the galleries of all articles

    def take(self, fields: Mapping[str, str], title: str, shows: str) -> None:
        """Keep an attachment, if it is a picture. What it shows is its title where nothing else says it."""
        address, number = fields.get("wp:attachment_url", "").strip(), fields.get("wp:post_id", "").strip()
        if _IMAGE.search(address):
            order = fields.get("wp:menu_order", "").strip()
            caption = fields.get("excerpt:encoded", "").strip()
            one = Attachment(_number(order), number, address, (shows or _said(title, address))[:_LONGEST], caption)
            self._room += _OFTEN * len(_figure(one))
            self._by_number.setdefault(number, one)
            self._by_article.setdefault(fields.get("wp:post_parent", "").strip(), []).append(one)

    def get(self, number: str) -> Attachment | None:
        """Return the picture of a number, if the export has it."""
        return self._by_number.get(number.strip())

    def of(self, article: str) -> Gallery:
        """Return what shows the galleries of an article."""
        room = _ROOM

        def gallery(attributes: Attributes) -> str:
            nonlocal room
            shown = []
            for one in self._chosen(article, attributes) if min(room, self._room) > 0 else ():
                shown.append(_figure(one))
                room -= len(shown[-1])
                self._room -= len(shown[-1])
                if min(room, self._room) <= 0:
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


def _said(title: str, address: str) -> str:
    """Return a picture's title, but nothing where it is only the file's name, which says nothing of what is seen."""
    file = unquote(address.rsplit("/", 1)[-1]).rsplit(".", 1)[0]
    return "" if _plain(title) == _plain(file) else title


def _figure(one: Attachment) -> str:
    return f'<figure><img src="{html.escape(one.address)}" alt="{html.escape(one.words)}"> {one.caption}</figure>'


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
