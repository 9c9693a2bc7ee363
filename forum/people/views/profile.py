"""Profiles, and one's own account."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import current_app, make_response, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum import policy, web
from forum.errors import Invalid, NotFound
from forum.people import actions, queries
from forum.people.forms import ChangePasswordForm, ProfileForm
from forum.people.queries import Profile
from forum.people.views import blueprint
from forum.process import offers_mail
from forum.site import choices


@blueprint.get("/people/<name>")
def profile(name: str) -> FlaskResponse:
    """Show a person's profile. Search engines are asked not to list it."""
    person = _person(name)
    shown = bool(person.lists_comments) and "comments.by_person" in current_app.view_functions
    comments = url_for("comments.by_person", name=name) if shown else ""
    # Only people with a role can write articles; a reader's list would be empty.
    writes = bool(person.badge) and "articles.by_person" in current_app.view_functions
    articles = url_for("articles.by_person", name=name) if writes else ""
    manage = url_for("people.person", person_id=person.id) if policy.may_administer(web.viewer()) else ""
    lists = {"articles": articles, "comments": comments, "manage": manage}
    response = make_response(web.render("people/profile.html", person=person, **lists))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.route("/people/<name>/edit", methods=["GET", "POST"])
@web.limited("20 per hour")
def edit_profile(name: str) -> web.Page:
    """Change one's own profile."""
    person = _own(name)
    form = _profile_form(person, web.sent())
    if request.method == "GET":
        return _edit_page(person, form, ChangePasswordForm())

    def act() -> None:
        typed = form.about.data or "", form.email.data or ""
        actions.edit_profile(web.viewer(), *typed, bool(form.hides_comments.data), form.language.data or "")
        actions.rename(web.viewer(), person.id, str(form.display_name.data))

    if isinstance(web.attempt(form, act), Invalid):
        return _edit_page(person, form, ChangePasswordForm()), 422
    with force_locale(form.language.data or web.site().language):  # that of the page that says it
        web.say(_("Your profile is saved."))
    _say_where_the_link_went(person)
    return web.other_page(url_for("people.profile", name=name))


@blueprint.post("/people/<name>/password")
@web.limited("10 per hour")
def change_password(name: str) -> web.Page:
    """Change one's own password. All other sessions end."""
    person, form = _own(name), ChangePasswordForm(request.form)
    done = web.attempt(form, lambda: actions.change_password(web.viewer(), str(form.old.data), str(form.password.data)))
    if isinstance(done, Invalid):
        return _edit_page(person, _profile_form(person, None), form), 422
    if (found := queries.viewer_of(person.id)) is not None:
        web.sign_in(found)
    web.say(_("Your password is changed, and every other browser is signed out."))
    return web.other_page(url_for("people.profile", name=name))


def _say_where_the_link_went(before: Profile) -> None:
    after = _person(before.username)
    if offers_mail() and after.email and after.email != before.email:
        web.say(_("We sent a mail to %(address)s. Open its link to confirm your address.", address=after.email))


def _person(name: str) -> Profile:
    person = queries.profile(web.viewer(), name)
    if person is None:
        raise NotFound(_("There is nobody with this name here."))
    return person


def _own(name: str) -> Profile:
    person = _person(name)
    person.changes.require()
    return person


def _profile_form(person: Profile, typed: MultiDict[str, str] | None) -> ProfileForm:
    form = ProfileForm(typed, obj=person)
    of_the_site = choices.languages().get(web.site().language, web.site().language)
    form.language.choices = [SelectChoice("", _("As on the whole site: %(language)s", language=of_the_site))]
    form.language.choices += [SelectChoice(code, name) for code, name in sorted(choices.languages().items())]
    return form


def _edit_page(person: Profile, form: ProfileForm, password_form: ChangePasswordForm) -> str:
    return web.render("people/edit.html", person=person, form=form, password_form=password_form)
