"""Pages about mail: a forgotten password, confirming an address, and going on after a pause; the test of admins."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, web
from forum.errors import Invalid, NotFound
from forum.mail import drawing
from forum.mail.letters import Letter
from forum.mail.transport import Refused
from forum.people import actions, queries
from forum.people.forms import ForgotForm
from forum.people.tokens import new_token
from forum.people.views import blueprint, tries
from forum.people.views.invited import require_link, secret
from forum.people.views.signing import network
from forum.process import offers_mail
from forum.site.views.admin import admins_only

TEST_SECONDS = 8.0  # an admin waits for the answer of the mail server


@blueprint.route("/forgot", methods=["GET", "POST"])
@web.limited("10 per hour", by=network)
@web.limited("3 per hour", by=tries.account)
def forgot() -> web.Page:
    """Ask for the link for a new password. The answer is the same whether there is such an account or not."""
    if not offers_mail():
        raise NotFound(_("This site sends no mail. Ask the people who run it for a link to set a new password."))
    form = ForgotForm(request.form)
    if request.method == "GET":
        return web.render("people/forgot.html", form=form)
    if isinstance(web.attempt(form, lambda: actions.ask_for_reset(str(form.username.data))), Invalid):
        return web.render("people/forgot.html", form=form), 422
    return web.other_page(url_for("people.link_sent"))


@blueprint.get("/forgot/sent")
def link_sent() -> str:
    """Say that a mail is on its way if there is such an account."""
    return web.render("people/link_sent.html")


@blueprint.route("/verify/<token>", methods=["GET", "POST"])
@web.limited("20 per hour", by=network)
def verify(token: str) -> Response:
    """Ask whether an address is somebody's, and note it. Opening the page writes nothing."""
    require_link(token, "verify")
    if request.method == "GET":
        return secret(web.render("people/verify.html"))
    person = actions.verify_address(token)
    db.commit()
    web.say(_("Thank you. Your mail address is confirmed."))
    is_here = web.viewer().id == person.id
    return secret(
        web.other_page(url_for("people.profile", name=person.username) if is_here else url_for("articles.home"))
    )


@blueprint.post("/people/<name>/mail/link")
@web.limited("5 per hour")
def send_link(name: str) -> Response:
    """Send the link that verifies one's own address."""
    _require_own(name)
    address = actions.ask_for_link(web.viewer())
    db.commit()
    web.say(_("A mail with a link is on its way to %(address)s.", address=address))
    return web.other_page(url_for("people.edit_profile", name=name))


@blueprint.post("/people/<name>/mail/resume")
@web.limited("5 per hour")
def resume_mail(name: str) -> Response:
    """Let mail go to one's own address again."""
    _require_own(name)
    actions.resume_mail(web.viewer())
    db.commit()
    web.say(_("Mail goes to your address again."))
    return web.other_page(url_for("people.edit_profile", name=name))


@blueprint.post("/admin/mail/test")
@admins_only
@web.limited("20 per hour")
def test_mail() -> Response:
    """Send a letter to the admin who asks, at once, and say what the mail server answered."""
    person = queries.person_row(web.viewer(), web.viewer().id or 0)
    if not offers_mail() or person is None:
        raise NotFound
    if not person.email:
        web.say(_("Give your own account a mail address first; the test goes there."))
        return web.other_page(url_for("people.edit_profile", name=person.username))
    try:
        said = drawing.send(test_letter(person.display_name, person.email), TEST_SECONDS)
    except Refused as refused:
        web.say(_("The mail was not sent. The answer was: %(words)s", words=str(refused)))
    else:
        web.say(_("The mail server took the mail to %(address)s: %(words)s", address=person.email, words=said))
    return web.other_page(url_for("site.settings", _anchor="mail"))


def test_letter(name: str, address: str) -> Letter:
    """Return the letter that shows that mail arrives."""
    words = [_("This is the test that you asked for. It arrived, so this site can send mail.")]
    values = {"greeting": "", "words": words, "path": "", "link": "", "after": []}
    subject = _("Test from %(site)s", site=web.site().name)
    return Letter(name, address, subject, "account", f"test-{new_token()[:16]}", values)


def _require_own(name: str) -> None:
    person = queries.profile(web.viewer(), name)
    if person is None:
        raise NotFound(_("There is nobody with this name here."))
    person.changes.require()
