"""The page on which admins see how many addresses follow without an account, and erase one. Each look is logged."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _

from forum import db, policy, web
from forum.errors import Invalid
from forum.following.forms import EraseForm
from forum.following.views import blueprint
from forum.notifications import followers, queries

admins_only = web.private(policy.may_administer)


@blueprint.get("/admin/addresses")
@admins_only
def addresses() -> str:
    """Say how many addresses there are, and offer to list or erase them."""
    return _page(EraseForm())


@blueprint.post("/admin/addresses")
@admins_only
def look_at_addresses() -> str:
    """List addresses, and note in the log that an admin looked. It is a POST, because it writes that."""
    followers.look_at_addresses(web.viewer())
    db.commit()
    return _page(EraseForm(), shown=True, before=web.number("before", request.form))


@blueprint.post("/admin/addresses/erase")
@admins_only
def erase_address() -> web.Page:
    """Erase an address with what it follows, for example because its owner asked for that."""
    form = EraseForm(request.form)
    was_here = web.attempt(form, lambda: followers.remove_address(web.viewer(), form.email.data or ""))
    if isinstance(was_here, Invalid):
        return _page(form), 422
    web.say(_("The address is erased.") if was_here else _("This address follows nothing here."))
    return web.other_page(url_for(".addresses"))


def _page(form: EraseForm, *, shown: bool = False, before: int | None = None) -> str:
    found, count = queries.addresses(before)
    older = found[-1].id if len(found) == queries.MOST_FOLLOWED else None
    listed = found if shown else []
    return web.render("following/addresses.html", form=form, count=count, shown=shown, found=listed, older=older)
