"""Error pages: what happened, what one can do, and what was typed."""

from __future__ import annotations

import logging
import uuid

from flask import Flask, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from forum import db
from forum.errors import Busy, Conflict, Refusal, SignInNeeded, TooMany
from forum.web.pages import give_back, other_page
from forum.web.viewer import site, viewer
from forum.wording import in_words

log = logging.getLogger("forum")
TYPED = ("body", "reply", "words", "note", "source", "reason", "about")  # fields whose loss would hurt


def init_app(app: Flask) -> None:
    """Answer every refusal and every mistake with a page."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(CSRFError, forged_or_stale)
    app.register_error_handler(RateLimitExceeded, too_often)
    app.register_error_handler(HTTPException, plain_error)
    app.register_error_handler(OperationalError, database_trouble)
    app.register_error_handler(Exception, our_mistake)


def refused(error: Refusal) -> tuple[str, int] | Response:
    """Answer a refusal of ours."""
    db.rollback()
    if isinstance(error, SignInNeeded):
        return sign_in_first(in_words(error.reason))
    words = error.words if isinstance(error, Conflict) else ""
    response = error_page(error.status, in_words(error.reason), words)
    if isinstance(error, TooMany | Busy):
        wait = error.retry_after if isinstance(error, TooMany) else 2
        return Response(response[0], response[1], {"Retry-After": str(wait)}, content_type="text/html; charset=utf-8")
    return response


def sign_in_first(reason: str) -> Response:
    """Send somebody to the sign-in page and keep what they typed for when they come back."""
    place = request.full_path.rstrip("?") if request.method == "GET" else request.path
    if text := request.form.get("body", ""):
        give_back(place, text)
    flash(reason, "message")
    return other_page(url_for("people.sign_in", next=place))


def forged_or_stale(error: CSRFError) -> tuple[str, int] | Response:
    """Refuse a form whose token is not of this session.

    Signed out meanwhile is the honest case: nobody is signed in, so nothing can be done in anybody's name, and a
    typed comment is kept: until they sign in, or in the form anew where guests may write. Everybody else gets a 403
    and the text back.
    """
    if viewer().id is None and (typed := request.form.get("body")):
        if site().who_may_comment == "members":
            return sign_in_first(_("You have been signed out meanwhile. Sign in, and your text is there again."))
        give_back(request.path, typed)
        flash(_("You were signed out, or the form was open for too long. Your text is still here: send it again."))
        return other_page(request.path)
    return error_page(403, _("This form was open for too long, or came from another site. Please send it again."))


def too_often(error: RateLimitExceeded) -> Response:
    """Answer 429 with the seconds to wait."""
    wait = max(1, int(error.limit.limit.get_expiry())) if error.limit else 60
    body, status = error_page(429, _("That was very often in a short time. Please wait a little and try again."))
    return Response(body, status, {"Retry-After": str(wait)}, content_type="text/html; charset=utf-8")


def plain_error(error: HTTPException) -> tuple[str, int] | Response:
    """Answer what Flask or Werkzeug raised: 400, 404, 405, 413 and their like."""
    if isinstance(error, SecurityError):
        # Asked under a name that is not ours: no address of a page can be made, and none should be told.
        return Response(_("There is no site at this address."), 400, content_type="text/plain; charset=utf-8")
    if error.code is None or error.code < 400:
        return error.get_response()
    return error_page(error.code, "")


def database_trouble(error: OperationalError) -> tuple[str, int]:
    """Answer a database that cannot write or be reached with 503."""
    db.rollback()
    log.exception("database: %s", request.path)
    return error_page(503, _("The site cannot save anything right now. Please try again in a moment."))


def our_mistake(error: Exception) -> tuple[str, int]:
    """Answer a mistake of ours: nothing half-written, no trace shown, a number to ask about."""
    db.rollback()
    number = uuid.uuid4().hex[:8]
    log.exception("mistake %s: %s %s", number, request.method, request.path)
    return error_page(500, "", number=number)


def error_page(status: int, reason: str, words: str = "", number: str = "") -> tuple[str, int]:
    """Render the page of one error, with every text that was typed."""
    try:
        typed = [text for name in TYPED if (text := request.form.get(name, ""))] if request.method == "POST" else []
    except HTTPException:  # the form itself was what could not be read
        typed = []
    template = "errors/plain.html" if status >= 500 else "errors/error.html"
    page = render_template(template, status=status, reason=reason, words=words, typed=typed, number=number)
    return page, status
