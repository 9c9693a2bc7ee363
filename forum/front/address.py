"""Which addresses are discussions, and the one spelling of each that names a kept page."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

LONGEST = 2000  # bytes of path and query together; Flask refuses a longer address with 414 (RFC 9110, 15.5.15)
_ARTICLE = re.compile(r"/articles/([^/]+)")
_BRANCH = re.compile(r"/comments/([1-9][0-9]{0,17})/branch")
_ID = re.compile(r"[1-9][0-9]{0,17}")
_READ = frozenset({"from", "order"})  # the only parameters that these pages read


class Address(NamedTuple):
    """The canonical address of a page of a discussion: two addresses of one page are equal here.

    Exactly one of `slug` and `comment_id` is set.
    """

    slug: str | None
    comment_id: int | None
    newest: bool
    from_id: int | None

    @property
    def query(self) -> str:
        """Return the canonical query string."""
        wanted = {"order": "newest"} if self.newest else {}
        if self.from_id is not None:
            wanted["from"] = str(self.from_id)
        return urlencode(wanted)


@lru_cache(maxsize=512)  # as dear as all the rest of a kept page; an address has at most 2 kB
def read_address(path: str, query: str) -> Address | None:
    """Return what an address asks for, or None where it is not a page of a discussion.

    `path` is PATH_INFO as WSGI gives it: bytes as latin-1 (PEP 3333). A parameter that the page would not read makes
    the address unknown here, so that Flask answers it; a value that the page ignores is left out.
    """
    try:
        given = parse_qs(query, keep_blank_values=True, max_num_fields=8, errors="strict") if query else {}
        article, branch = _ARTICLE.fullmatch(path), _BRANCH.fullmatch(path)
        slug = article[1].encode("latin-1").decode() if article else None
    except ValueError:  # a field too many, or bytes that are no UTF-8
        return None
    if given.keys() - _READ or not (article or branch):
        return None
    # Flask reads the first value of a parameter that comes twice; so does this.
    first = {name: values[0] for name, values in given.items()}
    number = first.get("from", "")
    return Address(
        slug,
        int(branch[1]) if branch else None,
        article is not None and first.get("order") == "newest",
        int(number) if _ID.fullmatch(number) else None,
    )
