"""Pages of notices, what one follows, and the form by which one follows something."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.errors import NotFound
from forum.following import followed, inbox
from forum.following.followed import Followed, MailChoice
from forum.following.forms import AddressForm
from forum.following.views import blueprint
from forum.notifications import by_mail, mailing, queries, subscriptions
from forum.policy import Actor, Verdict
from forum.process import offers_mail
from forum.site.views.head import counted_at

signed_in = web.private(policy.may_follow)


def _may_look(actor: Actor) -> Verdict:
    """Let visitors see what they could follow by address, where they can."""
    return policy.may_follow_by_address(actor, web.site(), offers_mail()) or policy.may_follow(actor)


@blueprint.get("/notices")
@signed_in
def notices() -> str:
    """Show what the viewer was told, newest first. Showing marks nothing as read."""
    return web.render("following/notices.html", page=inbox.inbox(web.viewer(), web.number("before")))


@blueprint.get("/following")
@signed_in
def following() -> str:
    """List what the viewer follows."""
    before = web.number("before")
    items, older = followed.followed(web.viewer(), before)
    wanted = followed.wanted(web.viewer())
    writes = bool(policy.may_write_articles(web.viewer()))
    shown: dict[str, Any] = {"items": items, "older": older, "before": before, "wanted": wanted, "writes": writes}
    return web.render("following/following.html", **shown, mail=_mail())


@blueprint.route("/follow/<kind>/<int:subject>", methods=["GET", "POST"])
@web.limited("120 per hour")
@web.private(_may_look)
def follow(kind: str, subject: int) -> str | Response:
    """Say what one would hear of, and follow it."""
    found = named(kind, subject)
    if request.method == "GET" and web.viewer().id is None:
        return web.render("following/follow_by_address.html", item=found, form=AddressForm())
    if request.method == "GET":
        follows = queries.follows(web.viewer().id or 0, kind, subject)
        return web.render("following/follow.html", item=found, follows=follows)
    subscriptions.follow(web.viewer(), kind, subject)
    db.commit()
    web.say(
        _("You follow this now. What is new is listed under Notices."),
        undo=url_for("following.stop", kind=kind, subject=subject),
    )
    return _back(found)


@blueprint.post("/follow/<kind>/<int:subject>/stop")
@signed_in
def stop(kind: str, subject: int) -> Response:
    """Hear of something no more."""
    found = named(kind, subject)
    subscriptions.stop(web.viewer(), kind, subject)
    db.commit()
    web.say(_("You no longer follow this."), undo=url_for("following.follow", kind=kind, subject=subject))
    return _back(found)


@blueprint.post("/following/<int:id>/pause")
@signed_in
def pause(id: int) -> Response:
    """Hear of something no more for a while."""
    subscriptions.pause(web.viewer(), followed.line(web.viewer(), id))
    db.commit()
    web.say(_("Paused. You are told nothing of it until you resume it."))
    return web.other_page(_line(id))


@blueprint.post("/following/<int:id>/resume")
@signed_in
def resume(id: int) -> Response:
    """Hear of something again."""
    subscriptions.resume(web.viewer(), followed.line(web.viewer(), id))
    db.commit()
    web.say(_("You follow this again."))
    return web.other_page(_line(id))


@blueprint.post("/following/<int:id>/end")
@signed_in
def end(id: int) -> Response:
    """End following something, with a way back."""
    ended = subscriptions.end(web.viewer(), followed.line(web.viewer(), id))
    db.commit()
    kind, subject = ended[0]
    undo = url_for("following.follow", kind=kind, subject=subject)
    if len(ended) > 1:
        undo = url_for("following.follow_answers", article=followed.article_of(subject))
    web.say(_("You no longer follow this."), undo=undo)
    return web.other_page(url_for("following.following"))


@blueprint.post("/following/answers/<int:article>")
@web.limited("120 per hour")
@signed_in
def follow_answers(article: int) -> Response:
    """Follow the answers to everything that the viewer wrote under an article."""
    own = followed.own_comments(web.viewer(), article)
    if not own:
        _missing()
    subscriptions.follow(web.viewer(), "answers", *own)
    db.commit()
    web.say(_("You follow this again."))
    return web.other_page(url_for("following.following"))


@blueprint.post("/following/settings")
@signed_in
def settings() -> Response:
    """Keep whether the viewer follows answers and their own articles without asking each time."""
    wanted = {name: name in request.form for name in ("answers", "articles")}
    subscriptions.remember(web.viewer(), **wanted)
    db.commit()
    web.say(_("Saved."))
    return web.other_page(url_for("following.following"))


@blueprint.post("/following/mail")
@signed_in
def mail() -> Response:
    """Keep when the viewer gets each kind of mail."""
    wanted = {kind: request.form.get(kind, "") for kind in mailing.KINDS if kind in request.form}
    by_mail.choose(web.viewer(), wanted)
    db.commit()
    web.say(_("Saved."))
    return web.other_page(url_for("following.following", _anchor="mail"))


def address(item: Followed) -> str:
    """Return the page of what somebody follows."""
    if item.kind == "site":
        return url_for("articles.home")
    if item.kind == "article" or item.count > 1:
        return url_for("comments.article", slug=item.slug)
    if item.kind == "tag":
        return url_for("articles.tag", tag=item.slug)
    if item.kind == "person":
        return url_for("people.profile", name=item.slug)
    return url_for("comments.permalink", id=item.subject_id)


blueprint.add_app_template_global(address, "followed_at")


def _mail() -> MailChoice | None:
    """Return what the viewer gets by mail; None where this site sends none."""
    return followed.mail_choice(web.viewer()) if offers_mail() else None


def named(kind: str, subject: int) -> Followed:
    """Return what the viewer could follow. Raises NotFound."""
    if kind not in subscriptions.KINDS or (kind == "site") != (subject == 0):
        _missing()
    return followed.name_of(web.viewer(), kind, subject) or _missing()


def _line(id: int) -> str:
    # The list stays where it was: on its older page, at this line.
    return url_for("following.following", before=web.number("before"), _anchor=f"followed-{id}")


def _back(item: Followed) -> Response:
    return web.other_page(address(item))


def _missing() -> NoReturn:
    raise NotFound()


@counted_at("following.notices")
def _unseen(person: Actor) -> int:
    return web.unread()
