"""What entries and feeds are called, for good, and where they stand."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from forum.text import pictures

# Cleaned HTML has its attributes in double quotation marks, and none of these inside them.
_LINK = re.compile(r'<a(?: [a-z]+="[^"<]*")*>')
_ORIGIN = re.compile("[0-9a-z]{1,32}")
_HREF = re.compile(r' href="([/#][^"]*)"')


@dataclass(frozen=True)
class Names:
    """What makes names (RFC 4151) and addresses on one site.

    A name is made of the site's random `origin` and a row's id, so it stays the same when a title, a slug, somebody's
    name or the site's own address changes; an archive takes it along into an empty site. Nobody can own a host below
    `.invalid`, so no other site makes the same one. If you change a name, every feed reader shows all entries anew.

    `base` is the site's address, empty where none is set: addresses are then relative to the feed's own.
    """

    origin: str
    base: str

    def name(self, *parts: str | int) -> str:
        """Return the name of a thing: of `articles`, 12."""
        # An archive may bring any origin; in a name it has to be a part of a host's.
        plain = _ORIGIN.fullmatch(self.origin)
        origin = self.origin if plain else hashlib.sha256(self.origin.encode()).hexdigest()[:32]
        return f"tag:{origin}.invalid,2026:" + "/".join(map(str, parts))

    def address(self, path: str) -> str:
        """Return where a path of this site leads."""
        return self.base + path

    def absolute(self, html: str, page: str) -> str:
        """Return cleaned HTML whose links lead to the same places from everywhere, and whose pictures are found.

        `page` is the path of its page.
        """

        def href(found: re.Match[str]) -> str:
            place = found[1] if found[1].startswith("/") else page + found[1]
            return f' href="{self.base}{place}"'

        return _LINK.sub(lambda tag: _HREF.sub(href, tag[0]), pictures.absolute(html, self.base))
