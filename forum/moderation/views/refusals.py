"""Refusals of a form on its own page."""

from __future__ import annotations

from typing import NoReturn

from wtforms import Form

from forum import db, web
from forum.errors import Conflict, Invalid, NotFound


def show(form: Form, error: Invalid | Conflict | None) -> int:
    """Put a refusal into its form, end the write it interrupted, and return the status to answer with."""
    if error is None:
        return 200
    db.rollback()
    web.show_errors(form, error)
    return error.status


def missing() -> NoReturn:
    """Answer that there is no such thing for this viewer."""
    raise NotFound()
