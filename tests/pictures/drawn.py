"""Pictures to upload, drawn here, and the form that sends one."""

from __future__ import annotations

import html
import re
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from forum import db
from forum.pictures.encoding import Encoded, encoded
from forum.site.models import Site
from tests.cast import Browser

LINE = re.compile(r"!\[[^\n]*\]\(/pictures/([0-9a-f]{32})-(\d+)x(\d+)[^\n]*\)")


def drawn(
    size: tuple[int, int] = (1200, 800), kind: str = "PNG", colour: Any = "#0b5c6b", mode: str = "RGB", **options: Any
) -> bytes:
    """Return a picture of one colour as a file."""
    file = BytesIO()
    Image.new(mode, size, colour).save(file, kind, **options)
    return file.getvalue()


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a PNG of a few bytes that says it is very large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def made(colour: Any = "#0b5c6b", size: tuple[int, int] = (1200, 800), whose: str = "Ida") -> Encoded:
    """Return an encoded picture."""
    return encoded(drawn(size, colour=colour), 50_000_000, whose)


def send(
    browser: Browser, data: bytes | None, url: str = "/pictures", *, fragment: bool = True, **fields: Any
) -> TestResponse:
    """Send a picture as a form of ours does."""
    typed = {"csrf_token": browser.token, "picture_alt": "A herons' pier", **fields}
    if data is not None:
        typed["picture"] = FileStorage(BytesIO(data), "heron.png")
    headers = {"X-Fragment": "1"} if fragment else {}
    # Encoded here: the test client would put a large one into a file of its own, and never close it.
    boundary, body = encode_multipart(typed)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return browser._ask(browser.client.post, url, data=body, headers=headers, content_type=kind)


def added(browser: Browser, data: bytes, **fields: Any) -> str:
    """Send a picture and return the line that shows it."""
    answer = send(browser, data, **fields)
    assert answer.status_code == 200, answer.text
    found = re.search(r'data-line="([^"]*)"', answer.text)
    assert found is not None
    return html.unescape(found[1])


def file_of(line: str, width: int | None = None) -> str:
    """Return where the picture of a line is served."""
    found = LINE.search(line)
    assert found is not None
    return f"/pictures/{found[1]}-{width or found[2]}.webp"


def settings(**values: Any) -> None:
    """Change settings of the site."""
    db.lock()
    site = db.session.get_one(Site, 1)
    for name, value in values.items():
        setattr(site, name, value)
    db.commit()
