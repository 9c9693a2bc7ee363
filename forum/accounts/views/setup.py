"""A site that is not set up yet, the page that sets it up, and whether all is well."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import render_template, request, url_for
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum import db, policy, web
from forum.accounts import queries, values
from forum.accounts.forms import SetupForm
from forum.accounts.setup import FirstSettings, first_setup
from forum.accounts.views import blueprint
from forum.accounts.views.invited import require_link, secret
from forum.accounts.views.signing import enter, network
from forum.errors import Invalid
from forum.web.guards import counts_together

OPEN_BEFORE = ("static", "accounts.setup", "accounts.healthz", "accounts.readyz")


@blueprint.before_app_request
def not_set_up_yet() -> FlaskResponse | None:
    """Answer every page of a site that is not set up with 503: it has no name, no rules and no admin."""
    if request.endpoint in OPEN_BEFORE or web.site().set_up_at is not None:
        return None
    page = render_template("accounts/setting_up.html")
    return FlaskResponse(page, 503, {"Retry-After": "60", "Cache-Control": "no-store"})


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
@web.limited("20 per hour", by=network)
def setup(token: str) -> Response:
    """Ask what a site needs before it opens, and open it."""
    require_link(token, "setup")
    form = _form()
    if request.method == "GET":
        return secret(render_template("accounts/setup.html", form=form))
    try:
        web.checked(form)
        typed = {name: value or "" for name, value in form.data.items()}
        admin = first_setup(FirstSettings(**typed), token)
    except Invalid as error:
        db.rollback()
        _show(form, error)
        return secret((render_template("accounts/setup.html", form=form), 422))
    db.commit()
    enter(admin)
    return secret(web.other_page(url_for("accounts.welcome")))


@blueprint.get("/admin/welcome")
@web.private(policy.may_administer)
def welcome() -> str:
    """Show a new admin what to do first."""
    return web.render("accounts/welcome.html")


@blueprint.get("/healthz")
def healthz() -> FlaskResponse:
    """Tell that this process answers."""
    return FlaskResponse("ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})


@blueprint.get("/readyz")
def readyz() -> FlaskResponse:
    """Tell whether the database answers and has the schema this program needs."""
    from forum import schema  # it knows every room's tables, so it comes after them all

    try:
        db.session.execute(sql("SELECT 1"))
        at, wanted = schema.current(), schema.head()
    except SQLAlchemyError:
        return _ready(503, "the database does not answer\n")
    if at != wanted:
        return _ready(503, f"the database is at {at}, not at {wanted}\n")
    # Still ready: a proxy that took every process out because of this would shut the site.
    return _ready(200, "ready\n" if counts_together() else "ready, but each process counts rate limits by itself\n")


def _ready(status: int, words: str) -> FlaskResponse:
    headers = {"Cache-Control": "no-store"}
    return FlaskResponse(words, status, headers, content_type="text/plain; charset=utf-8")


def _form() -> SetupForm:
    form = SetupForm(request.form)
    form.language.choices = [SelectChoice(code, name) for code, name in values.languages().items()]
    form.timezone.choices = [SelectChoice(name, name.replace("_", " ")) for name in values.timezones()]
    if request.method == "GET":
        form.address.data = web.settings().site_url or request.host_url.rstrip("/")
        form.language.data, form.timezone.data = queries.site().language, "UTC"
    return form


def _show(form: SetupForm, error: Invalid) -> None:
    # The settings have the site's names for what the form asks.
    asked = {"name": "site_name", "url": "address"}
    web.show_errors(form, Invalid({asked.get(field, field): message for field, message in error.fields.items()}))
