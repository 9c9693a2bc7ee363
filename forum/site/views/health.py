"""Health checks for load balancers and monitoring."""

from __future__ import annotations

from flask import Response as FlaskResponse
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from forum import db, schema
from forum.jobs.queries import work
from forum.site.views import blueprint
from forum.web.guards import counts_together


@blueprint.get("/healthz")
def healthz() -> FlaskResponse:
    """Tell that this process answers."""
    return FlaskResponse("ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})


@blueprint.get("/readyz")
def readyz() -> FlaskResponse:
    """Tell whether the database answers and has the schema this program needs."""
    try:
        db.session.execute(sql("SELECT 1"))
        at, wanted = schema.current(), schema.head()
    except SQLAlchemyError:
        return _ready(503, "the database does not answer\n")
    if at != wanted:
        return _ready(503, f"the database is at {at}, not at {wanted}\n")
    # Still ready: a proxy that took every process out because of these would shut the site.
    but = [] if counts_together() else ["each process counts rate limits by itself"]
    if not (background := work()).is_there:
        seen = f"since {background.seen_at:%Y-%m-%d %H:%M} UTC" if background.seen_at else "yet"
        but.append(f"no worker has been seen {seen}")
    return _ready(200, "ready" + "".join(f", but {words}" for words in but) + "\n")


def _ready(status: int, words: str) -> FlaskResponse:
    headers = {"Cache-Control": "no-store"}
    return FlaskResponse(words, status, headers, content_type="text/plain; charset=utf-8")
