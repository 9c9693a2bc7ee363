"""Reasons and numbers in words, in the language of their reader."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import format_datetime, format_decimal, format_timedelta, get_translations
from flask_babel import gettext as _

from forum.policy.reasons import Reason, Value


def in_words(reason: Reason | str) -> str:
    """Return a reason as a sentence for the person it concerns; a text of its own stays as it is."""
    if isinstance(reason, str):
        return reason
    values = {name: _shown(value) for name, value in reason.values.items()}
    words = str(_(reason.code.words, **values))
    return " ".join((words, _("The reason given: %(reason)s", **values))) if values.get("reason") else words


def ngettext(one: str, many: str, num: Any, **values: Any) -> str:
    """Say how many, in the words for one or for several, with the number as the language writes it."""
    words = get_translations().ungettext(one, many, num)
    return str(words % {"num": number(num), **values})


def number(value: Any) -> str:
    """Write a whole number: 12,090 in English, 12.090 in German."""
    is_large = isinstance(value, int) and value >= 1000  # most are small, and Babel takes its time
    return str(format_decimal(value) if is_large else value)


def _shown(value: Value) -> str:
    if isinstance(value, datetime):
        return str(format_datetime(value, _("d MMMM y, HH:mm")))
    if isinstance(value, timedelta):  # always in minutes: 90 of them are not "2 hours"
        return str(format_timedelta(value, granularity="minute", threshold=float("inf")))
    return value
