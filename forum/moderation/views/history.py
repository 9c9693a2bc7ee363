"""The public history."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from forum import policy, web
from forum.ledger import queries as log
from forum.moderation.queries import decisions
from forum.moderation.views import blueprint


@blueprint.get("/history")
def history() -> Response:
    """Show what was moderated: act, article, rule and time; never a name, a text or a report.

    Staff also see the head of the log.
    """
    policy.may_see_history(web.viewer(), web.site()).require()
    deeds, older = decisions.history(web.viewer(), web.number("before"))
    staff = policy.may_moderate_everywhere(web.viewer())
    sealed: dict[str, Any] = {"head": log.head(), "unsealed": log.unsealed()} if staff else {}
    response = Response(web.render("moderation/history.html", deeds=deeds, older=older, **sealed), mimetype="text/html")
    response.headers["X-Robots-Tag"] = "noindex"
    return response
