"""Entries of feeds, from what was read."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from markupsafe import escape

from forum import policy
from forum.feeds.atom import Answered, Entry, Gone
from forum.feeds.names import Names
from forum.feeds.queries import PublishedArticle, PublishedComment, Talk
from forum.text.pictures import named
from forum.text.words import excerpt

MOST = 1_000_000  # characters of whole texts in one feed; of the others it has the beginning
SUMMARY = 500  # characters of such a beginning


def of_articles(names: Names, articles: Sequence[PublishedArticle]) -> list[Entry]:
    """Return articles as entries, whole as long as they fit."""
    found, room = [], MOST
    for article in articles:
        length = len(article.html) + len(article.foreword_html) + len(article.afterword_html)
        whole = length <= room
        room -= length if whole else 0
        found.append(_article(names, article, whole=whole))
    return found


def of_talk(names: Names, slug: str, title: str, article_id: int, talk: Talk) -> tuple[list[Entry], list[Gone]]:
    """Return comments under an article as entries, and what is gone of them."""
    page = url_for("comments.article", slug=slug)
    article = Answered(names.name("articles", article_id), names.address(page))
    entries = [_comment(names, comment, title, article, page) for comment in talk.comments]
    return entries, [Gone(names.name("comments", gone.id), gone.when) for gone in talk.gone]


def _article(names: Names, article: PublishedArticle, *, whole: bool) -> Entry:
    page = url_for("comments.article", slug=article.slug)
    lead = named(article.lead)
    return Entry(
        name=names.name("articles", article.id),
        title=article.title,
        address=names.address(page),
        author=article.author_name,
        author_address=names.address(url_for("people.profile", name=article.author_username)),
        published=article.published_at,
        updated=max(article.updated_at or article.published_at, article.published_at),
        html=_whole(names, article, page) if whole else "",
        summary=article.standfirst or ("" if whole else excerpt(article.html, SUMMARY)),
        subjects=tuple((tag.slug, tag.name) for tag in article.tags),
        picture=names.address(lead.file(lead.width)) if lead else "",
        source=article.source_url,
        replies=names.address(url_for("feeds.discussion", slug=article.slug)),
    )


def _whole(names: Names, article: PublishedArticle, page: str) -> str:
    """Return the text of an article; of a link article its author's words before and after the quoted piece, too."""
    before, html, after = (
        names.absolute(part, page) for part in (article.foreword_html, article.html, article.afterword_html)
    )
    return f"{before}<blockquote>{html}</blockquote>{_source(article)}{after}" if article.source_url else html


def _source(article: PublishedArticle) -> str:
    """Say where a quoted piece is from, in HTML: it stands in no feed without that."""
    words = escape(_("Quoted from %(source)s", source=article.source_name))
    return f'<p><a href="{escape(article.source_url)}">{words}</a></p>'


def _comment(names: Names, comment: PublishedComment, title: str, article: Answered, page: str) -> Entry:
    name = comment.author_name or comment.guest_name or _("Somebody")
    parent = article
    if comment.parent_id is not None:
        address = url_for("comments.permalink", id=comment.parent_id)
        parent = Answered(names.name("comments", comment.parent_id), names.address(address))
    profile = url_for("people.profile", name=comment.author_username) if comment.author_username else ""
    edited = comment.edited_at if policy.shows_edited(comment) else None
    return Entry(
        name=names.name("comments", comment.id),
        title=_("%(name)s on “%(title)s”", name=name, title=title),
        address=names.address(url_for("comments.permalink", id=comment.id)),
        author=name,
        author_address=names.address(profile) if profile else "",
        published=comment.created_at,
        updated=edited or comment.created_at,
        html=names.absolute(comment.html, page),
        answers=parent,
    )
