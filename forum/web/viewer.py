"""Who is asking, and the site they ask."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import refresh
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from forum.front import SHARED, SharedRequest
from forum.people.queries import Viewer
from forum.policy import NOBODY, Actor, Nobody
from forum.process import settings
from forum.site import queries
from forum.site.queries import SiteView
from forum.siteaddress import host_of
from forum.web.sessions import CSRF, WITHOUT, ServerSession


class SignedIn(UserMixin):  # type: ignore[misc]  # flask_login has no types
    """The object that Flask-Login carries: our viewer."""

    def __init__(self, person: Viewer) -> None:
        self.person = person
        self.id = str(person.id)


def init_app(app: Flask) -> None:
    """Let Flask-Login find the person in the session row that was read anyway."""
    manager = LoginManager(app)
    manager.session_protection = None  # ours is the row: it dies with a sign-out, a new password, a deactivation

    @manager.user_loader  # type: ignore[untyped-decorator]  # flask_login has no types
    def load(user_id: str) -> SignedIn | None:
        row = cast(ServerSession, session).row
        found = row.viewer if row else None
        return SignedIn(found) if found and str(found.id) == user_id else None


def is_ours(host: str) -> bool:
    """Tell whether a host is this site's; a port counts for nothing, because a proxy may leave it out."""
    return host_of(f"//{host}") in {host_of(f"//{request.host}"), host_of(site().url)} - {""}


def site() -> SiteView:
    """Return the settings of the site, read once a request, with what the environment fixes laid over them."""
    found: SiteView | None = g.get("site")
    if found is None:
        fixed = settings()
        read = _read_site()
        found = replace(read, name=fixed.site_name or read.name or "Correspondence", url=fixed.site_url or read.url)
        g.site = found
    return found


def _read_site() -> SiteView:
    """Return the settings from this process's memory where the versions read before say that they are still those."""
    known: SiteView | None = current_app.extensions.get("site")
    if known is not None and known.version == _site_version():
        return known
    read = queries.site()
    current_app.extensions["site"] = read
    return read


def language() -> str:
    """Return the language of the viewer: what they chose, else the site's. Visitors have no choice of their own, and
    what is the same for all (feeds) is in the site's.

    If you let anything else decide, a header or a cookie, also put it into the keys of what is kept for visitors
    (`front/`), else they get pages in the language of another.
    """
    if has_request_context() and request.endpoint in WITHOUT:
        return site().language
    return _chosen_language() or site().language


def next_language() -> str:
    """Return the language of the next page of the viewer, behind a change of the settings that may be the language."""
    return _chosen_language() or queries.site().language


def _chosen_language() -> str:
    user = current_user._get_current_object()
    return user.person.language if isinstance(user, SignedIn) else ""


def known_language() -> str:
    """Return the site's language as this process last read it, English before that; the database is not asked."""
    known: SiteView | None = current_app.extensions.get("site")
    return known.language if known else "en"


def _site_version() -> int | None:
    """Return the version that this request read: with its session, or before Flask for a page that visitors share."""
    if not has_request_context():
        return None
    if (row := cast(ServerSession, session).row) is not None:
        return row.site_version
    shared: SharedRequest | None = request.environ.get(SHARED)
    return shared.site_version if shared else None


def viewer() -> Actor:
    """Return the person behind the request, or a visitor with what this browser wrote as a guest."""
    written = session.get("guest")
    user = current_user._get_current_object()  # asked a dozen times for a page, so without going through the proxy
    if isinstance(user, SignedIn):
        return replace(user.person, guest_comments=frozenset(written)) if written else user.person
    return Nobody(frozenset(written)) if written else NOBODY


def unread() -> int:
    """Return how many notices the viewer has not read, as this request read it with the session."""
    user = current_user._get_current_object()
    return max(0, user.person.unseen - int(g.get("read", 0))) if isinstance(user, SignedIn) else 0


def has_read(number: int) -> None:
    """Note that this request marked so many notices as read, so that its own page counts them no more."""
    g.read = int(g.get("read", 0)) + number


def sign_in(person: Viewer) -> None:
    """Sign somebody in, under a new token; only what they wrote or reported as a guest stays with the session."""
    kept = {key: session[key] for key in ("guest", "reported") if key in session}
    session.clear()
    session.update(kept)
    login_user(SignedIn(person))
    refresh()  # from here on in their language
    session.pop("_id", None)  # Flask-Login's hash of address and browser, which the privacy page says is not kept
    _renew()


def end_session() -> None:
    """Sign out: the old token is dead at once."""
    logout_user()
    session.clear()
    _renew()


def _renew() -> None:
    cast(ServerSession, session).renew()
    g.pop(CSRF, None)  # Flask-WTF keeps a request's token there


def leave_out_session() -> None:
    """Let nothing of the session be in this answer: it is the same for everybody, and others keep it for long."""
    cast(ServerSession, session).is_left_out = True


def remember_report(comment_id: int) -> None:
    """Note that a comment was reported from this browser without an account, so that once is enough."""
    session["reported"] = [*session.get("reported", []), comment_id]


def has_reported(comment_id: int) -> bool:
    """Tell whether a comment was reported from this browser without an account."""
    return comment_id in session.get("reported", ())


def remember_guest_comment(comment_id: int) -> None:
    """Note that this browser wrote a comment as a guest, so that its writer sees it while it waits."""
    session["guest"] = [*session.get("guest", []), comment_id]
