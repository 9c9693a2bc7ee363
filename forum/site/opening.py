"""Open an uploaded picture, whatever it is made of: only its pixels are kept. All pictures are opened here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from forum.errors import Busy, Invalid

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")  # no SVG: it can carry scripts
UNPACKED = 2  # of what is unpacked in full, so many times fewer pixels are allowed
FEW = 16_000_000  # pixels that a JPEG may have all the same, where so many are allowed: they take 100 MB at most
WAIT = 10.0  # seconds: a large photograph takes one
# An open picture takes four bytes a pixel. If you open several at a time, or copy one before it is smaller, also count
# that, else a few uploads at once take the machine's memory.
_one_at_a_time = threading.Lock()


@contextmanager
def opened(upload: bytes, field: str, most_pixels: int, enough: int) -> Iterator[PillowImage]:
    """Open a picture upright, in RGB or RGBA; of an animation the first picture. One is open in a process at a time.

    `enough` is the side in pixels that is wanted of it: of a JPEG no more is unpacked. Raises Invalid for `field` where
    it is no picture, or too large to open safely; Busy where others are opened all the time.
    """
    if not _one_at_a_time.acquire(timeout=WAIT):
        raise Busy(_("Other pictures are being read. Please try again in a moment."))
    try:
        yield _upright(upload, field, most_pixels, enough)
    finally:
        _one_at_a_time.release()


def _upright(upload: bytes, field: str, most_pixels: int, enough: int) -> PillowImage:
    from PIL import Image, ImageOps  # 2 MB of memory: loaded only where a picture is uploaded

    too_many = Invalid({field: _("This picture has too many pixels.")})
    try:
        with Image.open(BytesIO(upload), formats=FORMATS) as picture:
            pixels = picture.width * picture.height  # known from the head, before a pixel is unpacked
            picture.draft(None, (enough, enough))
            # A progressive JPEG lies in memory as a whole, however few of its pixels are asked for.
            unpacked = pixels if "progressive" in picture.info else picture.width * picture.height
            few = min(FEW, most_pixels) if picture.format in ("JPEG", "MPO") else 0
            if pixels > most_pixels or unpacked > max(most_pixels // UNPACKED, few):
                raise too_many
            picture.load()
            found = _in_colours(picture, enough)
            ImageOps.exif_transpose(found, in_place=True)
            return found
    except Invalid:
        raise
    except Image.DecompressionBombError as error:
        raise too_many from error
    except Exception as error:  # noqa: BLE001, RUF100 -- decoders raise errors of any class for a broken file
        raise Invalid({field: _("This is not a picture we can read. Use a PNG, JPEG, WebP or GIF file.")}) from error


def _in_colours(picture: PillowImage, enough: int) -> PillowImage:
    """Return the pixels in the colours of the web, fewer where there are many; which way is up stays noted beside."""
    way_up = _way_up(picture)
    if picture.mode.startswith("I"):  # 16 bits of grey
        found = picture.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    else:
        clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        found = _fewer(picture, enough) if picture.mode in ("RGB", "RGBA", "CMYK", "L") else picture
        found = _for_the_web(found, picture.info.get("icc_profile"))
        wanted = "RGBA" if clear else "RGB"
        found = found if found.mode == wanted else found.convert(wanted)
    found = _fewer(found, enough)
    found.info = {"exif": way_up} if way_up else {}
    return found


def _way_up(picture: PillowImage) -> bytes:
    """Return EXIF that says which way is up and nothing else, none where the picture's own cannot be read."""
    from PIL import ExifTags, Image

    try:
        way = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001, RUF100 -- it is read by a decoder, too; the pixels are there all the same
        return b""
    if not way or way not in range(1, 9):
        return b""
    found = Image.Exif()
    found[ExifTags.Base.Orientation] = int(way)
    return found.tobytes()


def _fewer(picture: PillowImage, enough: int) -> PillowImage:
    """Return a picture of which both sides are still enough."""
    factor = min(picture.width, picture.height) // enough
    return picture.reduce(factor) if factor > 1 else picture


def _for_the_web(picture: PillowImage, profile: bytes | None) -> PillowImage:
    """Return a picture of another colour space in sRGB: phones make them, and without their profile they look pale."""
    from PIL import ImageCms

    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    kept = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        made = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode=kept)
    except (ImageCms.PyCMSError, OSError, ValueError):  # a broken profile: the pixels are there all the same
        return picture
    return made or picture
