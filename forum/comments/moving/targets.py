"""Find the place that somebody chose to move comments to, by its address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from forum import policy
from forum.articles import queries as articles
from forum.articles.moved import present_slug
from forum.clock import now
from forum.comments import queries
from forum.comments.addresses import LONGEST, parse
from forum.errors import Invalid
from forum.policy import Actor
from forum.text.words import one_line


@dataclass(frozen=True)
class Target:
    """A place to move to: an article, and the comment there that is to be answered; a thread of its own without one.

    `name` is that of the comment's writer.
    """

    article_id: int
    slug: str
    title: str
    parent_id: int | None = None
    name: str = ""


def read(actor: Actor, typed: str, is_ours: Callable[[str], bool]) -> Target:
    """Return what an address names that this person may read; `is_ours` tells whether a host is this site's.

    Raises Invalid for the field `address`.
    """
    line = one_line(typed)
    if not line:
        raise Invalid({"address": _("Please give the address of a comment or an article.")})
    address = parse(line if len(line) <= LONGEST else "")
    if address is None:
        raise Invalid({"address": _("This is no address. Copy the link of a comment, or the address of an article.")})
    if address.host and not is_ours(address.host):
        raise Invalid({"address": _("This address is on another site. Comments can be moved within this one only.")})
    found = _comment(actor, address.comment_id) if address.comment_id else _article(actor, address.slug)
    if found is None:
        raise Invalid({"address": _("There is no comment and no article at this address that you may read.")})
    return found


def _comment(actor: Actor, id: int) -> Target | None:
    found = queries.facts(id)
    if found is None or not policy.may_read_article(actor, found.article, now()):
        return None
    if not policy.may_see_frame(actor, found, found.article):
        return None
    name = found.name if policy.may_see(actor, found, found.article) else ""
    return Target(found.article_id, found.article_slug, found.article_title, id, name)


def _article(actor: Actor, slug: str) -> Target | None:
    found = articles.article(present_slug(actor, slug) or slug) if slug else None
    if found is None or not policy.may_read_article(actor, found, now()):
        return None
    return Target(found.id, found.slug, found.title)
