"""The page on which admins see what the worker could not do."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.jobs import actions, queries
from forum.jobs.words import in_words

blueprint = Blueprint("jobs", __name__)


@blueprint.get("/admin/jobs")
@web.private(policy.may_administer)
def jobs() -> str:
    """Show whether a worker is there, and the jobs that failed."""
    shown: dict[str, Any] = {
        "work": queries.work(),
        "failed": queries.failed(),
        "waiting": queries.tried(),
        "words": in_words,
    }
    return web.render("jobs/jobs.html", **shown)


@blueprint.post("/admin/jobs/<int:id>/retry")
@web.private(policy.may_administer)
def retry(id: int) -> Response:
    """Try a job that failed once more."""
    actions.retry(web.viewer(), id)
    db.commit()
    web.say(_("It is tried again within seconds."))
    return web.other_page(url_for("jobs.jobs"))


@blueprint.post("/admin/jobs/<int:id>/drop")
@web.private(policy.may_administer)
def drop(id: int) -> Response:
    """Give a job that failed up."""
    actions.drop(web.viewer(), id)
    db.commit()
    web.say(_("It was given up."))
    return web.other_page(url_for("jobs.jobs"))
