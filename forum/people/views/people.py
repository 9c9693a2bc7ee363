"""The pages of people for admins: the list, and each person with what an admin can do."""

from __future__ import annotations

from collections.abc import Callable

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.errors import Invalid, NotFound
from forum.people import actions, queries
from forum.people.forms import STATES, InviteForm, RoleForm
from forum.people.queries.people import PAGE
from forum.people.views import blueprint
from forum.policy import Actor
from forum.process import offers_mail
from forum.site.views.admin import admins_only
from forum.site.views.head import counted_at

PERSON = "/admin/people/<int:person_id>"


@blueprint.get("/admin/people")
@admins_only
def people() -> str:
    """List people, newest first."""
    return _people_page(InviteForm())


@blueprint.get(PERSON)
@admins_only
def person(person_id: int) -> str:
    """Show one person with everything that an admin can do."""
    return _person_page(person_id)


@blueprint.post(PERSON + "/approve")
@admins_only
def approve(person_id: int) -> Response:
    """Approve a person who waits."""
    return _done(person_id, actions.approve, _("They can write now."))


@blueprint.post(PERSON + "/role")
@admins_only
def set_role(person_id: int) -> web.Page:
    """Change a person's role."""
    form = RoleForm(request.form)
    done = web.attempt(form, lambda: actions.set_role(web.viewer(), person_id, str(form.role.data)))
    if isinstance(done, Invalid):
        return _person_page(person_id, role_form=form), 422
    return _said(person_id, _("Role changed."))


@blueprint.post(PERSON + "/deactivate")
@admins_only
def deactivate(person_id: int) -> Response:
    """Deactivate an account."""
    undo = url_for("people.reactivate", person_id=person_id)
    return _done(person_id, actions.deactivate, _("The account is off, and signed out everywhere."), undo)


@blueprint.post(PERSON + "/reactivate")
@admins_only
def reactivate(person_id: int) -> Response:
    """Reactivate an account."""
    return _done(person_id, actions.reactivate, _("The account is on again."))


@blueprint.post(PERSON + "/reset")
@admins_only
def reset_link(person_id: int) -> str:
    """Make a link for a new password and show it once: only its hash is stored."""
    path = actions.make_reset_link(web.viewer(), person_id)
    db.commit()
    return _person_page(person_id, link=_address() + path)


@blueprint.post("/admin/invitations")
@admins_only
def make_invitation() -> web.Page:
    """Make an invitation and show its link once."""
    form = InviteForm(request.form)
    if (form.email.data or "").strip() and offers_mail():
        return _invite_by_mail(form)
    path = web.attempt(form, lambda: actions.make_invitation(web.viewer(), form.note.data or ""))
    if isinstance(path, Invalid):
        return _people_page(form), 422
    return _people_page(InviteForm(), link=_address() + path)


def _invite_by_mail(form: InviteForm) -> web.Page:
    invite = actions.invite_by_mail
    address = web.attempt(form, lambda: invite(web.viewer(), form.email.data or "", form.note.data or ""))
    if isinstance(address, Invalid):
        return _people_page(form), 422
    web.say(_("The invitation is on its way to %(address)s.", address=address))
    return web.other_page(url_for("people.people"))


@blueprint.post("/admin/invitations/<int:link_id>/cancel")
@admins_only
def cancel_invitation(link_id: int) -> Response:
    """Cancel an invitation that is not used yet."""
    actions.cancel_invitation(web.viewer(), link_id)
    db.commit()
    web.say(_("The invitation no longer works."))
    return web.other_page(url_for("people.people"))


def _address() -> str:
    return web.site().url or request.host_url.rstrip("/")


def _done(person_id: int, act: Callable[[Actor, int], None], message: str, undo: str = "") -> Response:
    act(web.viewer(), person_id)
    db.commit()
    return _said(person_id, message, undo)


def _said(person_id: int, message: str, undo: str = "") -> Response:
    web.say(message, undo)
    return web.other_page(url_for("people.person", person_id=person_id))


def _person_page(person_id: int, role_form: RoleForm | None = None, link: str = "") -> str:
    found = queries.person_row(web.viewer(), person_id)
    if found is None:
        raise NotFound
    return web.render(
        "people/person.html",
        person=found,
        role_form=role_form or RoleForm(role=found.role),
        link=link,
    )


def _people_page(form: InviteForm, link: str = "") -> str:
    search = request.args.get("q", "")[:100]
    state = request.args.get("state", "")
    after = web.number("after") or 0
    rows = queries.people(web.viewer(), search, state if state in STATES else "", after)
    more = url_for("people.people", q=search, state=state, after=rows[PAGE - 1].id) if len(rows) > PAGE else ""
    return web.render(
        "people/people.html",
        people=rows[:PAGE],
        more=more,
        search=search,
        state=state,
        invitations=queries.invitations(),
        form=form,
        link=link,
    )


@counted_at("site.settings")
def _waiting(person: Actor) -> int:
    return queries.waiting_count() if web.site().sign_up == "approval" and policy.may_administer(person) else 0
