"""The page of notices."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, web
from forum.errors import SignInNeeded
from forum.notifications import actions, queries
from forum.policy import Actor
from forum.site.views.head import counted_at

blueprint = Blueprint("notifications", __name__)


@blueprint.get("/notices")
def notices() -> str:
    """Show the viewer's notices, newest first. Showing marks nothing as read."""
    page = queries.notices(_signed_in(), web.number("before"))
    return web.render("notifications/notices.html", page=page)


@blueprint.post("/notices/read")
def mark_read() -> Response:
    """Mark as read what was on the page, and not what arrived since."""
    actions.mark_read(web.viewer(), web.number("up_to", request.form) or 0)
    db.commit()
    web.say(_("All marked as read."))
    return web.other_page(url_for("notifications.notices"))


def _signed_in() -> int:
    person = web.viewer().id
    if person is None:
        raise SignInNeeded(_("Please sign in to read your notices."))
    return person


@counted_at("notifications.notices")
def _unseen(person: Actor) -> int:
    return queries.unseen(person.id) if person.id is not None else 0
