"""The queue, one case in it, and what is decided there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import request, url_for
from flask_babel import format_timedelta
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.clock import now
from forum.errors import Conflict, Invalid, NotFound
from forum.legal import queries as legal
from forum.legal.views.desk import gone
from forum.moderation import actions, claims
from forum.moderation.forms import REASONS, DecisionForm
from forum.moderation.queries import decisions, desk, queue
from forum.moderation.queries.queue import Filters, Page
from forum.moderation.views import blueprint
from forum.moderation.views.refusals import missing, show
from forum.moderation.views.said import said
from forum.people import actions as people
from forum.people.queries import uses_keys
from forum.saved_replies.views import put_into
from forum.screening import wording, words
from forum.site import queries as site
from forum.site.views.head import counted_at

LONGEST = 200  # characters of one filter in the address
AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")  # how browsers say that nobody asked for a page yet
counted_at("moderation.queue")(queue.waiting_cases)


@blueprint.app_template_filter("waited")
def waited(since: datetime) -> str:
    """Show how long something has been waiting: 3 hours."""
    return str(format_timedelta(max(now() - since, timedelta(seconds=1)), granularity="minute"))


@blueprint.app_template_filter("why_held")
def why_held(code: str | None) -> str:
    """Show why a comment waits, in a sentence."""
    return wording.why(code) or _("It waits for approval.")


@blueprint.app_template_filter("is_past")
def is_past(moment: datetime) -> bool:
    """Tell whether a moment is over."""
    return moment < now()


@blueprint.get("/moderation/queue", endpoint="queue")
@web.private(policy.may_open_desk)
def show_queue() -> web.Page:
    """Show what somebody has to decide, what is urgent first, and the case that is open beside it."""
    filters = _filters(request.args)
    if request.args.get("tab") == "removed":  # an address of before
        return web.other_page(url_for("moderation.queue", tab="decided"))
    if filters.tab == "objections":
        return web.other_page(url_for("objections.desk"))
    if filters.tab == "exchanges":
        return web.other_page(url_for("moderation.exchanges"))
    if filters.tab not in (*queue.tabs(web.viewer()), "decided"):
        raise NotFound()
    return _page(filters)


@blueprint.get("/moderation/cases/<int:id>")
@web.private(policy.may_open_desk)
def case(id: int) -> Response:
    """Lead from a case's own address to the page that shows it."""
    comment_id = desk.comment_of(id)
    if comment_id is not None:
        return web.other_page(url_for("moderation.decide", id=comment_id))
    if legal.notice(web.viewer(), id) is not None:
        return web.other_page(url_for("moderation.queue", tab="notices", case=id))
    if policy.may_moderate_everywhere(web.viewer()) and (objection := desk.objection_of(id)) is not None:
        return web.other_page(url_for("objections.decide", id=objection))
    desk.account(web.viewer(), id) or missing()
    return web.other_page(url_for("moderation.queue", tab="accounts", case=id))


@blueprint.route("/moderation/queue/<int:id>", methods=["GET", "POST"])
@web.private(policy.may_open_desk)
def decide(id: int) -> web.Page:
    """Show one comment as a case, with every report and earlier decision, or decide it."""
    found = desk.case(web.viewer(), id) or missing()
    form = DecisionForm(request.form)
    if request.method == "GET":
        return _case_page(id, form)
    if put_into(form):
        return _case_page(id, form)
    found.may_decide.require()
    seen = form.seen.data if "seen" in request.form else None
    try:
        web.checked(form)
        decision, rule, note = form.decision.data or "", form.reason.data or "", form.note.data or ""
        made = actions.decide(web.viewer(), id, decision, rule, note, seen)
        db.commit()
    except (Invalid, Conflict) as error:
        return _case_page(id, form, error)
    back, words = _back(), said(found, decision, made.before)
    if decision != "keep":
        words = f"{words} {gone()}"
    web.say(words, undo=url_for("moderation.undo", id=made.id, back=urlencode(back.address())))
    return _go_on(back)


@blueprint.post("/moderation/cases/<int:id>/account")
@web.private(policy.may_administer)
def decide_account(id: int) -> web.Page:
    """Approve an account that waits, or refuse it, which switches it off."""
    found = desk.account(web.viewer(), id) or missing()
    if not found.is_open:
        raise Conflict(_("Somebody decided about this account already."))
    if request.form.get("decision") == "approve":
        people.approve(web.viewer(), found.person_id)
        words = _("%(name)s can write now.", name=found.display_name)
    elif request.form.get("decision") == "refuse":
        people.deactivate(web.viewer(), found.person_id)
        words = _("%(name)s was refused: the account is switched off.", name=found.display_name)
    else:
        raise Invalid({"decision": _("Please use one of the buttons.")})
    db.commit()
    web.say(words)
    return _go_on(_back())


@blueprint.post("/moderation/decisions/<int:id>/undo")
@web.private(policy.may_open_desk)
def undo(id: int) -> Response:
    """Take a decision back."""
    made = actions.undo(web.viewer(), id)
    db.commit()
    web.say(_("Taken back: everything is as it was before."))
    if "back" in request.args:
        return web.other_page(url_for("moderation.queue", **parsed(request.args["back"]).address()))
    return web.other_page(url_for("moderation.decide", id=made.comment_id))


