"""What the next page says of a decision: what was done to whose comment, and where."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from forum import web
from forum.moderation.queries.desk import Case


def said(case: Case, decision: str, before: Mapping[str, str]) -> str:
    """Return the sentence about a decision that was just made."""
    whom = {"name": case.comment.name or _("somebody"), "article": case.comment.article_title}
    if decision == "keep":
        was = before.get(str(case.comment.id), "")
        if was == "held":
            return str(_("Published %(name)s's comment under %(article)s.", **whom))
        if was:
            return str(_("Restored %(name)s's comment under %(article)s.", **whom))
        return str(_("Kept %(name)s's comment under %(article)s.", **whom))
    if decision == "spam":
        return str(_("Removed %(name)s's comment under %(article)s as spam.", **whom))
    if len(before) > 1:
        return web.ngettext(
            "Removed %(name)s's comment under %(article)s.",
            "Removed %(name)s's comment under %(article)s with its replies: %(num)s comments.",
            len(before),
            **whom,
        )
    return str(_("Removed %(name)s's comment under %(article)s.", **whom))
