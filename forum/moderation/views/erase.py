"""The pages on which an admin erases."""

from __future__ import annotations

from collections.abc import Callable

from flask import request, url_for
from flask_babel import gettext as _

from forum import db, policy, web
from forum.errors import Invalid
from forum.legal.views.desk import gone
from forum.moderation import erasing
from forum.moderation.erasing import EarlierVersion
from forum.moderation.forms import EraseForm
from forum.moderation.queries import desk
from forum.moderation.queries.desk import Case
from forum.moderation.views import blueprint
from forum.moderation.views.refusals import missing
from forum.site import queries as site


@blueprint.route("/moderation/comments/<int:id>/erase", methods=["GET", "POST"])
@web.private(policy.may_erase)
def erase_comment(id: int) -> web.Page:
    """Ask, with the consequences in words; then take a comment's text away for ever."""
    case = desk.case(web.viewer(), id) or missing()
    return _erase(
        case, None, lambda rule: erasing.erase_comment(web.viewer(), id, rule), _("The comment is gone for good.")
    )


@blueprint.route("/moderation/revisions/<int:id>/erase", methods=["GET", "POST"])
@web.private(policy.may_erase)
def erase_revision(id: int) -> web.Page:
    """Ask, then take an earlier version of a comment away for ever; the comment stays."""
    version = erasing.earlier_version(id) or missing()
    case = desk.case(web.viewer(), version.comment_id) or missing()
    words = _("The earlier version is gone for good.")
    return _erase(case, version, lambda rule: erasing.erase_revision(web.viewer(), id, rule), words)


def _erase(case: Case, version: EarlierVersion | None, act: Callable[[str], object], words: str) -> web.Page:
    form = EraseForm(request.form)
    done = None if request.method == "GET" else web.attempt(form, lambda: act(form.reason.data or ""))
    if request.method == "GET" or isinstance(done, Invalid):
        shown = {"comment": case.comment, "version": version, "form": form, "rules": site.rules()}
        return web.render("moderation/erase.html", "", **shown), 422 if done else 200
    words = f"{words} {gone()}"
    db.checkpoint()
    web.say(words)
    return web.other_page(url_for("moderation.decide", id=case.comment.id))
