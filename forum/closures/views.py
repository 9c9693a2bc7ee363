"""Show what was ended, by whom and why. Ending and reopening are pages of the discussion (`comments.views.closing`)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from forum import policy, web
from forum.articles import queries as articles
from forum.clock import now
from forum.closures import queries
from forum.errors import NotFound

blueprint = Blueprint("closures", __name__)


@blueprint.get("/closures/<int:id>")
def show(id: int) -> str:
    """Show one closure: the words, who, when, how far, until when, and whether it was reopened."""
    moment = now()
    closure = queries.closure(id, moment)
    article = articles.article_by_id(closure.article_id) if closure else None
    if closure is None or article is None or not policy.may_read_article(web.viewer(), article, moment):
        raise NotFound()
    may_reopen = policy.may_change_closure(web.viewer(), article, closure)
    may_undo = policy.may_undo_closure(web.viewer(), article, closure, moment)
    partner = closure.partner_of(web.viewer().id)
    shown: dict[str, Any] = {"closure": closure, "article": article, "may_reopen": may_reopen, "may_undo": may_undo}
    return web.render("closures/show.html", partner=partner, **shown)


@blueprint.get("/moderation/closures")
@web.private(policy.may_open_desk)
def list_open() -> str:
    """List what is closed now: everything for moderators, their own articles' for authors."""
    actor = web.viewer()
    mine = None if policy.may_moderate_everywhere(actor) else actor.id
    found = queries.newest(now(), mine, web.number("before"))
    return web.render("closures/list_open.html", closures=found, beginnings=queries.beginnings(found))
