"""The page on which the reader of a mail ends that kind of mail, and the one click of RFC 8058."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, web
from forum.errors import NotFound
from forum.following.letters import what_is_mailed
from forum.following.views import blueprint
from forum.notifications import address_links, by_mail, followers, leaving
from forum.notifications.leaving import Leave
from forum.notifications.mailing import Follower


@blueprint.get("/mail/unsubscribe/<token>")
def leave_page(token: str) -> str:
    """Ask whether the mails should end. Opening the page changes nothing: programs that examine mail open links."""
    about = _about(token)
    page = _own_page(about) if about.person_id is None else ""
    return web.render("following/unsubscribe.html", token=token, what=what_is_mailed(about.what), undo="", page=page)


@blueprint.post("/mail/unsubscribe/<token>")
@web.from_anywhere
def leave(token: str) -> str:
    """End a kind of mail, no matter who posts: a mail program has neither a session nor a form of ours."""
    about = _about(token)
    if about.person_id is None:
        return _leave_by_address(about)
    before = by_mail.leave(about.person_id, about.what)
    db.commit()
    undo = leaving.token(Follower(about.person_id), about.what, before) if before else ""
    return web.render("following/unsubscribe.html", token="", what=what_is_mailed(about.what), undo=undo)


@blueprint.post("/mail/unsubscribe/<token>/undo")
def come_back(token: str) -> Response:
    """Let a kind of mail come again as it did before."""
    about = _about(token)
    if about.person_id is None:
        raise NotFound
    by_mail.come_back(about.person_id, about.before)
    db.commit()
    web.say(_("You get these mails again."))
    return web.other_page(url_for("articles.home"))


def _leave_by_address(about: Leave) -> str:
    """End what brings an address a kind of mail. A second click finds nothing to end, and that is no mistake."""
    try:
        stays = followers.leave_address(about.address_id or 0, about.what)
    except NotFound:
        stays = False
    db.commit()
    what, page = what_is_mailed(about.what), _own_page(about) if stays else ""
    return web.render("following/left_by_address.html", what=what, page=page)


def _own_page(about: Leave) -> str:
    return url_for("following.by_address", token=address_links.own(about.address_id or 0))


def _about(token: str) -> Leave:
    found = leaving.read(token)
    if found is None:
        raise NotFound(_("This link is not complete. Open it once more from the mail."))
    return found
