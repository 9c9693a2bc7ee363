"""Write: comment, reply, edit, delete, undo."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.comments import menu
from forum.comments.menu import Box
from forum.comments.queries import CommentView, source
from forum.comments.views import blueprint, known_comment, readable_heading
from forum.comments.writing import actions, queries
from forum.comments.writing.actions import mail_address
from forum.comments.writing.forms import CommentForm, GuestForm
from forum.comments.writing.queries import Posted
from forum.errors import Conflict, Invalid, NotFound
from forum.notifications.views import is_spared
from forum.policy import CommentStatus
from forum.saved_replies.views import is_putting, put_into
from forum.site.queries import lets_guests_follow
from forum.text import rendering
from forum.text.words import one_line, tidy

# Twenty in ten minutes is a lively quarrel; more is a machine, or somebody who should sleep over it.
POSTS = "20 per 10 minutes"
PREVIEWS = (
    "60 per 10 minutes"  # counted by themselves: looking at a text three times must not keep it from being posted
)

ASKED = "asked"  # a field beside the box to tick, which is not sent where it is not ticked


def is_preview() -> bool:
    """Tell whether a form asks to be shown what its text would look like."""
    return "preview" in request.form


def is_posting() -> bool:
    """Tell whether a form asks to be stored. If you let another field say no, also store nothing where it is sent."""
    return not is_preview() and not is_putting() and not web.asks_to_sign_in()


@blueprint.route("/articles/<slug>/comments", methods=["GET", "POST"])
@web.limited(POSTS, when=is_posting)
@web.limited(PREVIEWS, when=is_preview)
def new(slug: str) -> str | tuple[str, int] | Response:
    """Begin a thread."""
    article = readable_heading(slug)
    return _write(article.id, article.slug, None)


@blueprint.route("/comments/<int:id>/reply", methods=["GET", "POST"])
@web.limited(POSTS, when=is_posting)
@web.limited(PREVIEWS, when=is_preview)
def reply(id: int) -> str | tuple[str, int] | Response:
    """Answer a comment."""
    comment = known_comment(id)
    return _write(comment.article_id, comment.article_slug, comment)


@blueprint.route("/comments/<int:id>/edit", methods=["GET", "POST"])
@web.limited(POSTS, when=lambda: not is_preview())
@web.limited(PREVIEWS, when=is_preview)
def edit(id: int) -> str | tuple[str, int] | Response:
    """Edit one's own comment."""
    comment = known_comment(id)
    written, format = source(id)
    form = CommentForm(request.form, body=written)
    verdict = menu.edit_verdict(web.viewer(), web.site(), comment)
    shown: dict[str, Any] = {"comment": comment, "form": form, "verdict": verdict, "preview": "", "format": format}
    if request.method == "GET":
        return web.render("comments/edit.html", **shown)
    verdict.require()  # before anything is drawn: a page that says no has no room for what was typed
    if is_preview():
        return web.render("comments/edit.html", **{**shown, "preview": preview(form, format)})
    if isinstance(web.attempt(form, lambda: actions.edit(web.viewer(), id, form.body.data or "")), Invalid):
        return web.render("comments/edit.html", **shown), 422
    return web.other_page(url_for("comments.permalink", id=id))


@blueprint.route("/comments/<int:id>/withdraw", methods=["GET", "POST"])
def withdraw(id: int) -> str | Response:
    """Delete one's own comment; the next page offers to take that back."""
    comment = known_comment(id)
    if request.method == "GET":
        policy.may_withdraw(web.viewer(), comment).require()
        return web.render("comments/withdraw.html", comment=comment)
    actions.withdraw(web.viewer(), id)
    db.commit()
    web.say(_("Your comment is deleted."), undo=url_for("comments.undo_withdraw", id=id))
    return web.other_page(_place_of(comment))


@blueprint.post("/comments/<int:id>/withdraw/undo")
def undo_withdraw(id: int) -> Response:
    """Bring one's own comment back."""
    actions.undo_withdraw(web.viewer(), id)
    db.commit()
    web.say(_("Your comment is back."))
    return web.other_page(url_for("comments.permalink", id=id))


