"""A site that is not set up yet, and the page that sets it up."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum import policy, web
from forum.errors import Invalid
from forum.people import actions
from forum.people.forms import SetupForm
from forum.people.views import blueprint
from forum.people.views.invited import require_link, secret
from forum.people.views.signing import enter, network
from forum.site import choices
from forum.site.queries import site
from forum.siteaddress import left_to_fix

OPEN_BEFORE = ("static", "site.robots", "people.setup", "site.healthz", "site.readyz")


@blueprint.before_app_request
def not_set_up_yet() -> FlaskResponse | None:
    """Answer every page with 503 while the site is not set up: it has no name, no rules and no admin."""
    if request.endpoint in OPEN_BEFORE or web.site().set_up_at is not None:
        return None
    page = render_template("people/setting_up.html")
    return FlaskResponse(page, 503, {"Retry-After": "60", "Cache-Control": "no-store"})


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
@web.limited("20 per hour", by=network)
def setup(token: str) -> Response:
    """Ask for what a site needs before it opens, and open it."""
    require_link(token, "setup")
    form = _form()
    if request.method == "GET":
        return secret(render_template("people/setup.html", form=form))
    typed = {name: value or "" for name, value in form.data.items()}
    admin = web.attempt(form, lambda: actions.set_up(actions.FirstSettings(**typed), token))
    if isinstance(admin, Invalid):
        return secret((render_template("people/setup.html", form=form), 422))
    enter(admin)
    return secret(web.other_page(url_for("people.welcome")))


@blueprint.get("/admin/welcome")
@web.private(policy.may_administer)
def welcome() -> str:
    """Show a new admin what to do first. The address they gave binds nothing until the operator fixes it."""
    return web.render("people/welcome.html", fixing=left_to_fix(web.site().url, web.settings().site_url))


def _form() -> SetupForm:
    form = SetupForm(request.form)
    form.language.choices = [SelectChoice(code, name) for code, name in choices.languages().items()]
    form.timezone.choices = [SelectChoice(name, name.replace("_", " ")) for name in choices.timezones()]
    if request.method == "GET":
        form.address.data = web.settings().site_url or request.host_url.rstrip("/")
        form.language.data, form.timezone.data = site().language, "UTC"
        # Only here: what was chosen and is sent back stays.
        form.timezone.render_kw = {"data-guess": "UTC"}
    return form
