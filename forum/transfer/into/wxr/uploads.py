"""Pictures of a blog, found in a copy of its folder of uploads and encoded anew."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from forum.clock import now
from forum.errors import Invalid
from forum.pictures.encoding import Encoded, encoded
from forum.text.pictures import Picture
from forum.transfer.checks import write_time
from forum.transfer.into.wxr.addresses import spelled
from forum.transfer.lines import Record

_UPLOADS = re.compile(r"/(?:wp-content/uploads|files)/(.+)")
_RELAY = re.compile(r"i[0-9]\.wp\.com")  # WordPress's own; behind it stands the address without its scheme
_SIZED = re.compile(r"-(?:[0-9]{1,5}x[0-9]{1,5}|scaled|rotated)(?=\.[A-Za-z0-9]{1,5}$)")


class Limits(Protocol):
    """The limits of a picture that an admin sets."""

    @property
    def picture_megabytes(self) -> int: ...

    @property
    def picture_megapixels(self) -> int: ...


class Uploads:
    """A copy of a blog's folder of uploads. Each picture that is asked for is encoded once, and kept by `keep`."""

    def __init__(self, folder: Path, limits: Limits, keep: Callable[[Record], None]) -> None:
        self._folder, self._limits, self._keep = folder.resolve(), limits, keep
        self._known: dict[Path, Picture | str] = {}

    def find(self, address: str, blog: str) -> Picture | str:
        """Return the picture at an address of the blog, or the code under which it is counted as a link instead."""
        path = _path(address, blog)
        if not path:
            return "pictures"
        file = self._file(path)
        if file is None:
            return "pictures-missing"
        if file not in self._known:
            self._known[file] = self._read(file, blog)
        return self._known[file]

    def _file(self, path: str) -> Path | None:
        """Return the file of an upload, or the one it was made of if that is there; never one outside of the folder."""
        for name in (_SIZED.sub("", path), path):
            try:
                file = (self._folder / name.lstrip("/")).resolve()
                if file.is_relative_to(self._folder) and file.is_file():
                    return file
            except (OSError, ValueError):  # a name that no file can have
                continue
        return None

    def _read(self, file: Path, blog: str) -> Picture | str:
        try:
            if file.stat().st_size > self._limits.picture_megabytes * 1_000_000:
                return "pictures-unread"
            made = encoded(file.read_bytes(), self._limits.picture_megapixels * 1_000_000, spelled(blog))
        except (Invalid, OSError):
            return "pictures-unread"
        self._put(made)
        return made.picture

    def _put(self, made: Encoded) -> None:
        hash, size = made.picture.hash, {"width": made.picture.width, "height": made.picture.height}
        own = {"alt": "", "person": None, "created_at": write_time(now())}
        self._keep({"type": "picture", "id": None, "key": hash, "hash": hash, **size, **own})
        for width, data in made.files.items():
            file = {"picture": hash, "width": width, "data": b64encode(data).decode()}
            self._keep({"type": "picture-file", "id": None, "key": f"{hash}-{width}", **file})


def _path(address: str, blog: str) -> str:
    """Return where below the folder a picture of the blog lies; empty for one that is elsewhere."""
    try:
        parts, own = urlsplit(spelled(address)), urlsplit(spelled(blog)).netloc
    except ValueError:
        return ""
    if _RELAY.fullmatch(parts.netloc):
        parts = urlsplit(spelled("https:/" + parts.path))
    found = _UPLOADS.search(parts.path)
    return unquote(found[1]) if found and parts.netloc == own else ""
