"""Show what was ended, by whom and why. Ending and reopening are pages of the discussion (`comments.views.closing`)."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import Blueprint, request

from forum import policy, web
from forum.articles import queries as articles
from forum.clock import now
from forum.closures import lists, queries
from forum.closures.lists import Filters
from forum.errors import NotFound

blueprint = Blueprint("closures", __name__)


@blueprint.get("/closures/<int:id>")
def show(id: int) -> str:
    """Show one closure: the words, who, when, how far, from when and until when, and whether it was reopened."""
    moment, viewer = now(), web.viewer()
    closure = queries.closure(id, moment)
    if closure is None:
        raise NotFound()
    article = articles.article_by_id(closure.article_id) if closure.article_id is not None else None
    if not policy.may_read_closure(viewer, article, closure, moment):
        raise NotFound()
    may_reopen = policy.may_change_closure(viewer, article, closure)
    may_undo = policy.may_undo_closure(viewer, article, closure, moment)
    is_own = closure.for_one and closure.person_a_id == viewer.id
    shown: dict[str, Any] = {"closure": closure, "article": article, "may_reopen": may_reopen, "may_undo": may_undo}
    return web.render("closures/show.html", partner=closure.partner_of(viewer.id), is_own=is_own, **shown)


@blueprint.get("/moderation/closures")
@web.private(policy.may_open_desk)
def list_open() -> str:
    """List what is closed, or was, wherever the viewer moderates."""
    filters = Filters(**{field.name: request.args.get(field.name, "").strip()[:120] for field in fields(Filters)})
    found, older = lists.newest(filters, now(), policy.reach(web.viewer()), web.number("before"))
    listed: dict[str, Any] = {"closures": found, "older": older, "beginnings": queries.beginnings(found)}
    listed["may_close_site"] = policy.may_close(web.viewer(), None)
    return web.render("closures/list_open.html", filters=filters, **listed)
