"""Find what the addresses mean that a notice of law names, as a visitor could read it.

Nothing here is told to whoever asks that a visitor could not have read: what is not out, waits or is not there at all
is the same, a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from flask_babel import gettext as _

from forum import policy
from forum.articles import queries as articles
from forum.clock import now
from forum.comments import queries as comments
from forum.errors import Invalid
from forum.policy import NOBODY
from forum.text.words import one_line

MOST = 10  # addresses of one notice
LONGEST = 500  # characters of one
_ARTICLE = re.compile(r"/articles/([^/]+)/?")
_COMMENT = re.compile(r"/comments/([1-9][0-9]{0,17})(/branch)?/?(?:[^0-9].*)?")
_ANCHOR = re.compile(r"c-([1-9][0-9]{0,17})")


@dataclass(frozen=True)
class Found:
    """One address as it was typed, with what it means: `kind` is comment, branch, article or other."""

    typed: str
    kind: str = "other"
    comment_id: int | None = None
    article_id: int | None = None


def read(typed: str, is_ours: Callable[[str], bool]) -> list[Found]:
    """Return what addresses mean, typed one a line; `is_ours` tells whether a host is this site's.

    Raises Invalid for the field `addresses`: none, too many, one too long, one of another site.
    """
    lines = list(dict.fromkeys(filter(None, map(one_line, typed.splitlines()))))
    if not lines:
        raise Invalid({"addresses": _("Please give the address of what you mean.")})
    if len(lines) > MOST:
        raise Invalid({"addresses": _("There is room for %(n)s addresses. Please send a second notice.", n=MOST)})
    return [_found(line, is_ours) for line in lines]


def _found(line: str, is_ours: Callable[[str], bool]) -> Found:
    if len(line) > LONGEST:
        raise Invalid({"addresses": _("An address is longer than %(n)s characters.", n=LONGEST)})
    parts = _split(line)
    if parts is None:
        return Found(line)
    if parts.netloc and not is_ours(parts.netloc):
        raise Invalid(
            {
                "addresses": _(
                    "%(address)s is on another site. Only those who run it can do something there.", address=line[:80]
                )
            }
        )
    return _comment(line, parts) or _article(line, parts) or Found(line)


def _split(line: str) -> SplitResult | None:
    """Return the parts of an address; None where it is none, but words."""
    try:
        return urlsplit(line) if line.startswith("/") or re.match(r"https?://", line, re.IGNORECASE) else None
    except ValueError:
        return None


def _comment(line: str, parts: SplitResult) -> Found | None:
    anchor, path = _ANCHOR.fullmatch(parts.fragment), _COMMENT.fullmatch(parts.path)
    id = int(anchor[1]) if anchor else int(path[1]) if path else None
    comment = comments.facts(id) if id is not None else None
    if comment is None or not policy.may_read_article(NOBODY, comment.article, now()):
        return None
    if not policy.may_see(NOBODY, comment, comment.article):
        return None
    kind = "branch" if path and path[2] and not anchor else "comment"
    return Found(line, kind, comment.id, comment.article_id)


def _article(line: str, parts: SplitResult) -> Found | None:
    path = _ARTICLE.fullmatch(parts.path)
    article = articles.article(one_line(unquote(path[1]))) if path else None
    if article is None or not policy.may_read_article(NOBODY, article, now()):
        return None
    return Found(line, "article", None, article.id)
