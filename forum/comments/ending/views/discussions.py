"""Close whole discussions: an article's, all under a tag, or all of the site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.articles import lists as articles
from forum.clock import now
from forum.closures.lists import of_many
from forum.closures.models import Closure
from forum.comments.ending import actions, extent
from forum.comments.ending.forms import EndForm
from forum.comments.ending.views.asked import closed, requested
from forum.comments.views import blueprint, readable_article
from forum.errors import Conflict, Invalid, NotFound
from forum.saved_replies.views import put_into

Page = str | tuple[str, int] | Response


@blueprint.route("/articles/<slug>/close", methods=["GET", "POST"])
def close_article(slug: str) -> Page:
    """Close the whole discussion of an article."""
    article = readable_article(slug)
    policy.may_close(web.viewer(), article).require()
    return _page(
        lambda form: actions.close_article(web.viewer(), article.id, requested(form)),
        url_for("comments.article", slug=slug),
        article=article,
        tag=None,
        standing=[],
    )


@blueprint.route("/tags/<tag>/close", methods=["GET", "POST"])
def close_tag(tag: str) -> Page:
    """Close all discussions under a tag, also those to come."""
    found = articles.tag(tag)
    policy.may_close(web.viewer(), None, found.id if found else 0).require()
    if found is None:
        raise NotFound()
    return _many(found.id, url_for("articles.tag", tag=found.slug), found)


@blueprint.route("/moderation/closures/site", methods=["GET", "POST"])
def close_site() -> Page:
    """Close the whole site for comments."""
    policy.may_close(web.viewer(), None).require()
    return _many(None, url_for("closures.list_open"), None)


def _many(tag_id: int | None, address: str, tag: Any) -> Page:
    shown = {"article": None, "tag": tag, "standing": of_many(tag_id, now()), "number": extent.discussions(tag_id)}
    return _page(lambda form: actions.close_many(web.viewer(), tag_id, requested(form)), address, **shown)


def _page(close: Callable[[EndForm], Closure], address: str, **shown: Any) -> Page:
    form = EndForm(request.form if request.method == "POST" else None)
    shown |= {"form": form, "address": address}
    if request.method == "GET" or put_into(form):
        return web.render("comments/close_discussions.html", words="", **shown)
    try:
        web.checked(form)
        made = close(form)
        db.commit()
    except (Invalid, Conflict) as error:
        db.rollback()
        web.show_errors(form, error)
        words = error.words if isinstance(error, Conflict) else ""
        return web.render("comments/close_discussions.html", words=words, **shown), error.status
    of_site = made.article_id is None and made.tag_id is None
    return closed(made, url_for("closures.show", id=made.id) if of_site else address, _said(made))


def _said(made: Closure) -> str:
    if made.article_id is not None:
        said = _("This discussion is closed.")
    elif made.tag_id is not None:
        said = _("All these discussions are closed.")
    else:
        said = _("The whole site is closed for comments.")
    return str(said)
