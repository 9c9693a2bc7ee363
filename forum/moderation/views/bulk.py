"""Several cases at once: the confirmation that says what will happen, the act, how far it is, and its undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.clock import now
from forum.errors import Conflict, Invalid
from forum.legal.views.desk import gone
from forum.moderation import bulk
from forum.moderation.queries import bulk as bulks
from forum.moderation.queries.bulk import Progress
from forum.moderation.queries.queue import PAGE
from forum.moderation.views import blueprint
from forum.moderation.views.queue import parsed
from forum.moderation.views.refusals import missing
from forum.site import queries as site


@blueprint.get("/moderation/bulk")
@web.private(policy.may_open_desk)
def confirm_bulk() -> web.Page:
    """Say what would be done to the cases that were selected, or to all that match, before anything is."""
    return _confirmation(request.args)


@blueprint.post("/moderation/bulk")
@web.private(policy.may_open_desk)
def do_bulk() -> web.Page:
    """Do what the confirmation said: a page of cases at once, more by the worker."""
    until = web.key("until")
    if until is None:
        return _confirmation(request.form, _("Please confirm once more."), 422)
    seen_at, newest = until
    filters, only = parsed(request.form.get("back", "")), _only(request.form)
    chosen = bulks.extent(web.viewer(), filters, only, newest)
    decision, rule = _act(request.form)
    try:
        made = bulk.begin(web.viewer(), chosen.ids, seen_at, decision, rule, request.form.get("note", "")[:1000])
    except Invalid as error:
        db.rollback()
        return _confirmation(request.form, " ".join(map(str, error.fields.values())), 422)
    id = made.id
    db.commit()
    if len(chosen.ids) > bulk.AT_ONCE:
        return web.other_page(url_for("moderation.bulk", id=id))
    _finish(id)
    told = bulks.progress(web.viewer(), id) or missing()
    if told.left_out:
        return web.other_page(url_for("moderation.bulk", id=id))
    words = _said(told) if decision == "keep" else f"{_said(told)} {gone()}"
    web.say(words, undo=url_for("moderation.undo_bulk", id=id))
    return web.other_page(url_for("moderation.queue", **filters.address()))


@blueprint.get("/moderation/bulk/<int:id>", endpoint="bulk")
@web.private(policy.may_open_desk)
def show_bulk(id: int) -> str:
    """Show how far an act is, and what it left out and why."""
    found = bulks.progress(web.viewer(), id) or missing()
    may_undo = found.undo_at is None and now() - found.created_at < bulk.UNDO_WITHIN
    return web.render("moderation/bulk.html", act=found, said=_said(found), may_undo=may_undo, reasons=_reasons())


@blueprint.post("/moderation/bulk/<int:id>/undo")
@web.private(policy.may_open_desk)
def undo_bulk(id: int) -> Response:
    """Take a whole act back."""
    found = bulks.progress(web.viewer(), id) or missing()
    try:
        bulk.take_back(web.viewer(), id)
    except Conflict:
        db.rollback()
        raise
    db.commit()
    if found.total <= bulk.AT_ONCE:
        _finish(id)
    return web.other_page(url_for("moderation.bulk", id=id))


def _finish(id: int) -> None:
    """Do all of a small act: each article is a transaction of its own."""
    while bulk.step(id):
        db.commit()


def _confirmation(given: MultiDict[str, str], problem: str = "", status: int = 200) -> web.Page:
    filters, only = parsed(given.get("back", "")), _only(given)
    chosen = bulks.extent(web.viewer(), filters, only)
    decision, rule = _act(given)
    if not problem and not decision:
        problem = _("Please choose what to do.")
    if not problem and not chosen.ids:
        problem = _("Please select at least one case that is still open.")
    shown: dict[str, Any] = {"chosen": chosen, "filters": filters, "back": given.get("back", ""), "only": only}
    shown |= {"problem": problem, "decision": decision, "do": given.get("do", ""), "note": given.get("note", "")[:1000]}
    shown |= {"rule": next((one for one in site.rules() if str(one.number) == rule), None), "most": bulks.MOST}
    shown["until"] = web.key_text((now(), max(chosen.newest, 1)))
    return web.render("moderation/bulk_confirm.html", **shown), status


def _only(given: MultiDict[str, str]) -> list[int] | None:
    """Return the cases that were selected, None where all that match are meant."""
    if given.get("all"):
        return None
    typed = (web.number("case", {"case": value}) for value in given.getlist("case")[:PAGE])
    return [id for id in typed if id is not None]


def _act(given: Mapping[str, str]) -> tuple[str, str]:
    """Return the decision and the number of the rule; empty where there is no such decision."""
    decision, _colon, rule = given.get("do", "").partition(":")
    return (decision, rule[:10]) if decision in ("keep", "hide", "spam") else ("", "")


def _said(act: Progress) -> str:
    if act.undo_at is not None:
        number = act.counts.get("undone", 0)
        return web.ngettext("Took back %(num)s decision.", "Took back %(num)s decisions.", number)
    number = act.counts.get("done", 0)
    words = {
        "keep": web.ngettext("Kept or published %(num)s comment.", "Kept or published %(num)s comments.", number),
        "hide": web.ngettext("Removed %(num)s comment.", "Removed %(num)s comments.", number),
        "spam": web.ngettext("Removed %(num)s comment as spam.", "Removed %(num)s comments as spam.", number),
    }
    return words[act.decision]


def _reasons() -> dict[str, str]:
    return {
        "decided": _("somebody decided about it meanwhile"),
        "edited": _("its writer changed it meanwhile"),
        "not-yours": _("it is not for you to decide"),
        "rule": _("the rule is not there any more"),
        "undone": _("it was taken back already"),
        "stopped": _("the act was taken back before"),
        "gone": _("it is not there any more"),
    }
