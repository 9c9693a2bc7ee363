"""The site's logo: an uploaded picture is encoded anew, so that only its pixels are kept."""

from __future__ import annotations

from io import BytesIO

from forum.site.opening import opened

SIDE = 512  # pixels, the longest side of the stored picture: four times the size in the head
MOST_PIXELS = 20_000_000  # of an upload: a photograph is fine, a bomb of 50,000 x 50,000 is not


def drawn_anew(upload: bytes) -> bytes:
    """Return an uploaded picture as a PNG of at most 512 pixels a side, without anything but its pixels.

    Raises Invalid for the field `logo` where it is no picture, or too large to open safely; Busy.
    """
    from PIL import Image  # 2 MB of memory: loaded only where a picture is uploaded

    with opened(upload, "logo", MOST_PIXELS, SIDE) as picture:
        upright = picture.convert("RGBA")
    upright.thumbnail((SIDE, SIDE))
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)  # the pixels only: profiles and texts stay behind
    file = BytesIO()
    clean.save(file, "PNG", optimize=True)
    return file.getvalue()
