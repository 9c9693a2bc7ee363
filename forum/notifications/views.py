"""The page of notices."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, web
from forum.errors import SignInNeeded
from forum.notifications import actions, queries
from forum.policy import Actor

blueprint = Blueprint("notifications", __name__)


@blueprint.record_once
def count_in_head(state: BlueprintSetupState) -> None:
    """Show in the head of every page how many notices the viewer has not read."""
    state.app.extensions["head-counts"]["notifications.notices"] = _unseen


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


def _unseen(person: Actor) -> int:
    return queries.unseen(person.id) if person.id is not None else 0
