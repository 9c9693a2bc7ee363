"""Pages on which somebody objects, and on which another moderator decides about that."""

from __future__ import annotations

from typing import NoReturn

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from forum import db, policy, web
from forum.comments.queries import facts
from forum.errors import Conflict, Invalid, NotFound
from forum.objections import actions, queries
from forum.objections.forms import AnswerForm, ObjectionForm
from forum.objections.queries import Own, Row
from forum.sanctions import wording

blueprint = Blueprint("objections", __name__)


@blueprint.route("/notices/<int:id>/object", methods=["GET", "POST"], endpoint="object")
@web.private(policy.may_object)
@web.limited("30 per hour")
def object_to(id: int) -> web.Page:
    """Show somebody what was done, to which words, by which rule, until when; and let them object, once."""
    page = queries.own(web.viewer(), id) or _missing()
    form = ObjectionForm(web.sent())
    if request.method == "GET":
        return _own_page(page, form)
    try:
        web.checked(form)
        actions.object_to(web.viewer(), id, form.words.data or "")
        db.commit()
    except (Invalid, Conflict) as error:
        db.rollback()
        web.show_errors(form, error)
        return _own_page(queries.own(web.viewer(), id) or _missing(), form), error.status
    web.say(_("Thank you. Somebody else will look at it, and your notices will tell you what they decided."))
    return web.other_page(url_for("objections.object", id=id))


@blueprint.get("/moderation/objections")
@web.private(policy.may_moderate_everywhere)
def desk() -> str:
    """List the objections that wait, and what was decided lately."""
    waiting, decided = queries.waiting(web.viewer()), queries.waiting(web.viewer(), decided=True)
    return web.render("objections/desk.html", waiting=waiting, decided=decided, names=wording.NAMES)


@blueprint.route("/moderation/objections/<int:id>", methods=["GET", "POST"])
@web.private(policy.may_moderate_everywhere)
def decide(id: int) -> web.Page:
    """Show one objection with what it is about, or decide about it."""
    row = queries.one(web.viewer(), id) or _missing()
    form = AnswerForm(web.sent())
    if request.method == "GET":
        return _row_page(row, form)
    row.may_decide.require()
    try:
        web.checked(form)
        actions.decide(web.viewer(), id, form.outcome.data or "", form.reason.data or "")
        db.commit()
    except (Invalid, Conflict) as error:
        db.rollback()
        web.show_errors(form, error)
        return _row_page(queries.one(web.viewer(), id) or _missing(), form), error.status
    web.say(_("Decided. The person is told."))
    return web.other_page(url_for("objections.desk"))


def _own_page(page: Own, form: ObjectionForm) -> str:
    return web.render("objections/object.html", page=page, notice=page.notice, form=form)


def _row_page(row: Row, form: AnswerForm) -> str:
    comment = facts(row.comment_id) if row.comment_id else None
    if comment is not None and not policy.may_see(web.viewer(), comment, comment.article):
        comment = None
    return web.render("objections/decide.html", row=row, comment=comment, form=form, names=wording.NAMES)


def _missing() -> NoReturn:
    raise NotFound()
