"""A reason in the language and the time zone of the site."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import format_datetime, format_timedelta
from flask_babel import gettext as _

from forum.policy.reasons import Reason, Value


def in_words(reason: Reason | str) -> str:
    """Return a reason as a sentence for the person it concerns; a text of its own stays as it is."""
    if isinstance(reason, str):
        return reason
    values = {name: _shown(value) for name, value in reason.values.items()}
    words = str(_(reason.code.words, **values))
    return f"{words} {_('The reason given: %(reason)s', **values)}" if values.get("reason") else words


def _shown(value: Value) -> str:
    if isinstance(value, datetime):
        return str(format_datetime(value, _("d MMMM y")))
    if isinstance(value, timedelta):  # always in minutes: 90 of them are not "2 hours"
        return str(format_timedelta(value, granularity="minute", threshold=float("inf")))
    return value
