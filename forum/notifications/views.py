"""Mark notices as read. The page that shows them is `following`'s: it shows comments and articles."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, web
from forum.notifications import actions

blueprint = Blueprint("notifications", __name__)


@blueprint.post("/notices/read")
def mark_read() -> Response:
    """Mark as read what was on the page, and not what arrived since."""
    actions.mark_read(web.viewer(), web.number("up_to", request.form) or 0)
    db.commit()
    web.say(_("All marked as read."))
    return web.other_page(url_for("following.notices"))
