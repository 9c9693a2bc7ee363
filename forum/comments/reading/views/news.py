"""Tell scripts what was written in a discussion since a moment: the same for everybody, and nothing but ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import policy, web
from forum.articles import queries as articles
from forum.clock import now
from forum.comments.reading import arrivals
from forum.comments.views import blueprint
from forum.errors import NotFound, Refusal
from forum.policy import NOBODY

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@blueprint.app_template_filter("microseconds")
def microseconds(value: datetime) -> int:
    """Write a moment as the whole number that `new_since` reads; a script can keep it without losing of it."""
    return (value - _BEGINNING) // timedelta(microseconds=1)


@blueprint.get("/articles/<slug>/new-since")
def new_since(slug: str) -> Response:
    """Return the ids of comments written since a moment, in the order of the page, or 304 where nothing changed since.

    An open page asks again and again, so it costs one statement where nothing changed. It asks for no session.
    """
    found = articles.heading(slug)
    if found is None or not policy.may_read_article(NOBODY, found, now()):
        raise NotFound()
    moment = _moment(web.number("since"))
    if found.version is not None and request.if_none_match.contains_weak(tag := str(found.version)):
        return _fresh(Response(status=304), tag)
    arrived = arrivals.since(found.id, moment, newest=request.args.get("order") == "newest")
    response = jsonify(ids=arrived.ids, more=arrived.more)
    return response if found.version is None else _fresh(response, str(found.version))


def _fresh(response: Response, tag: str) -> Response:
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _moment(number: int | None) -> datetime:
    """Return a moment that is not to come, of its microseconds since 1970. Raises Refusal where none is given."""
    if number is None:
        raise Refusal(_("Say since when, in microseconds since 1970."))
    return _BEGINNING + timedelta(microseconds=min(number, microseconds(now())))
