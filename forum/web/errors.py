"""Error pages: what happened, what one can do, and what was typed."""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, redirect, render_template, request, session, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.wrappers import Response as Redirect

from forum import db
from forum.errors import Busy, Conflict, Moved, NotFound, Refusal, SignInNeeded, TooMany
from forum.people.forms import SignInForm
from forum.web.guards import limiter
from forum.web.held import held, is_waiting
from forum.web.origin import foreign, is_ours
from forum.web.outages import Outages
from forum.web.pages import other_page, safe_next
from forum.web.sessions import CSRF, WITHOUT, ServerSession, is_members
from forum.web.spelling import other_spelling, present_address
from forum.web.viewer import known_language, viewer
from forum.wording import in_words

Answer = Response | Redirect
Handler = Callable[[Any], Answer]

log = logging.getLogger("forum")
RETRY = 5  # seconds after which a person may try again what an outage of the database prevented


def init_app(app: Flask) -> None:
    """Answer every refusal and every mistake with a page, and write the session when a page is done."""
    handlers: list[tuple[type[Exception], Handler]] = [
        (Refusal, refused),
        (CSRFError, forged_or_stale),
        (RateLimitExceeded, too_often),
        (HTTPException, plain_error),
        (Exception, our_mistake),
    ]
    for kind, handler in handlers:
        app.register_error_handler(kind, _even_without_database(handler))
    app.extensions["outages"] = Outages()
    app.before_request(_tell_outage)
    app.after_request(_save_session)


def _even_without_database(handler: Handler) -> Handler:
    """Let a handler fail of an outage, too: most error pages show what the database holds."""

    @wraps(handler)
    def answer(error: Any) -> Answer:
        try:
            return handler(error)
        except Exception as trouble:
            if not db.is_unavailable(trouble):
                raise
            return unavailable(trouble)

    return answer


def _tell_outage() -> None:
    # First of all: what is asked for, and by whom, is not known.
    if request.endpoint not in WITHOUT and (error := _session().outage):
        raise error


def _save_session(response: Response) -> Response:
    """Write the session. Where that fails, the page is still sent unless it would be wrong without."""
    reading = request.method in ("GET", "OPTIONS")
    try:
        _session().save(reading=reading)
    except Exception as error:
        if not db.is_unavailable(error):
            raise
        if _session().must_last:
            _session().token = _session().sent
            return unavailable(error)
        _undo()
        if not reading:
            _outages().report(error)
    return response


def refused(error: Refusal) -> Answer:
    """Answer a refusal of ours."""
    if isinstance(error, Busy):
        return unavailable(error)
    _undo()
    if isinstance(error, SignInNeeded):
        return sign_in_first(in_words(error.reason))
    if isinstance(error, Moved):
        # 308 keeps what a form sent that was drawn at the former address.
        return redirect(present_address(error.values), 308)
    if isinstance(error, NotFound) and (address := other_spelling()):
        return redirect(address, 301)
    seconds = error.retry_after if isinstance(error, TooMany) else 0
    words = error.words if isinstance(error, Conflict) else ""
    sanctioned = not isinstance(error.reason, str) and error.reason.is_sanction
    wait = max(1, math.ceil(seconds / 60))
    response = error_page(error.status, in_words(error.reason), words, wait=wait, sanctioned=sanctioned)
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def sign_in_first(reason: str) -> Answer:
    """Ask who somebody is: a form that was sent is shown again with the sign-in, and sent from there.

    Where only a button was pressed, the sign-in leads back to it. Who only followed a link is told the reason by the
    sign-in page itself.
    """
    if request.method == "GET":
        return other_page(url_for("people.sign_in", next=request.full_path.rstrip("?")))
    form = held()
    # A button has nothing to send again that one could look at first: it is pressed on the page where it stands.
    there = form.action if form.fields else _page_with_the_button()
    page = render_template("people/sign_in.html", form=SignInForm(next=there), held=form, reason=reason)
    return make_response(page, 403)


def _page_with_the_button() -> str:
    """Return the page from which this request was sent, as far as the browser tells it."""
    before = urlsplit(request.referrer or "")
    if before.path and is_ours(request.referrer or ""):
        return safe_next(f"{before.path}?{before.query}" if before.query else before.path)
    reads = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    return request.full_path.rstrip("?") if reads else "/"


def asks_to_sign_in() -> bool:
    """Tell whether a guest's form asks for the sign-in instead of being sent."""
    return "sign_in" in request.form


