"""Encode a picture anew as WebP, in the widths in which it is served."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from forum.site.opening import opened
from forum.text.pictures import WIDTHS, Picture, widths_of

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

TALLEST = 4 * WIDTHS[-1]  # pixels: a long drawing; WebP itself ends at 16,383
QUALITY = 82
FIELD = "picture"  # of the form
_CHUNKS = (
    b"VP8 ",
    b"VP8L",
    b"VP8X",
    b"ALPH",
)  # of a WebP file: pixels. Others say where a picture was taken, and by whom.


@dataclass(frozen=True)
class Encoded:
    """A picture with its files by width."""

    picture: Picture
    files: Mapping[int, bytes]


def encoded(upload: bytes, most_pixels: int, whose: str) -> Encoded:
    """Return an uploaded picture in its widths, never enlarged, with nothing of the file but its pixels.

    `whose` goes into the hash: the same picture of another person is another one, so that nobody finds by its hash what
    others keep. Raises Invalid for the field `picture`, Busy. It takes a second: call it before any lock.
    """
    with opened(upload, FIELD, most_pixels, WIDTHS[-1]) as full:
        width, height = _size(full.width, full.height)
        largest = _resized(full, (width, height))
        files = {one: _webp(_resized(largest, (one, height_at(largest, one)))) for one in widths_of(width)}
    digest = hashlib.sha256(whose.encode() + b"\n" + files[width]).hexdigest()[:32]
    return Encoded(Picture(digest, width, height), files)


def is_plain_webp(data: bytes, width: int, height: int) -> bool:
    """Tell whether a file is a still WebP picture of this size that holds nothing but its pixels."""
    from PIL import Image

    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or int.from_bytes(data[4:8], "little") + 8 != len(data):
        return False
    at = 12
    while at + 8 <= len(data):
        if data[at : at + 4] not in _CHUNKS:
            return False
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + length % 2
    try:
        with Image.open(BytesIO(data), formats=["WEBP"]) as picture:
            return at == len(data) and picture.size == (width, height)
    except Exception:  # noqa: BLE001, RUF100 -- decoders raise errors of any class for a broken file
        return False


def height_at(picture: Picture | PillowImage, width: int) -> int:
    """Return how high a picture is in one of its widths."""
    return max(1, round(picture.height * width / picture.width))


def _size(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, WIDTHS[-1] / width, TALLEST / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _resized(picture: PillowImage, size: tuple[int, int]) -> PillowImage:
    from PIL import Image

    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def _webp(picture: PillowImage) -> bytes:
    from PIL import Image

    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)  # the pixels only: profiles and texts stay behind
    file = BytesIO()
    clean.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()
