"""The pages of one-time links: a new password, an invitation."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import make_response, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import web
from forum.errors import Invalid, NotFound
from forum.people import actions, queries
from forum.people.forms import NewPasswordForm
from forum.people.views import blueprint
from forum.people.views.signing import network, sign_up_page


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@web.limited("20 per hour", by=network)
def reset(token: str) -> Response:
    """Ask for a new password, once."""
    require_link(token, "reset")
    form = NewPasswordForm(request.form)
    if request.method == "GET":
        return secret(web.render("people/reset.html", form=form))
    done = web.attempt(form, lambda: actions.use_reset_link(token, str(form.password.data)))
    if isinstance(done, Invalid):
        return secret((web.render("people/reset.html", form=form), 422))
    web.say(_("Your new password is set. Sign in with it."))
    return secret(web.other_page(url_for("people.sign_in")))


@blueprint.route("/invite/<token>", methods=["GET", "POST"])
@web.limited("10 per hour", by=network)
def invite(token: str) -> Response:
    """Make an account for a visitor with an invitation."""
    require_link(token, "invite")
    return secret(sign_up_page(url_for("people.invite", token=token), invitation=token))


def require_link(token: str, purpose: str) -> None:
    """Raise NotFound where a link is used, too old, unknown or for something else."""
    if queries.link_purpose(token) != purpose:
        raise NotFound(_("This link has been used already or is too old. Ask for a new one."))


def secret(page: web.Page) -> FlaskResponse:
    """Keep a page whose address is a secret out of caches, and its address out of `Referer` headers to other sites."""
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-store"
    # not no-referrer: under https our own CSRF check needs the referrer of a form
    response.headers["Referrer-Policy"] = "same-origin"
    return response
