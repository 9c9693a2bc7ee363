"""Which addresses are discussions and feeds, and the one spelling of each that names a kept page."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

LONGEST = 2000  # bytes of path and query together; Flask refuses a longer address with 414 (RFC 9110, 15.5.15)
_ARTICLE = re.compile(r"/articles/([^/]+)")
_BRANCH = re.compile(r"/comments/([1-9][0-9]{0,17})/branch")
_FEED = re.compile(r"/feeds/(?:(articles|tags|people|comments)/)?([^/]+)")
_ID = re.compile(r"[1-9][0-9]{0,17}")
FEED_ARTICLES = 20  # entries of a feed of articles, as feeds/queries.py reads them
READ = frozenset({"from", "order"})  # the only parameters that these pages read


class Address(NamedTuple):
    """The canonical address of a page of a discussion, or of a feed: two addresses of one page are equal here.

    Of a discussion, exactly one of `slug` and `comment_id` is set. `feed` is empty for a page; "discussion" for the
    feed of one; "articles", "tags" or "people" for a feed of articles, of which `slug` says which tag or person.
    """

    slug: str | None
    comment_id: int | None
    newest: bool
    from_id: int | None
    feed: str = ""

    @property
    def query(self) -> str:
        """Return the canonical query string."""
        wanted = {"order": "newest"} if self.newest else {}
        if self.from_id is not None:
            wanted["from"] = str(self.from_id)
        return urlencode(wanted)


@lru_cache(maxsize=512)  # as dear as all the rest of a kept page; an address has at most 2 kB
def read_address(path: str, query: str) -> Address | None:
    """Return what an address asks for, or None where it is neither a page of a discussion nor a feed.

    `path` is PATH_INFO as WSGI gives it: bytes as latin-1 (PEP 3333). A parameter that the page would not read makes
    the address unknown here, so that Flask answers it; a value that the page ignores is left out.
    """
    if path.startswith("/feeds/"):
        return None if query else _feed(path)
    try:
        given = parse_qs(query, keep_blank_values=True, max_num_fields=8, errors="strict") if query else {}
        article, branch = _ARTICLE.fullmatch(path), _BRANCH.fullmatch(path)
        slug = article[1].encode("latin-1").decode() if article else None
    except ValueError:  # a field too many, or bytes that are no UTF-8
        return None
    if given.keys() - READ or not (article or branch):
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


def _feed(path: str) -> Address | None:
    found = _FEED.fullmatch(path)
    try:
        kind, name = (found[1], found[2].encode("latin-1").decode()) if found else ("", "")
    except ValueError:
        return None
    if kind in ("tags", "people"):
        return Address(name, None, newest=False, from_id=None, feed=kind)
    if kind == "articles":
        return Address(name, None, newest=False, from_id=None, feed="discussion")
    if kind == "comments" and _ID.fullmatch(name):
        return Address(None, int(name), newest=False, from_id=None, feed="discussion")
    return Address(None, None, newest=False, from_id=None, feed="articles") if path == "/feeds/articles" else None
