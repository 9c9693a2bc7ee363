"""A seal on what is kept elsewhere: only what this site's own program put there is taken back."""

from __future__ import annotations

import hashlib
import hmac
import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from forum import paths
from forum.config import Settings

if TYPE_CHECKING:
    from forum.shelf import Shelf

log = logging.getLogger("forum")
FORM = "1"  # of keys and seals; raised where one of them changes
_SEAL = 32  # bytes of SHA-256
_SOURCES = frozenset({".py", ".html", ".css", ".js"})


class Sealed:
    """Keep this site's and this program's values apart from all others', and take back only what they wrote.

    The seal is an HMAC of key and value by the site's secret. Whoever can write to the store can make us forget, but
    can put no byte on a page; nor can a damaged file.
    """

    def __init__(self, inner: Shelf, settings: Settings, program: str) -> None:
        self._inner = inner
        # What a page depends on and no version tells: the database, what the environment fixes, the program itself.
        world = (FORM, settings.database, settings.site_name, settings.site_url, program)
        self._secret = hmac.digest(settings.secret_key.encode(), repr(world).encode(), "sha256")
        self._prefix = f"forum-page:{settings.mark}:"

    def get(self, key: str) -> bytes | None:
        """Return what was put under a key, or None."""
        sealed = self._inner.get(self._name(key))
        if sealed is None:
            return None
        seal, value = sealed[:_SEAL], sealed[_SEAL:]
        if not hmac.compare_digest(seal, self._seal(key, value)):
            log.warning("a value on the shelf of pages was not what this site put there; it is not used")
            return None
        return value

    def put(self, key: str, value: bytes) -> None:
        """Keep a value, for as long as there is room."""
        self._inner.put(self._name(key), self._seal(key, value) + value)

    def _name(self, key: str) -> str:
        return self._prefix + hmac.digest(self._secret, key.encode(), "sha256").hex()[:40]

    def _seal(self, key: str, value: bytes) -> bytes:
        seal = hmac.new(self._secret, f"{len(key)}:{key}:".encode(), "sha256")
        seal.update(value)
        return seal.digest()

    def close(self) -> None:
        """Close what stands behind it."""
        self._inner.close()


@cache
def program_mark() -> str:
    """Return a mark of this program's sources, so that a new version takes no page of the old one from a shelf."""
    mark = hashlib.sha256()
    for folder in sorted({paths.TEMPLATES, Path(__file__).parent.parent}):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _SOURCES and path.is_file():
                mark.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return mark.hexdigest()
