"""Say why a comment waits, to those who decide about it."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

# By the codes of `rules`, and of what else holds a comment. If you add a code there, also word it here.
REASONS: Mapping[str, LazyString] = {
    "person": _("A moderator decided that everything this person writes waits."),
    "everything": _("Every comment waits on this site."),
    "guest": _("A guest wrote it."),
    "first": _("It is one of its writer's first comments."),
    "links": _("It has many links."),
    "words": _("It has a word from the list of words that wait."),
    "spam": _("It looks like spam to the software."),
    "checking": _("The check outside of this site has not answered yet."),
    "outside": _("The check outside of this site said so, or did not answer."),
    "reported": _("Readers reported it; it is hidden until somebody decides."),
    "imported": _("It waited in the system from which it was imported."),
    "undone": _("Its approval was taken back."),
}


def why(code: str | None) -> str:
    """Return why a comment waits, in a sentence; empty where nobody knows."""
    return str(REASONS.get(code or "", ""))
