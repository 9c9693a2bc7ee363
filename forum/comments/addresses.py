"""What an address of this site names, from its text alone: a comment, its branch, or an article."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from forum.text.words import one_line

LONGEST = 500  # characters
_ARTICLE = re.compile(r"/articles/([^/]+)/?")
_COMMENT = re.compile(r"/comments/([1-9][0-9]{0,17})(/branch)?/?(?:[^0-9].*)?")
_ANCHOR = re.compile(r"c-([1-9][0-9]{0,17})")


class Address(NamedTuple):
    """What an address says: the host, empty for a path, the comment that it names, and the article whose page it is."""

    host: str
    slug: str
    comment_id: int | None
    is_branch: bool


def parse(typed: str) -> Address | None:
    """Return what an address says; None where it is but words. A comment in its fragment goes before the path's."""
    try:
        parts = urlsplit(typed) if typed.startswith("/") or re.match(r"https?://", typed, re.IGNORECASE) else None
    except ValueError:
        parts = None
    if parts is None:
        return None
    anchor, comment = _ANCHOR.fullmatch(parts.fragment), _COMMENT.fullmatch(parts.path)
    named, article = anchor or comment, _ARTICLE.fullmatch(parts.path)
    slug = one_line(unquote(article[1])) if article else ""
    is_branch = anchor is None and comment is not None and bool(comment[2])
    return Address(parts.netloc, slug, int(named[1]) if named else None, is_branch)
