"""Pages of saved replies, and the list of them beside a box in which somebody writes."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import Form, TextAreaField

from forum import db, policy, web
from forum.errors import Invalid, NotFound
from forum.saved_replies import actions, queries
from forum.saved_replies.forms import SavedReplyForm
from forum.saved_replies.queries import Saved

blueprint = Blueprint("saved_replies", __name__)


@blueprint.app_template_global("saved_replies")
def saved_replies() -> list[Saved]:
    """Return what the viewer may put into a box."""
    return queries.saved_replies(web.viewer())


def is_putting() -> bool:
    """Tell whether a form asks for a saved reply to be put into one of its boxes: then nothing else is done."""
    return "put" in request.form


def put_into(form: Form) -> bool:
    """Put the saved reply that was chosen behind what is typed, where a form asks for that; tell whether it does.

    The button's value names the box. Whatever is named, the form is to be shown again and does nothing else.
    """
    name = request.form.get("put", "")
    box = {field.name: field for field in form}.get(name)
    chosen = web.number(f"saved-{name}", request.form)
    found = queries.saved_reply(web.viewer(), chosen) if chosen and isinstance(box, TextAreaField) else None
    if box is not None and found is not None:
        box.data = "\n\n".join(filter(None, [(box.data or "").rstrip(), found.text]))
    return is_putting()


@blueprint.route("/moderation/replies", methods=["GET", "POST"])
@web.private(policy.may_open_desk)
def replies() -> web.Page:
    """Show somebody's saved replies, or keep one more."""
    form = SavedReplyForm(web.sent())
    if request.method == "POST":
        words = form.title.data or "", form.text.data or ""
        shared = bool(form.shared.data)
        made = web.attempt(form, lambda: actions.save_reply(web.viewer(), *words, shared=shared))
        if not isinstance(made, Invalid):
            web.say(_("Kept."))
            return web.other_page(url_for("saved_replies.replies"))
    page = web.render(
        "saved_replies/replies.html",
        form=form,
        replies=saved_replies(),
        may_share=bool(policy.may_save_reply(web.viewer(), shared=True)),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/moderation/replies/<int:id>", methods=["GET", "POST"])
@web.private(policy.may_open_desk)
def reply(id: int) -> web.Page:
    """Show a saved reply to change it, or change it."""
    found = _mine(id)
    form = SavedReplyForm(web.sent(), obj=found)
    if request.method == "GET":
        return web.render("saved_replies/reply.html", form=form, reply=found)
    words = form.title.data or "", form.text.data or ""
    if isinstance(web.attempt(form, lambda: actions.change_reply(web.viewer(), id, *words)), Invalid):
        return web.render("saved_replies/reply.html", form=form, reply=found), 422
    web.say(_("Kept."))
    return web.other_page(url_for("saved_replies.replies"))


@blueprint.post("/moderation/replies/<int:id>/delete")
@web.private(policy.may_open_desk)
def delete(id: int) -> Response:
    """Delete a saved reply."""
    found = _mine(id)
    actions.delete_reply(web.viewer(), id)
    db.commit()
    web.say(_("“%(title)s” is deleted.", title=found.title))
    return web.other_page(url_for("saved_replies.replies"))


def _mine(id: int) -> Saved:
    found = queries.saved_reply(web.viewer(), id)
    if found is None:
        raise NotFound()
    found.may_change.require()
    return found
