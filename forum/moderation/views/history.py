"""The history that everybody reads, and the one of staff, with names."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from forum import policy, web
from forum.ledger import queries as log
from forum.moderation.acts import GROUPS, WORDS
from forum.moderation.forms import REASONS
from forum.moderation.queries import decisions
from forum.moderation.queries.trail import Filters
from forum.moderation.queries.trail import trail as find_trail
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


@blueprint.get("/moderation/history")
@web.private(policy.may_moderate_everywhere)
def trail() -> web.Page:
    """Show staff who did what, about whom, and what was noted, as narrowed by the address."""
    filters = Filters(
        **{name: request.args.get(name, "").strip()[:120] for name in ("group", "by", "about", "article")}
    )
    steps, older = find_trail(web.viewer(), filters, web.number("before"))
    worded: dict[str, Any] = {"groups": GROUPS, "words": WORDS, "reasons": REASONS}
    return web.render("moderation/trail.html", steps=steps, older=older, filters=filters, **worded)
