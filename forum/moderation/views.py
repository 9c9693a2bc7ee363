"""Pages of the desk: report, queue, one case, history, erase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn

from flask import Blueprint, request, url_for
from flask_babel import format_timedelta, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import Form

from forum import db, policy, web
from forum.clock import now
from forum.errors import Conflict, Invalid, NotFound
from forum.ledger import queries as log
from forum.moderation import actions, erasing
from forum.moderation.erasing import EarlierVersion
from forum.moderation.forms import REASONS, DecisionForm, EraseForm, FlagForm
from forum.moderation.queries import decisions, desk, reports
from forum.moderation.queries.desk import Case
from forum.moderation.queries.reports import Reporting
from forum.site import queries as site
from forum.site.views.head import counted_at
from forum.web.guards import network

blueprint = Blueprint("moderation", __name__)
ID = "<int:id>"
counted_at("moderation.queue")(desk.waiting_cases)


def is_guest() -> bool:
    """Tell whether somebody without an account asks."""
    return web.viewer().id is None


def is_member() -> bool:
    """Tell whether somebody with an account asks."""
    return not is_guest()


@blueprint.app_template_filter("waited")
def waited(since: datetime) -> str:
    """Show how long something has been waiting: 3 hours."""
    return str(format_timedelta(max(now() - since, timedelta(seconds=1)), granularity="minute"))


@blueprint.route(f"/comments/{ID}/flag", methods=["GET", "POST"])
@web.limited("30 per hour", when=is_member)
@web.limited("5 per hour", by=network, when=is_guest)
def flag(id: int) -> web.Page:
    """Report a comment; the form says before a word is typed if one cannot, and shows a report made already."""
    page = reports.reporting(web.viewer(), id) or _missing()
    form = FlagForm(request.form)
    if request.method == "GET":
        return _flag_page(page, form)
    page.may_flag.require()
    try:
        web.checked(form)
        if web.has_reported(id):
            raise Conflict(_("You have reported this comment already. Once is enough: a person will look at it."))
        actions.flag(web.viewer(), id, form.reason.data, form.note.data or "")
        db.commit()
    except (Invalid, Conflict) as error:
        return _flag_page(page, form, error)
    if is_guest():
        web.remember_report(id)
        web.say(_("Thank you. A person will look at it."))
    else:
        web.say(_("Thank you. A person will look at it, and your notices will tell you what became of it."))
    return web.other_page(url_for("comments.permalink", id=id))


@blueprint.get("/moderation/queue")
@web.private(policy.may_open_desk)
def queue() -> web.Page:
    """Show what was reported, waits for approval, or stands removed; the one waiting longest first."""
    tab = request.args.get("tab", "reported")
    if tab == "removed":
        return _removed_page()
    if tab not in ("reported", "waiting"):
        raise NotFound()
    read = desk.waiting if tab == "waiting" else desk.reported
    cases = read(web.viewer(), web.key("after"))
    shown = {"tab": tab, "tabs": desk.tabs(web.viewer()), "after": web.key_text(cases.after)}
    return web.render("moderation/queue.html", "", cases=cases, rules=site.rules(), reasons=REASONS, **shown)


@blueprint.route(f"/moderation/queue/{ID}", methods=["GET", "POST"])
@web.private(policy.may_open_desk)
def decide(id: int) -> web.Page:
    """Show one case with every report and earlier decision, or decide it."""
    case = desk.case(web.viewer(), id) or _missing()
    form = DecisionForm(request.form)
    if request.method == "GET":
        return _case_page(case, form)
    case.may_decide.require()
    seen = form.seen.data if "seen" in request.form else None
    try:
        web.checked(form)
        decision, rule, note = form.decision.data or "", form.reason.data or "", form.note.data or ""
        made = actions.decide(web.viewer(), id, decision, rule, note, seen)
        db.commit()
    except (Invalid, Conflict) as error:
        return _case_page(case, form, error)
    web.say(_said(decision, made.before, id), undo=url_for("moderation.undo", id=made.id))
    return web.other_page(url_for("moderation.queue", tab=form.tab.data or None))


@blueprint.post(f"/moderation/decisions/{ID}/undo")
@web.private(policy.may_open_desk)
def undo(id: int) -> Response:
    """Take a decision back."""
    made = actions.undo(web.viewer(), id)
    db.commit()
    web.say(_("Taken back: everything is as it was before."))
    return web.other_page(url_for("moderation.decide", id=made.comment_id))


@blueprint.get("/history")
def history() -> Response:
    """Show what was moderated: act, article, rule and time; never a name, a text or a report.

    Staff also see the head of the log.
    """
    policy.may_see_history(web.viewer(), web.site()).require()
    deeds, older = decisions.history(web.viewer(), web.number("before"))
    staff = policy.may_moderate_everywhere(web.viewer())
    sealed: dict[str, Any] = {"head": log.head(), "unsealed": log.unsealed()} if staff else {}
    response = Response(web.render("moderation/history.html", deeds=deeds, older=older, **sealed), mimetype="text/html")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.route(f"/moderation/comments/{ID}/erase", methods=["GET", "POST"])
@web.private(policy.may_erase)
def erase_comment(id: int) -> web.Page:
    """Ask, with the consequences in words; then take a comment's text away for ever."""
    case = desk.case(web.viewer(), id) or _missing()
    return _erase(
        case, None, lambda rule: erasing.erase_comment(web.viewer(), id, rule), _("The comment is gone for good.")
    )


