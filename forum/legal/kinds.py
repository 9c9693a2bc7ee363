"""The kinds of notices of law, in plain words."""

from __future__ import annotations

from flask_babel import gettext as _

from forum.policy.law import CHILD

KINDS = ("insult", "threat", "hatred", "private", "copyright", CHILD, "other")
URGENT = {CHILD: 1, "threat": 2}  # priorities of cases; the lower, the sooner
ORDINARY = 3


def in_words(kind: str) -> str:
    """Return a kind in the language of the request."""
    words = {
        "insult": _("Insult or defamation"),
        "threat": _("Threat"),
        "hatred": _("Hatred"),
        "private": _("Private data"),
        "copyright": _("Copyright"),
        CHILD: _("Child sexual abuse"),
        "other": _("Something else"),
    }
    return str(words[kind])
