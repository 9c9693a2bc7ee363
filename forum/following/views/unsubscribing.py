"""The page on which the reader of a mail ends that kind of mail, and the one click of RFC 8058."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, web
from forum.errors import NotFound
from forum.following.letters import what_is_mailed
from forum.following.views import blueprint
from forum.notifications import by_mail, leaving
from forum.notifications.leaving import Leave


@blueprint.get("/mail/unsubscribe/<token>")
def leave_page(token: str) -> str:
    """Ask whether the mails should end. Opening the page changes nothing: programs that examine mail open links."""
    return web.render("following/unsubscribe.html", token=token, what=what_is_mailed(_about(token).what), undo="")


@blueprint.post("/mail/unsubscribe/<token>")
@web.from_anywhere
def leave(token: str) -> str:
    """End a kind of mail, whoever posts: a mail program has neither a session nor a form of ours."""
    about = _about(token)
    before = by_mail.leave(about.person_id, about.what)
    db.commit()
    undo = leaving.token(about.person_id, about.what, before) if before else ""
    return web.render("following/unsubscribe.html", token="", what=what_is_mailed(about.what), undo=undo)


@blueprint.post("/mail/unsubscribe/<token>/undo")
def come_back(token: str) -> Response:
    """Let a kind of mail come again as it did before."""
    about = _about(token)
    by_mail.come_back(about.person_id, about.before)
    db.commit()
    web.say(_("You get these mails again."))
    return web.other_page(url_for("articles.home"))


def _about(token: str) -> Leave:
    found = leaving.read(token)
    if found is None:
        raise NotFound(_("This link is not complete. Open it once more from the mail."))
    return found
