"""Find what the addresses mean that a notice of law names, as a visitor could read it.

Nobody who asks is told anything here that a visitor could not have read: what is not out, waits or is not there at all
is the same, a text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from forum import policy
from forum.articles import queries as articles
from forum.articles.moved import present_slug
from forum.clock import now
from forum.comments import queries as comments
from forum.comments.addresses import LONGEST, Address, parse
from forum.errors import Invalid
from forum.policy import NOBODY
from forum.text.words import one_line

MOST = 10  # addresses of one notice


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
        raise Invalid({"addresses": _("An address is longer than %(n)s characters.", n=format_decimal(LONGEST))})
    address = parse(line)
    if address is None:
        return Found(line)
    if address.host and not is_ours(address.host):
        raise Invalid(
            {
                "addresses": _(
                    "%(address)s is on another site. Only those who run it can do something there.", address=line[:80]
                )
            }
        )
    return _comment(line, address) or _article(line, address) or Found(line)


def _comment(line: str, address: Address) -> Found | None:
    comment = comments.facts(address.comment_id) if address.comment_id is not None else None
    if comment is None or not policy.may_read_article(NOBODY, comment.article, now()):
        return None
    if not policy.may_see(NOBODY, comment, comment.article):
        return None
    return Found(line, "branch" if address.is_branch else "comment", comment.id, comment.article_id)


def _article(line: str, address: Address) -> Found | None:
    article = articles.article(present_slug(NOBODY, address.slug) or address.slug) if address.slug else None
    if article is None or not policy.may_read_article(NOBODY, article, now()):
        return None
    return Found(line, "article", None, article.id)
