"""What search engines learn of a discussion, or of a branch, in the words of schema.org: a few of its comments.

It stands in the page that everybody gets, so it holds what everybody may read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any
from urllib.parse import quote

from flask import url_for

from forum import policy
from forum.articles.queries import ArticleView, Heading
from forum.clock import now
from forum.comments.reading.page_rows import Read
from forum.comments.reading.thread import BranchPage, ThreadPage
from forum.policy import CommentStatus
from forum.text.pictures import named
from forum.text.words import excerpt

COMMENTS = 10  # each in the page a second time
WORDS = 300  # characters of a comment
DESCRIPTION = 200  # characters that search engines and link previews show of an article


@dataclass(frozen=True)
class About:
    """What the head of an article's page says of it: its beginning, and its lead picture."""

    description: str
    lead: str
    lead_alt: str


def about(article: ArticleView) -> About:
    """Return what the head of an article's page says of it."""
    return About(description(article), article.lead, article.lead_alt)


def description(article: ArticleView) -> str:
    """Return an article's standfirst, or where it has none the beginning of its words."""
    return article.standfirst or excerpt(article.html, DESCRIPTION)


def described(article: ArticleView, page: ThreadPage, base: str) -> dict[str, Any] | None:
    """Return an article that is out with the first comments of a page; `base` is the site's address, or empty."""
    if not article.is_out:
        return None
    made: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": ["Article", "DiscussionForumPosting"],
        "url": base + url_for("comments.article", slug=article.slug),
        "headline": article.title,
        "text": description(article),
        "author": _person(base, article.author_name, article.author_username),
        "datePublished": _moment(article.published_at),
        "commentCount": article.comment_count,
        "comment": [_of(row, base) for row in _published(page)],
    }
    if article.updated_at:
        made["dateModified"] = _moment(article.updated_at)
    if article.tags:
        made["keywords"] = [tag.name for tag in article.tags]
    if (picture := named(article.lead)) is not None:
        made["image"] = base + picture.file(picture.width)
    if article.source_url:
        made["isBasedOn"] = article.source_url
    return made


def branch(article: Heading, page: BranchPage, base: str) -> dict[str, Any] | None:
    """Return the first comment that a page of a branch shows to everybody, with those below it; `base` as above."""
    rows = list(islice((row for row in page.rows if not row.frame and not row.state), COMMENTS + 1))
    if not rows or not policy.is_out(article, now()):
        return None
    first, *others = (_comment(row.id, row.name, row.username, row.created_at, row.html, base) for row in rows)
    whole = {"@type": "Article", "headline": article.title}
    return {
        "@context": "https://schema.org",
        **first,
        "@type": "DiscussionForumPosting",
        "headline": article.title,
        "isPartOf": {**whole, "url": base + url_for("comments.article", slug=article.slug)},
        "comment": others,
    }


def _published(page: ThreadPage) -> list[Read]:
    rows = chain.from_iterable(thread.read for thread in page.threads)
    return list(islice((row for row in rows if row.status == CommentStatus.PUBLISHED), COMMENTS))


def _of(row: Read, base: str) -> dict[str, Any]:
    return _comment(row.id, row.display_name or row.guest_name or "", row.username, row.created_at, row.html, base)


def _comment(id: int, name: str, username: str | None, at: datetime, html: str, base: str) -> dict[str, Any]:
    return {
        "@type": "Comment",
        "url": f"{base}/comments/{id}",
        "author": _person(base, name, username),
        "datePublished": _moment(at),
        "text": excerpt(html, WORDS),
    }


def _person(base: str, name: str, username: str | None) -> dict[str, Any]:
    made = {"@type": "Person", "name": name}
    # Written out, as in a comment's row: asking the router each time took half of all this.
    return {**made, "url": f"{base}/people/{quote(username)}"} if username else made


def _moment(value: Any) -> str:
    return str(value.strftime("%Y-%m-%dT%H:%M:%SZ"))
