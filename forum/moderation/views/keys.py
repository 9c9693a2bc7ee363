"""The switch for single keys at the desk."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.moderation.views import blueprint
from forum.moderation.views.queue import parsed
from forum.people import actions as people


@blueprint.post("/moderation/keys")
@web.private(policy.may_open_desk)
def keys() -> Response:
    """Switch single keys on or off for the viewer, and go back to the queue."""
    wanted = request.form.get("keys") == "on"
    people.use_keys(web.viewer(), wanted)
    db.commit()
    web.say(_("Keys are on. ? shows the list of them.") if wanted else _("Keys are off."))
    return web.other_page(url_for("moderation.queue", **parsed(request.form.get("back", "")).address()))