@blueprint.route(f"/moderation/revisions/{ID}/erase", methods=["GET", "POST"])
@web.private(policy.may_erase)
def erase_revision(id: int) -> web.Page:
    """Ask, then take an earlier version of a comment away for ever; the comment stays."""
    version = erasing.earlier_version(id) or _missing()
    case = desk.case(web.viewer(), version.comment_id) or _missing()
    words = _("The earlier version is gone for good.")
    return _erase(case, version, lambda rule: erasing.erase_revision(web.viewer(), id, rule), words)


def _erase(case: Case, version: EarlierVersion | None, act: Callable[[str], object], words: str) -> web.Page:
    form = EraseForm(request.form)
    done = None if request.method == "GET" else web.attempt(form, lambda: act(form.reason.data or ""))
    if request.method == "GET" or isinstance(done, Invalid):
        shown = {"comment": case.comment, "version": version, "form": form, "rules": site.rules()}
        return web.render("moderation/erase.html", "", **shown), 422 if done else 200
    db.checkpoint()
    web.say(words)
    return web.other_page(url_for("moderation.decide", id=case.comment.id))


def _flag_page(page: Reporting, form: FlagForm, error: Invalid | Conflict | None = None) -> web.Page:
    status = _show(form, error)
    if isinstance(error, Conflict):  # somebody reported twice, or it was removed meanwhile
        page = reports.reporting(web.viewer(), page.comment.id) or _missing()
    shown: dict[str, Any] = {"guest": is_guest(), "reported": web.has_reported(page.comment.id)}
    return web.render("moderation/flag.html", page=page, form=form, reasons=REASONS, **shown), status


def _case_page(case: Case, form: DecisionForm, error: Invalid | Conflict | None = None) -> web.Page:
    status = _show(form, error)
    if isinstance(error, Conflict):
        case = desk.case(web.viewer(), case.comment.id) or _missing()
    shown = {"rulings": decisions.rulings(case.comment.id), "may_erase": policy.may_erase(web.viewer())}
    rules, tab = site.rules(), form.tab.data
    return web.render(
        "moderation/case.html", "", case=case, form=form, rules=rules, reasons=REASONS, tab=tab, **shown
    ), status


def _removed_page() -> web.Page:
    removals, older = decisions.removals(web.viewer(), web.number("before"))
    tabs = desk.tabs(web.viewer())
    return web.render("moderation/removed.html", tab="removed", removals=removals, older=older, tabs=tabs)


def _show(form: Form, error: Invalid | Conflict | None) -> int:
    """Put a refusal into its form, end the write it interrupted, and return the status to answer with."""
    if error is None:
        return 200
    db.rollback()
    web.show_errors(form, error)
    return error.status


def _said(decision: str, before: Mapping[str, str], id: int) -> str:
    if decision == "keep":
        kept, approved = _("Kept."), _("Published.")
        return str({"": kept, "held": approved}.get(before.get(str(id), ""), _("Restored.")))
    if decision == "spam":
        return str(_("Removed as spam."))
    return str(ngettext("Removed.", "Removed: %(num)d comments.", len(before)))


def _missing() -> NoReturn:
    raise NotFound()