def sign_in_to_go_on(*left_out: str) -> str | None:
    """Return the sign-in with what was typed where a form asks for it instead of being sent, else None.

    What only a guest says of themselves is left out by the names of its fields. A person who has signed in
    meanwhile, in another window, gets the form to be sent.
    """
    if not asks_to_sign_in():
        return None
    form = held()
    kept = replace(form, fields=tuple(field for field in form.fields if field.name not in ("sign_in", *left_out)))
    if viewer().id is not None:
        return render_template("errors/again.html", reason=_("You are signed in."), held=kept)
    return render_template("people/sign_in.html", form=SignInForm(None, next=form.action), held=kept, reason="")


def forged_or_stale(error: CSRFError) -> Answer:
    """Refuse a form whose token is not of this session.

    A form of ours that was open for too long is shown again, with everything that was typed in it: a member who was
    signed out meanwhile signs in first. What another site sent, or nobody's form, is not offered to be sent again.
    """
    if origin := foreign():
        reason = _("This form was sent by another site, %(origin)s, so nothing was done.", origin=origin)
        return error_page(403, reason)
    value = _signed_value()
    if value is None:
        return error_page(403, _("This form does not carry the mark of this site. Open it here and send it again."))
    if viewer().id is None and is_members(value):
        return sign_in_first(_("You have been signed out meanwhile."))
    if _session().sent is None:
        reason = _("Your browser sent no cookie along: it has ended, or cookies are not allowed for this site.")
    else:
        reason = _("This form was open for too long.")
    return make_response(render_template("errors/again.html", reason=reason, held=held()), 403)


def _signed_value() -> str | None:
    """Return what a form's token says, whatever session it was made for; None where this site did not make it."""
    signed = URLSafeTimedSerializer(str(current_app.secret_key), salt="wtf-csrf-token")  # as Flask-WTF signs it
    try:
        return str(signed.loads(request.form.get(CSRF, "")))
    except BadData:
        return None


def too_often(error: RateLimitExceeded) -> Response:
    """Answer 429 with the seconds to wait."""
    broken = limiter.current_limit
    wait = max(1, math.ceil(broken.window.reset_time - time.time())) if broken else 60
    words = _("That was very often in a short time. Please wait a little and try again.")
    response = error_page(429, words, wait=math.ceil(wait / 60))
    response.headers["Retry-After"] = str(wait)
    return response


def plain_error(error: HTTPException) -> Answer:
    """Answer what Flask or Werkzeug raised: 400, 404, 405, 413 and their like."""
    if isinstance(error, SecurityError):
        # Asked under a name that is not ours: no address of a page can be made, and none should be told.
        return Response("There is no site at this address.", 400, content_type="text/plain; charset=utf-8")
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
        return our_mistake(error.original_exception)
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code == 404 and (address := other_spelling()):
        return redirect(address, 301)
    return error_page(error.code, "")


def our_mistake(error: Exception) -> Response:
    """Answer a mistake of ours: nothing half-written, no trace shown, a number to ask about."""
    if db.is_unavailable(error):
        return unavailable(error)
    _undo()
    number = uuid.uuid4().hex[:8]
    # The rule, not the address itself: that may hold the token of a one-time link, or line ends of an own.
    rule = request.url_rule.rule if request.url_rule else "no such address"
    log.error("mistake %s: %s %s", number, request.method, rule, exc_info=error)
    return _plain_page(500, number=number)


def unavailable(error: Exception) -> Response:
    """Answer 503 where the database cannot answer. The page asks nothing of it and holds what was typed."""
    _undo()
    _outages().report(error)
    response = _plain_page(503)
    response.headers.update({"Retry-After": str(RETRY), "Cache-Control": "no-store"})
    return response


def error_page(status: int, reason: str, words: str = "", wait: int = 1, sanctioned: bool = False) -> Response:
    """Render the page of one error, with every text that was typed.

    `wait` is for how many minutes; `sanctioned` tells that a decision shuts the person out, to which they can object.
    """
    if status >= 500:
        return _plain_page(status)
    # What another site sent is never offered to be sent again: one click here would make it ours.
    again = status == 429 and not foreign()
    values = {"status": status, "reason": reason, "words": words, "held": held(), "again": again, "wait": wait}
    return make_response(render_template("errors/error.html", **values, sanctioned=sanctioned), status)


def _plain_page(status: int, number: str = "") -> Response:
    """Render a page that needs no database: in the language in which the site was last seen."""
    # What fails after the commit has undone nothing: told to try again, a person would do it twice.
    saved = request.method == "POST" and db.has_committed() and not _session().must_last and not is_waiting()
    values = {"status": status, "saved": saved, "number": number}
    with force_locale(known_language()):
        return make_response(render_template("errors/plain.html", **values, held=held()), status)


def _undo() -> None:
    with suppress(SQLAlchemyError):  # where the connection broke there is nothing left to undo
        db.rollback()


def _outages() -> Outages:
    return cast(Outages, current_app.extensions["outages"])


def _session() -> ServerSession:
    return cast(ServerSession, session)
