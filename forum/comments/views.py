"""Pages of the discussion. The blueprint, and what every page of it asks first."""

from __future__ import annotations

from flask import Blueprint

from forum import policy, web
from forum.articles import queries as articles
from forum.articles.moved import not_found
from forum.articles.queries import ArticleView, Heading
from forum.clock import now
from forum.comments import queries
from forum.comments.queries import CommentView
from forum.errors import NotFound

blueprint = Blueprint("comments", __name__)


def readable_article(slug: str) -> ArticleView:
    """Return the article with this address, or raise NotFound for a viewer who may not read it."""
    found = articles.article(slug)
    if found is None or not policy.may_read_article(web.viewer(), found, now()):
        raise not_found(web.viewer(), slug)
    return found


def readable_heading(slug: str) -> Heading:
    """Return an article's heading, or raise NotFound for a viewer who may not read it."""
    found = articles.heading(slug)
    if found is None or not policy.may_read_article(web.viewer(), found, now()):
        raise not_found(web.viewer(), slug)
    return found


def known_comment(comment_id: int) -> CommentView:
    """Return a comment this viewer may know of, or raise NotFound; one's own deleted one while it can be undone."""
    found = queries.facts(comment_id)
    actor = web.viewer()
    if (
        found is None
        or not policy.may_read_article(actor, found.article, now())
        or not (policy.may_see_frame(actor, found, found.article) or policy.may_undo_withdraw(actor, found, now()))
    ):
        raise NotFound()
    return found


def article_of(comment: CommentView) -> ArticleView:
    """Return the article of a comment that was found."""
    return readable_article(comment.article_slug)


from forum.comments.ending import views as closing  # noqa: E402, F401 -- they put their pages on the blueprint
from forum.comments.moving import views as moving  # noqa: E402, F401 -- they put their pages on the blueprint
from forum.comments.reading import views as reading  # noqa: E402, F401 -- they put their pages on the blueprint
from forum.comments.writing import views as writing  # noqa: E402, F401 -- they put their pages on the blueprint