@blueprint.post("/moderation/cases/<int:id>/claim")
@web.private(policy.may_open_desk)
def claim(id: int) -> web.Page:
    """Hold a case for five minutes more, or with `release` no longer."""
    act = claims.release if request.form.get("release") else claims.claim
    act(web.viewer(), id)
    db.commit()
    return "", 204


def _page(filters: Filters, opened: int | None = None, status: int = 200) -> web.Page:
    opened, hours = opened or web.number("case"), web.settings().late_hours
    if opened is not None:
        _claim(opened)
    found = queue.page(web.viewer(), filters, web.number("after")) if not web.wants_fragment() else Page([], None)
    pane = _pane(opened) if opened is not None else {}
    shown: dict[str, Any] = {"filters": filters, "rules": site.rules(), "reasons": REASONS, "page": found, **pane}
    shown["history"] = "moderation.trail" if policy.may_moderate_everywhere(web.viewer()) else "moderation.history"
    if not web.wants_fragment():
        shown |= {
            "tabs": queue.tabs(web.viewer()),
            "late": queue.waits_too_long(web.viewer(), hours),
        }
    shown |= {"opened": opened, "late_hours": hours, "next": _following(found, opened)}
    shown["uses_keys"] = not web.wants_fragment() and uses_keys(web.viewer().id)
    shown |= {"back": urlencode(filters.address()), "after": web.number("after")}
    return web.render(
        "moderation/queue.html", "moderation/_pane.html", wants_fragment=web.wants_fragment(), **shown
    ), status


def _drawn(page: str, **shown: Any) -> str:
    """Draw a page, or for a script only the case that is open in it."""
    return web.render(page, "moderation/_pane.html", wants_fragment=web.wants_fragment(), **shown)


def _pane(case_id: int) -> dict[str, Any]:
    """Return what the open case needs: a comment's or an account's; nothing where it is not for this viewer."""
    comment_id = desk.comment_of(case_id)
    if comment_id is None:
        notice = legal.notice(web.viewer(), case_id)
        return {"notice": notice} if notice else {"account": desk.account(web.viewer(), case_id)}
    found = desk.case(web.viewer(), comment_id)
    if found is None:
        return {}
    listed = words.found(web.site().hold_words, found.html or "") if found.comment.held_reason == "words" else []
    return {"case": found, "rulings": decisions.rulings(comment_id), "listed": listed}


def _following(page: Page, opened: int | None) -> int | None:
    """Return the case below the one that is open, or the one above where it is the last."""
    ids = [row.id for row in page.rows]
    if opened not in ids:
        return ids[0] if ids else None
    at = ids.index(opened)
    return next(iter([*ids[at + 1 :], *reversed(ids[:at])]), None)


def _claim(case_id: int) -> None:
    """Hold a case that somebody gets to see; where another one writes just now, do without."""
    if any("prefetch" in request.headers.get(name, "").lower() for name in AHEAD):
        return
    try:
        claims.claim(web.viewer(), case_id)
        db.commit()
    except NotFound:
        db.rollback()
    except Exception as error:  # the lock is taken: a page is read all the same
        db.rollback()
        if not db.is_unavailable(error):
            raise


def _case_page(id: int, form: DecisionForm, error: Invalid | Conflict | None = None) -> web.Page:
    status = show(form, error)
    found = desk.case(web.viewer(), id) or missing()
    filters, next_case = _back(), web.number("next", request.form)
    shown = {"rulings": decisions.rulings(id), "may_erase": policy.may_erase(web.viewer()), "filters": filters}
    shown |= {"case": found, "form": form, "rules": site.rules(), "reasons": REASONS, "next": next_case}
    shown |= {"back": urlencode(filters.address()), "after": web.number("after", request.form), "opened": found.id}
    return web.render(
        "moderation/case.html", "moderation/_pane.html", wants_fragment=web.wants_fragment(), **shown
    ), status


def _go_on(back: Filters) -> web.Page:
    """Answer after a decision: the same page of the queue, with the next case open where one was."""
    following = web.number("next", request.form)
    if web.wants_fragment():
        return _page(back, following)
    after = web.number("after", request.form)
    return web.other_page(url_for("moderation.queue", **back.address(after=after, case=following)))


def _back() -> Filters:
    return parsed(request.form.get("back", ""))


def parsed(address: str) -> Filters:
    """Return the filters that a part of an address says."""
    return _filters({name: values[0] for name, values in parse_qs(address[:2000]).items()})


def _filters(given: Mapping[str, str]) -> Filters:
    """Read filters; what there is not counts as not given."""
    values = {name: given.get(name, "").replace("\x00", "")[:LONGEST].strip() for name in vars(Filters())}
    allowed = {"reason": REASONS, "age": queue.AGES, "order": ("newest",)}
    values |= {name: "" for name, known in allowed.items() if values[name] not in known}
    return Filters(**{**values, "tab": values["tab"] or "reported"})
