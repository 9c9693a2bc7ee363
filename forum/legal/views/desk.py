"""What is done about a notice of law on the desk. Each act is a POST; the notice has a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import request, url_for
from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.clock import now
from forum.errors import Conflict, Invalid, NotFound
from forum.legal import deciding, kinds, queries
from forum.legal.forms import PassForm, VerdictForm
from forum.legal.queries import NoticeCase
from forum.legal.views import blueprint

OLDEST = timedelta(seconds=1)  # how old what a process serves can be: each asks for the versions again by then
COMMITTED = timedelta(seconds=1)  # from the moment of a decision to its commit; the largest take some tenths
for_the_desk = web.private(policy.may_read_notices)
blueprint.add_app_template_filter(kinds.in_words, "kind_of_law")


@blueprint.get("/moderation/notices/<int:id>")
@for_the_desk
def notice(id: int) -> web.Page:
    """Show a notice on a page of its own."""
    return _page(_found(id))


@blueprint.post("/moderation/notices/<int:id>/hide")
@for_the_desk
def hide(id: int) -> web.Page:
    """Take away what a notice names while it is looked at."""
    _found(id)
    return _done(
        id,
        lambda: deciding.hide_meanwhile(web.viewer(), id),
        lambda: " ".join((_("Hidden while the notice is open."), gone())),
        undo=url_for("legal.show", id=id),
    )


@blueprint.post("/moderation/notices/<int:id>/show")
@for_the_desk
def show(id: int) -> web.Page:
    """Give back what was taken away while a notice is looked at."""
    _found(id)
    return _done(id, lambda: deciding.show_again(web.viewer(), id), lambda: _("It is as it was before."))


@blueprint.post("/moderation/notices/<int:id>/pass")
@for_the_desk
def pass_on(id: int) -> web.Page:
    """Tell the writers what is said about their words, without who says it."""
    found, form = _found(id), PassForm(request.form)
    heard = _attempt(form, lambda: deciding.pass_on(web.viewer(), id, form.words.data or ""))
    if isinstance(heard, Invalid | Conflict):
        return _page(_found(id), heard.status, passing=form)
    if heard:
        web.say(ngettext("%(num)s person was told.", "%(num)s people were told.", heard))
    else:
        web.say(_("Nobody was told: a guest wrote it, who has no notices here."))
    return _back(found.id)


@blueprint.post("/moderation/notices/<int:id>/decide")
@for_the_desk
def decide(id: int) -> web.Page:
    """Decide about a notice, with reasons for both sides."""
    _found(id)
    form = VerdictForm(request.form)
    made = _attempt(form, lambda: deciding.decide(web.viewer(), id, form.decision.data, form.reasons.data or ""))
    if isinstance(made, Invalid | Conflict):
        return _page(_found(id), made.status, deciding=form)
    words = _("Decided: it stays.") if made.outcome == "keep" else " ".join((_("Decided: it is removed."), gone()))
    web.say(words, undo=url_for("legal.undo", id=id))
    return web.other_page(url_for("moderation.queue", tab="notices"))


@blueprint.post("/moderation/notices/<int:id>/undo")
@for_the_desk
def undo(id: int) -> web.Page:
    """Take the decision about a notice back."""
    _found(id)
    words = _("Taken back: the notice is open again, and all is as it was before the decision.")
    return _done(id, lambda: deciding.undo_notice(web.viewer(), id), lambda: words)


@blueprint.post("/moderation/notices/<int:id>/sender")
@for_the_desk
def sender(id: int) -> web.Page:
    """Show who sent a notice, and note in the log that somebody looked. It is a POST, because it writes that."""
    _found(id)
    name, email = deciding.look(web.viewer(), id)
    db.commit()
    return _page(_found(id), sender=(name, email))


def gone() -> str:
    """Return the sentence about what is on no page any more. Call it after the commit that raised the version."""
    return str(_("Gone from all pages at %(time)s.", time=format_datetime(_later(now(), OLDEST), "HH:mm:ss")))


@blueprint.app_template_filter("gone_at")
def gone_at(decided_at: datetime) -> str:
    """Show from when on no page has what was removed by a decision of that moment."""
    return str(format_datetime(_later(decided_at, COMMITTED + OLDEST), _("d MMM y, HH:mm:ss")))


def _later(moment: datetime, by: timedelta) -> datetime:
    """Return a moment so much later, rounded up to the second that is shown, so that it is never said too early."""
    return (moment + by + timedelta(microseconds=999_999)).replace(microsecond=0)


def _found(id: int) -> NoticeCase:
    found = queries.notice(web.viewer(), id)
    if found is None:
        raise NotFound()
    return found


def _attempt(form: Any, act: Callable[[], Any]) -> Any:
    """Do what `web.attempt` does, and give back a Conflict, too."""
    try:
        return web.attempt(form, act)
    except Conflict as error:
        db.rollback()
        web.show_errors(form, error)
        return error


def _done(id: int, act: Callable[[], object], said: Callable[[], str], undo: str = "") -> web.Page:
    act()
    db.commit()
    web.say(said(), undo=undo)
    return _back(id)


def _back(id: int) -> Response:
    return web.other_page(url_for("moderation.queue", tab="notices", case=id))


def _page(found: NoticeCase, status: int = 200, **shown: Any) -> web.Page:
    return web.render("legal/notice.html", notice=found, **shown), status
