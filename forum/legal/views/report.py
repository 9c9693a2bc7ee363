"""The form at `/report` and the status page of a notice. No account, no script."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import request, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum import web
from forum.clock import now
from forum.errors import Invalid, NotFound
from forum.legal import actions, kinds, letters, queries, tokens
from forum.legal.actions import Filing
from forum.legal.forms import EMPTY, ReportForm
from forum.legal.models import LegalNotice
from forum.legal.views import blueprint
from forum.notifications.views import is_spared
from forum.people.views.invited import secret
from forum.policy.law import CHILD
from forum.web.guards import network

LONGEST = 500  # characters of an address that the form begins with


def about_child() -> bool:
    """Tell whether a notice about a child is sent."""
    return request.form.get("kind") == CHILD


@blueprint.route("/report", methods=["GET", "POST"])
@web.limited("5 per hour", by=network)
@web.limited("20 per day", by=network)
@web.limited("3 per day", by=network, when=about_child)
def report() -> web.Page | FlaskResponse:
    """Take in what somebody says is against the law. Opening the page writes nothing."""
    form = ReportForm(request.form)
    form.kind.choices = [EMPTY, *(SelectChoice(kind, kinds.in_words(kind)) for kind in kinds.KINDS)]
    if request.method == "GET":
        form.addresses.data = request.args.get("about", "")[:LONGEST]
        return web.render("legal/report.html", form=form)
    made = web.attempt(form, lambda: _file(form))
    if isinstance(made, Invalid):
        return web.render("legal/report.html", form=form), 422
    web.say(_("Thank you. Your notice is here, and a person will look at it."))
    return secret(web.other_page(letters.path(made)))


@blueprint.get("/report/<token>")
def status(token: str) -> FlaskResponse:
    """Show what became of a notice, to anybody who has its address."""
    reference = tokens.reference_of(token, web.settings().secret_key)
    found = queries.status(reference) if reference else None
    if found is None:
        raise NotFound(_("This address is not complete, or there is no such notice."))
    address = url_for("legal.status", token=token, _external=True)
    kind = kinds.in_words(found.kind)
    page = secret(web.render("legal/status.html", notice=found, kind=kind, address=address))
    page.headers["X-Robots-Tag"] = "noindex"
    return page


def _file(form: ReportForm) -> LegalNotice:
    made, is_new = actions.file(
        Filing(
            form.addresses.data or "",
            form.kind.data or "",
            form.why.data or "",
            form.name.data or "",
            form.email.data or "",
        ),
        web.is_ours,
    )
    if is_new and made.email is not None and not is_spared(made.email):
        letters.ask_for_receipt(made, now())
    return made
