"""Following by a mail address alone: ask for it, confirm it, see what it follows, end it. No account, signed links."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.errors import Invalid, NotFound
from forum.following import followed
from forum.following.confirming import in_words
from forum.following.forms import AddressForm
from forum.following.views import blueprint
from forum.following.views.pages import address, named
from forum.notifications import address_links, followers, mailing, queries
from forum.notifications.address_links import Wish
from forum.notifications.models import Address
from forum.notifications.views import is_spared
from forum.people import addresses
from forum.people.views.invited import secret
from forum.process import offers_mail
from forum.site.queries import lets_guests_follow
from forum.web.guards import network


@blueprint.post("/follow/<kind>/<int:subject>/mail")
@web.limited("10 per hour", by=network)
def ask(kind: str, subject: int) -> web.Page:
    """Ask an address whether it wants this. The answer is the same whether it is known or not."""
    if web.viewer().id is not None:
        return web.other_page(url_for(".follow", kind=kind, subject=subject))
    policy.may_follow_by_address(web.viewer(), web.site(), offers_mail()).require()
    item, form = named(kind, subject), AddressForm(request.form)
    wish = web.attempt(form, lambda: _wish(form, kind, subject))
    if isinstance(wish, Invalid):
        return web.render("following/follow_by_address.html", item=item, form=form), 422
    if not is_spared(wish.email):
        followers.ask_address(wish)
        db.commit()
    web.say(
        _(
            "A mail goes to %(address)s. Open the link in it and say yes: until then you get nothing. If none comes, "
            "look among the unwanted mail; to one address we write six such mails a day at most.",
            address=wish.email,
        )
    )
    return web.other_page(address(item))


@blueprint.route("/mail/follow/<token>", methods=["GET", "POST"])
@web.limited("60 per hour", by=network)
def confirm(token: str) -> FlaskResponse:
    """Ask the owner of an address whether it is to follow something. Opening the page changes nothing."""
    wish = address_links.confirmed(token)
    if wish is None or not lets_guests_follow():
        raise NotFound(_("This link is too old or not complete. Ask for a new one where you found the article."))
    item = followed.by_visitor(wish.kind, wish.subject_id)
    if item is None:
        raise NotFound(_("There is nothing to follow there any more."))
    if request.method == "GET":
        return secret(web.render("following/confirm.html", item=item, email=wish.email, words=in_words(item)))
    id = followers.confirm_address(wish)
    db.commit()
    web.say(_("Thank you. From now on you get it by mail."))
    return secret(web.other_page(url_for(".by_address", token=address_links.own(id))))


@blueprint.get("/mail/follows/<token>")
def by_address(token: str) -> FlaskResponse:
    """List what an address follows, for anybody who has a link from one of its mails."""
    found = _owner(token)
    shown: dict[str, Any] = {"items": followed.of_address(found.id), "when": mailing.chosen(found.mail_when)}
    return secret(web.render("following/by_address.html", token=token, email=found.email, **shown))


@blueprint.post("/mail/follows/<token>/stop/<int:id>")
def stop_by_address(token: str, id: int) -> Response:
    """End one thing that an address follows."""
    stays = followers.stop_address(_owner(token).id, id)
    db.commit()
    return _ended(token, stays)


@blueprint.post("/mail/follows/<token>/end")
def end_by_address(token: str) -> Response:
    """End all that an address follows, and erase it."""
    followers.forget_address(_owner(token).id)
    db.commit()
    return _ended(token, stays=False)


@blueprint.post("/mail/follows/<token>/when")
def when_by_address(token: str) -> Response:
    """Keep when the mails to an address come."""
    wanted = {kind: request.form.get(kind, "") for kind in mailing.KINDS if kind in request.form}
    followers.choose_for_address(_owner(token).id, wanted)
    db.commit()
    web.say(_("Saved."))
    return web.other_page(url_for(".by_address", token=token))


def _wish(form: AddressForm, kind: str, subject: int) -> Wish:
    email = addresses.normal(form.email.data or "")
    if email is None:
        raise Invalid({"email": _("This is needed.")})
    return Wish(email, kind, subject)


def _owner(token: str) -> Address:
    found = queries.address(address_links.owner(token))
    if found is None:
        raise NotFound(_("This link is not complete, or the address follows nothing here any more and was erased."))
    return found


def _ended(token: str, stays: bool) -> Response:
    if stays:
        web.say(_("You get no more mail about this."))
        return web.other_page(url_for(".by_address", token=token))
    web.say(_("You get no more mail from here, and your address is erased."))
    return web.other_page(url_for("articles.home"))
