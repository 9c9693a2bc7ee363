"""Pages about a person, for moderators: what is known, and each thing that can be done."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum import db, policy, web
from forum.clock import now
from forum.errors import Conflict, Invalid, NotFound
from forum.moderation.bulk import AT_ONCE, step
from forum.moderation.queries import bulk as bulks
from forum.moderation.removal import begin_removal
from forum.policy import LASTING, SanctionKind
from forum.records import networks, queries
from forum.records.forms import RemoveForm
from forum.records.queries import Subject
from forum.sanctions import actions, wording
from forum.sanctions import queries as sanctions
from forum.sanctions.actions import Wanted
from forum.sanctions.forms import LiftForm, SanctionForm
from forum.saved_replies.views import put_into
from forum.site import queries as site

blueprint = Blueprint("records", __name__)
PERSON = "/moderation/people/<name>"
SANCTION = "/moderation/sanctions/<int:id>"
# Which fields the form of a kind has, beside the note for moderators, in their order.
FIELDS = {
    SanctionKind.NOTE: (),
    SanctionKind.WARNING: ("reason", "words"),
    SanctionKind.HOLD: ("reason", "days", "words"),
    SanctionKind.SLOW: ("minutes", "reason", "days", "words"),
    SanctionKind.SUSPENSION: ("days", "reason", "words"),
    SanctionKind.BAN: ("reason", "words"),
}
NEEDED = {SanctionKind.NOTE: "note", SanctionKind.SLOW: "minutes", SanctionKind.SUSPENSION: "days"}


@blueprint.get(PERSON)
@web.private(policy.may_moderate_everywhere)
def person(name: str) -> str:
    """Show what moderators know about a person, and what they can do."""
    found = _subject(name)
    policy.may_see_record(web.viewer(), found).require()
    return web.render(
        "records/person.html",
        person=found,
        numbers=queries.numbers(found.id),
        shared=networks.shared(web.viewer(), found),
        sanctions=sanctions.about(web.viewer(), found),
        choices=queries.choices(web.viewer(), found),
        names=wording.NAMES,
        acts=wording.ACTS,
        meanings=wording.MEANINGS,
        comment_id=web.number("comment"),
        manages=policy.may_administer(web.viewer()),
    )


@blueprint.route(f"{PERSON}/<any(note, warning, hold, slow, suspension, ban):kind>", methods=["GET", "POST"])
@web.private(policy.may_moderate_everywhere)
@web.limited("60 per hour")
def sanction(name: str, kind: str) -> web.Page:
    """Show the form of one thing that can be done about a person, or do it."""
    found, form = _subject(name), SanctionForm(web.sent())
    rules = [SelectChoice(str(rule.number), f"{rule.number}. {rule.text}") for rule in site.rules()]
    form.reason.choices = [SelectChoice("", _("No rule")), *rules]
    if needed := NEEDED.get(SanctionKind(kind)):
        form[needed].flags.required = True
    policy.may_sanction(web.viewer(), found, kind, policy.A_DAY, web.site()).require()
    if request.method == "GET":
        form.comment.data = request.args.get("comment", "")[:20]
        return _form_page(found, kind, form)
    if put_into(form):
        return _form_page(found, kind, form)
    try:
        web.checked(form)
        made = actions.sanction(web.viewer(), found.id, _wanted(kind, form))
        db.commit()
    except (Invalid, Conflict) as error:
        db.rollback()
        web.show_errors(form, error)
        return _form_page(found, kind, form), error.status
    web.say(_("Done, and written down here."), undo=url_for("records.undo", id=made.id))
    return web.other_page(url_for("records.person", name=name))


@blueprint.post(f"{SANCTION}/undo")
@web.private(policy.may_moderate_everywhere)
def undo(id: int) -> Response:
    """Take back what one did about a person."""
    made = actions.undo(web.viewer(), id)
    name = queries.username(made.person_id)
    db.commit()
    web.say(_("Taken back."))
    return web.other_page(url_for("records.person", name=name))


@blueprint.route(f"{SANCTION}/lift", methods=["GET", "POST"])
@web.private(policy.may_moderate_everywhere)
def lift(id: int) -> web.Page:
    """Ask why; then end a sanction before its time."""
    row = sanctions.one(id) or _missing()
    found = _subject(queries.username(row.person_id))
    policy.may_lift(web.viewer(), found, row, web.site()).require()
    form = LiftForm(web.sent())
    shown: dict[str, Any] = {"person": found, "sanction": row, "names": wording.NAMES, "form": form}
    if request.method == "GET":
        return web.render("records/lift.html", **shown)
    if isinstance(web.attempt(form, lambda: actions.lift(web.viewer(), id, form.why.data or "")), Invalid):
        return web.render("records/lift.html", **shown), 422
    web.say(_("Lifted. The person is told."))
    return web.other_page(url_for("records.person", name=found.username))


@blueprint.route(f"{PERSON}/remove", methods=["GET", "POST"])
@web.private(policy.may_moderate_everywhere)
@web.limited("60 per hour")
def remove(name: str) -> web.Page:
    """Ask what is to be removed of all that a person wrote, say what that is, and do it."""
    found = _subject(name)
    policy.may_see_record(web.viewer(), found).require()
    form = _remove_form(found)
    until, start = web.key("until"), web.key("start")
    if request.method == "GET":
        return _asked(found, form) if "do" in request.args else (_remove_page(found, form), 200)
    if until is None or start is None:
        return _refused(found, form, _("Please confirm once more."))
    chosen = bulks.written(found.id, start[0], form.article.data or "", until[1])
    decision, _colon, rule = (form.do.data or "").partition(":")
    note = request.form.get("note", "")[:1000]
    try:
        id = begin_removal(web.viewer(), found.id, chosen.ids, until[0], decision, rule[:10], note).id
    except Invalid as error:
        db.rollback()
        return _confirmation(found, form, start[0], note, " ".join(error.fields.values()))
    db.commit()
    while len(chosen.ids) <= AT_ONCE and step(id):
        db.commit()
    return web.other_page(url_for("moderation.bulk", id=id))


def _remove_form(found: Subject) -> RemoveForm:
    form = RemoveForm(request.form if request.method == "POST" else request.args)
    form.article.choices = [SelectChoice("", _("All")), *(SelectChoice(*one) for one in bulks.written_under(found.id))]
    rules = [SelectChoice(f"hide:{rule.number}", f"{rule.number}. {rule.text}"[:100]) for rule in site.rules()]
    form.do.choices = [
        SelectChoice("", _("Please choose")),
        *(rules or [SelectChoice("hide", _("Removed"))]),
        SelectChoice("spam", _("Spam")),
    ]
    return form


def _asked(found: Subject, form: RemoveForm) -> web.Page:
    """Say what would be removed, or what is wrong with what was asked."""
    if not form.validate():
        return _remove_page(found, form), 422
    spans, moment = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}, now()
    since = moment - spans[form.since.data] if form.since.data in spans else _begin_of(form.day.data)
    if since is None or since > moment:
        return _refused(found, form, _("Please choose a day that has begun."), "day")
    return _confirmation(found, form, since)


def _confirmation(found: Subject, form: RemoveForm, since: datetime, note: str = "", problem: str = "") -> web.Page:
    chosen = bulks.written(found.id, since, form.article.data or "")
    if not chosen.ids:
        return _refused(found, form, _("They wrote nothing there since then that still stands."))
    number = (form.do.data or "").partition(":")[2]
    shown: dict[str, Any] = {"chosen": chosen, "since": since, "most": bulks.MOST, "note": note, "problem": problem}
    shown["rule"] = next((rule for rule in site.rules() if str(rule.number) == number), None)
    shown |= {"until": web.key_text((now(), chosen.newest)), "start": web.key_text((since, 1))}
    return _remove_page(found, form, **shown), 422 if problem else 200


def _begin_of(day: date | None) -> datetime | None:
    """Return when a day begins in the site's time zone; None without one that the database can compare."""
    if day is None or not 1990 < day.year < 2200:
        return None
    return datetime.combine(day, time(), ZoneInfo(web.site().timezone))


