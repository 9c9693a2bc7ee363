"""The site's logo: an uploaded picture is encoded anew, so that only its pixels are kept."""

from __future__ import annotations

from io import BytesIO

from flask_babel import gettext as _

from forum.errors import Invalid

SIDE = 512  # pixels, the longest side of the stored picture: four times the size in the head
MOST_PIXELS = 20_000_000  # of an upload: a photograph is fine, a bomb of 50,000 x 50,000 is not
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")  # no SVG: it can carry scripts


def drawn_anew(upload: bytes) -> bytes:
    """Return an uploaded picture as a PNG of at most 512 pixels a side, without anything but its pixels.

    Raises Invalid for the field `logo` where it is no picture, or too large to open safely.
    """
    from PIL import Image, ImageOps  # 2 MB of memory: loaded only where a picture is uploaded

    try:
        with Image.open(BytesIO(upload), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:  # known from the head, before a pixel is unpacked
                raise Invalid({"logo": _("This picture has too many pixels.")})
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except Invalid:
        raise
    except Exception as error:  # noqa: BLE001, RUF100 -- decoders raise errors of any class for a broken file
        raise Invalid({"logo": _("This is not a picture we can read. Use a PNG, JPEG, WebP or GIF file.")}) from error
    upright.thumbnail((SIDE, SIDE))
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)  # the pixels only: profiles and texts stay behind
    file = BytesIO()
    clean.save(file, "PNG", optimize=True)
    return file.getvalue()
