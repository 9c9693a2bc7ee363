"""Sign in, sign up, sign out."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.errors import Invalid
from forum.people import actions, networks, passwords, queries
from forum.people.forms import SignInForm, SignUpForm
from forum.people.models import Person
from forum.people.views import blueprint, tries
from forum.process import offers_mail
from forum.web.guards import client
from forum.web.pages import safe_next


def network() -> str:
    """Return the key of a limit: the network of the request, signed in or not."""
    return "net:" + client()


@blueprint.route("/sign-in", methods=["GET", "POST"])
@web.limited("30 per 5 minutes", by=network, when=tries.is_strange)
@web.limited("100 per hour", by=tries.account, when=tries.is_strange)
@web.limited("10 per 5 minutes", by=tries.account_and_network, when=tries.is_strange)
@web.limited("10 per minute", by=tries.account, when=tries.is_known)
def sign_in() -> web.Page:
    """Ask for name and password, and go back to the page before, or show the form that waits to be sent again."""
    form = SignInForm(request.form, next=_leads_to())
    there = safe_next(form.next.data, url_for("articles.home"))
    if request.method == "GET":
        return web.other_page(there) if web.viewer().id else _sign_in_page(form)
    person = web.attempt(form, lambda: actions.authenticate(str(form.username.data), str(form.password.data)))
    if isinstance(person, Invalid):
        tries.note_refusal()
        return _sign_in_page(form), 422
    if not tries.is_known():
        actions.tell_of_new_browser(person.id)
        db.commit()
    enter(person)
    if web.is_waiting() and web.viewer().id:
        return web.render("errors/again.html", reason=_("You are signed in."), held=web.held())
    return web.other_page(there)


@blueprint.route("/sign-up", methods=["GET", "POST"])
@web.limited("10 per hour", by=network, when=lambda: not is_beginning())
def sign_up() -> web.Page:
    """Make an account. Where the site is for invited people only, say so before anything is typed."""
    verdict = may_sign_up()
    if not verdict and is_beginning() and web.is_waiting():
        return _sign_in_page(SignInForm(None, next=request.form.get("next", "")))
    if not verdict and (request.method == "GET" or is_beginning()):
        return web.render("people/by_invitation.html", reason=verdict.reason)
    return sign_up_page(url_for("people.sign_up"))


@blueprint.get("/sign-up/done")
def signed_up() -> web.Page:
    """Tell a new member that an admin has to approve them first."""
    if web.viewer().id is None or web.viewer().approved_at is not None:
        return web.other_page(url_for("articles.home"))
    return web.render("people/waiting.html")


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this session."""
    web.end_session()
    return web.other_page(url_for("articles.home"))


@blueprint.app_template_global("may_sign_up")
def may_sign_up() -> policy.Verdict:
    """Answer whether a visitor may make an account without an invitation."""
    return policy.may_sign_up(web.site().sign_up, invited=False)


def is_beginning() -> bool:
    """Tell whether a sign-in page asks for the form of a new account, where something waits to be sent."""
    return "begin" in request.form


def sign_up_page(action: str, invitation: str = "") -> web.Page:
    """Show the form for a new account, or make one and sign its owner in."""
    shown: dict[str, Any] = {
        "action": action,
        "waits": not policy.is_approved_at_once(web.site().sign_up, bool(invitation)),
        "held": web.held() if web.is_waiting() else None,
    }
    if is_beginning():
        return web.render("people/sign_up.html", form=SignUpForm(None, next=request.form.get("next", "")), **shown)
    form = SignUpForm(request.form, next=_leads_to())
    if request.method == "GET":
        return web.render("people/sign_up.html", form=form, **shown)
    person = web.attempt(form, lambda: _new_person(form, invitation))
    if isinstance(person, Invalid):
        return web.render("people/sign_up.html", form=form, **shown), 422
    enter(person)
    if person.email and offers_mail():
        web.say(_("We sent a mail to %(address)s. Open its link to confirm your address.", address=person.email))
    if person.approved_at is None:
        # Not held for them until they may write: the page itself has what they typed, once.
        waiting = shown["held"]
        return (
            web.render("people/waiting.html", held=waiting) if waiting else web.other_page(url_for("people.signed_up"))
        )
    welcome = _("Welcome, %(name)s. You can take part now.", name=person.display_name)
    if web.is_waiting() and web.viewer().id:
        return web.render("errors/again.html", reason=welcome, held=web.held())
    web.say(welcome)
    return web.other_page(safe_next(form.next.data, url_for("articles.home")))


def enter(person: Person) -> None:
    """Sign a person in whose password or link was right. Call after the commit."""
    found = queries.viewer_of(person.id)
    if found is not None and found.deactivated_at is None:
        networks.remember_network(found.id, request.remote_addr or "", web.settings().secret_key)
        db.commit()
        web.sign_in(found)
        tries.remember(found.id)


def _leads_to() -> str:
    """Return where this page leads: to one that asks for it (`next`), or back to where somebody was (`back`)."""
    return request.args.get("next") or request.args.get("back", "")


def _new_person(form: SignUpForm, invitation: str) -> Person:
    return actions.sign_up(
        str(form.username.data),
        form.display_name.data or "",
        str(form.password.data),
        email=form.email.data or "",
        invitation=invitation,
    )


def _sign_in_page(form: SignInForm) -> str:
    demo = web.site().is_demo
    people = queries.demo_people(web.viewer()) if demo else []
    return web.render(
        "people/sign_in.html",
        form=form,
        held=web.held() if web.is_waiting() else None,
        demo_people=people,
        demo_password=passwords.DEMO_PASSWORD if demo else "",
    )
