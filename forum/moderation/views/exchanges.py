"""The page of exchanges that go in circles, and what moderators do about them."""

from __future__ import annotations

from datetime import timedelta

from flask import url_for
from flask_babel import format_timedelta
from flask_babel import gettext as _

from forum import db, policy, web
from forum.errors import Conflict, Invalid
from forum.moderation import exchanges as actions
from forum.moderation.forms import ExchangeForm
from forum.moderation.queries import exchanges as queries
from forum.moderation.views import blueprint


@blueprint.app_template_filter("lasted")
def lasted(length: timedelta) -> str:
    """Show how long something lasted: 2 hours."""
    return str(format_timedelta(max(length, timedelta(minutes=1)), granularity="minute"))


@blueprint.get("/moderation/exchanges", endpoint="exchanges")
@web.private(policy.may_moderate_everywhere)
def desk() -> str:
    """List the exchanges that go in circles, and what was decided about others lately."""
    return _page(ExchangeForm(), None)


@blueprint.post("/moderation/exchanges/<int:id>")
@web.private(policy.may_moderate_everywhere)
def settle(id: int) -> web.Page:
    """Leave an exchange, write a private word to both, or slow both down."""
    form = ExchangeForm(web.sent())
    try:
        web.checked(form)
        actions.settle(web.viewer(), id, form.outcome.data or "", form.words.data or "")
        db.commit()
    except (Invalid, Conflict) as error:
        db.rollback()
        web.show_errors(form, error)
        return _page(form, id), error.status
    done = {"leave": _("Left as it is."), "word": _("Both will read it."), "slow": _("Both are slowed down for a day.")}
    web.say(done[form.outcome.data or ""])
    return web.other_page(url_for("moderation.exchanges"))


def _page(form: ExchangeForm, refused: int | None) -> str:
    """Draw the page; `form` is what was typed about the exchange of the case `refused`."""
    waiting, decided = queries.exchanges(web.viewer()), queries.exchanges(web.viewer(), decided=True)
    return web.render(
        "moderation/exchanges.html", waiting=waiting, decided=decided, form=form, empty=ExchangeForm(), refused=refused
    )