def _place_of(deleted: CommentView) -> str:
    """Return the address nearest to a comment that is gone: of what it answered, or of the head of the discussion."""
    with suppress(NotFound):
        if deleted.parent_id:
            return url_for("comments.permalink", id=known_comment(deleted.parent_id).id)
    return url_for("comments.article", slug=deleted.article_slug, _anchor="talk")


def preview(form: CommentForm, format: str = "markdown") -> str:
    """Return what the typed text would look like."""
    return rendering.stored(rendering.render((form.body.data or "")[: rendering.MAX_COMMENT], format))


def _write(article_id: int, slug: str, parent: CommentView | None) -> str | tuple[str, int] | Response:
    """Draw the box, or take what was written in it: then nothing is read that only the box would show."""
    actor = web.viewer()
    kind = GuestForm if actor.id is None else CommentForm
    if request.method == "GET":
        return _page(slug, parent, kind(answers=actor.follows_answers))
    if actor.id is None and (verdict := _box(article_id, parent).verdict).kind == "sign-in":
        verdict.require()  # before the form is looked at: a visitor is not asked for a guest's name in vain
    if page := web.sign_in_to_go_on("guest_name", "guest_email", "answers"):
        return page
    form = kind(request.form)
    if put_into(form):
        return _page(slug, parent, form)
    if is_preview():
        return _page(slug, parent, form, preview=preview(form))
    try:
        return _posted(_post(article_id, parent, form))
    except Invalid as error:
        db.rollback()
        web.show_errors(form, error)
        return _page(slug, parent, form), 422
    except Conflict as conflict:
        db.rollback()
        typed = tidy(form.body.data or "")
        key = actions.once(form.key.data or "", actor, article_id, parent.id if parent else None, typed)
        if made := queries.made_with(key):
            return web.other_page(url_for("comments.permalink", id=made.id))
        return _page(slug, parent, form, conflict=conflict), 409


def _page(slug: str, parent: CommentView | None, form: CommentForm, **shown: Any) -> str:
    article = readable_heading(slug)
    shown = {"article": article, "box": _box(article.id, parent), "parent": parent, "preview": "", **shown}
    return web.render("comments/write.html", "comments/_write.html", form=form, **shown)


def _box(article_id: int, parent: CommentView | None) -> Box:
    return menu.box(web.viewer(), web.site(), article_id, parent.id if parent else None)


def _post(article_id: int, parent: CommentView | None, form: CommentForm) -> Posted:
    web.checked(form)
    posted = actions.post(
        web.viewer(),
        article_id,
        form.body.data or "",
        parent_id=parent.id if parent else None,
        guest_name=one_line(form.guest_name.data or "") if isinstance(form, GuestForm) else "",
        guest_email=form.guest_email.data or "" if isinstance(form, GuestForm) else "",
        key=form.key.data or "",
        answers=_wants_answers(form),
    )
    db.commit()
    return posted


def _wants_answers(form: CommentForm) -> bool | None:
    """Return whether the writer wants to hear of answers; None where a member's form did not ask.

    A guest is asked by mail whether it is their address. Where it was asked too often, nothing says so.
    """
    if not isinstance(form, GuestForm):
        return bool(form.answers.data) if ASKED in request.form else None
    if not form.answers.data or not lets_guests_follow():
        return False
    if not form.guest_email.data:
        raise Invalid({"guest_email": _("For that we need your mail address.")})
    return not is_spared(mail_address(form.guest_email.data))


def _posted(posted: Posted) -> Response:
    if posted.is_new:
        if posted.author_id is None:
            web.remember_guest_comment(posted.id)
        if posted.status == CommentStatus.HELD:
            web.say(_("Thank you. Your comment waits for approval; only you and the moderators see it until then."))
        if posted.author_id is None and "answers" in request.form and lets_guests_follow():
            web.say(_("A mail with a link goes to your address. Open it and say yes, and you hear of answers by mail."))
    elif posted.same_words:
        web.say(_("You posted these words here a moment ago, so they were not posted a second time."))
    return web.other_page(url_for("comments.permalink", id=posted.id))