def _refused(found: Subject, form: RemoveForm, problem: str, field: str = "") -> web.Page:
    web.show_errors(form, Invalid({field: problem}))
    return _remove_page(found, form), 422


def _remove_page(found: Subject, form: RemoveForm, **shown: Any) -> str:
    return web.render("records/remove.html", person=found, form=form, **shown)


def _form_page(found: Subject, kind: str, form: SanctionForm) -> str:
    comment_id = web.number("comment", request.form if request.method == "POST" else None)
    comment = queries.named_comment(web.viewer(), found, comment_id)
    return web.render(
        "records/sanction.html",
        person=found,
        kind=kind,
        form=form,
        fields=FIELDS[SanctionKind(kind)],
        comment=comment,
        act=wording.ACTS[kind],
        meaning=wording.MEANINGS[kind],
        lasts=kind in LASTING,
    )


def _wanted(kind: str, form: SanctionForm) -> Wanted:
    comment_id = web.number("comment", request.form)
    if form.comment.data and comment_id is None:
        raise NotFound()
    asked = {"days": form.days.data, "minutes": form.minutes.data, "comment_id": comment_id}
    return Wanted(kind, form.reason.data or "", form.words.data or "", form.note.data or "", **asked)


def _subject(name: str) -> Subject:
    return queries.subject(name) or _missing()


def _missing() -> NoReturn:
    raise NotFound(_("There is nobody with this name here."))
