"""Open again what was closed, or take a closing back without trace."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.articles.queries import ArticleView
from forum.clock import now
from forum.closures import queries as closures
from forum.closures.queries import ClosureView
from forum.comments.ending import actions
from forum.comments.ending.forms import ReasonForm
from forum.comments.views import blueprint, readable_article
from forum.errors import Invalid, NotFound


@blueprint.route("/closures/<int:id>/reopen", methods=["GET", "POST"])
def reopen(id: int) -> web.Page:
    """Open again what a closure ended."""
    closure, article = _known(id)
    policy.may_change_closure(web.viewer(), article, closure).require()
    form = ReasonForm(web.sent())
    shown: dict[str, Any] = {"closure": closure, "article": article, "form": form}
    if request.method == "GET":
        return web.render("closures/reopen.html", **shown)
    if isinstance(web.attempt(form, lambda: actions.reopen(web.viewer(), id, form.reason.data or "")), Invalid):
        return web.render("closures/reopen.html", **shown), 422
    web.say(_("It is open again."))
    return web.other_page(_place_of(closure))


@blueprint.post("/closures/<int:id>/undo")
def undo_closure(id: int) -> Response:
    """Take a closure back without trace."""
    closure, _article = _known(id)
    actions.undo(web.viewer(), id)
    db.commit()
    web.say(_("Taken back: it is as if it had not been closed."))
    return web.other_page(_place_of(closure))


def _known(id: int) -> tuple[ClosureView, ArticleView | None]:
    """Return a closure with its article, if it has one. Raises NotFound where this viewer may not know of it."""
    moment = now()
    closure = closures.closure(id, moment)
    if closure is None:
        raise NotFound()
    article = readable_article(closure.article_slug) if closure.article_slug is not None else None
    if not policy.may_read_closure(web.viewer(), article, closure, moment):
        raise NotFound()
    return closure, article


def _place_of(closure: ClosureView) -> str:
    if comment_id := closure.at_id or closure.branch_id:
        return url_for("comments.permalink", id=comment_id)
    if closure.article_slug is not None:
        return url_for("comments.article", slug=closure.article_slug)
    if closure.tag_slug is not None:
        return url_for("articles.tag", tag=closure.tag_slug)
    return url_for("closures.list_open")
