"""The page on which anybody reports a comment."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from forum import db, web
from forum.errors import Conflict, Invalid
from forum.moderation import actions
from forum.moderation.forms import REASONS, FlagForm
from forum.moderation.queries import reports
from forum.moderation.queries.reports import Reporting
from forum.moderation.views import blueprint
from forum.moderation.views.refusals import missing, show
from forum.web.guards import network


def is_guest() -> bool:
    """Tell whether somebody without an account reports."""
    return web.viewer().id is None and not web.asks_to_sign_in()


def is_member() -> bool:
    """Tell whether somebody with an account reports."""
    return web.viewer().id is not None


@blueprint.route("/comments/<int:id>/flag", methods=["GET", "POST"])
@web.limited("30 per hour", when=is_member)
@web.limited("5 per hour", by=network, when=is_guest)
def flag(id: int) -> web.Page:
    """Report a comment; the form says before a word is typed if one cannot, and shows a report made already."""
    page = reports.reporting(web.viewer(), id) or missing()
    form = FlagForm(request.form)
    if request.method == "GET":
        return _flag_page(page, form)
    if sign_in := web.sign_in_to_go_on():
        return sign_in
    page.may_flag.require()
    try:
        web.checked(form)
        if web.has_reported(id):
            raise Conflict(_("You have reported this comment already. Once is enough: a person will look at it."))
        actions.flag(web.viewer(), id, form.reason.data, form.note.data or "")
        db.commit()
    except (Invalid, Conflict) as error:
        return _flag_page(page, form, error)
    if is_guest():
        web.remember_report(id)
        web.say(_("Thank you. A person will look at it."))
    else:
        web.say(_("Thank you. A person will look at it, and your notices will tell you what became of it."))
    if reports.reporting(web.viewer(), id) is None:  # this report hid it
        return web.other_page(url_for("comments.article", slug=page.comment.article_slug))
    return web.other_page(url_for("comments.permalink", id=id))


def _flag_page(page: Reporting, form: FlagForm, error: Invalid | Conflict | None = None) -> web.Page:
    status = show(form, error)
    if isinstance(error, Conflict):  # somebody reported twice, or it was removed meanwhile
        page = reports.reporting(web.viewer(), page.comment.id) or missing()
    shown: dict[str, Any] = {"guest": is_guest(), "reported": web.has_reported(page.comment.id)}
    return web.render("moderation/flag.html", page=page, form=form, reasons=REASONS, **shown), status
