"""What each kind of job does, in words for admins."""

from __future__ import annotations

from flask_babel import gettext as _


def in_words(kind: str) -> str:
    """Return what a job of this kind does; the kind itself where nobody has put it into words."""
    known = {
        "comments.tell": _("Telling people of comments"),
        "moderation.bulk": _("Deciding about several cases"),
        "transfer.export": _("Making the file of a large export"),
        "search.forget": _("Taking erased words out of search"),
        "articles.tell": _("Telling people of a new article"),
        "notices.mail": _("A mail about a notice"),
        "notices.digest": _("A mail about several notices"),
        "people.verify": _("A mail with the link that confirms an address"),
        "people.reset": _("A mail with a link for a new password"),
        "people.new-browser": _("A mail about a sign-in with a new browser"),
        "followers.confirm": _("A mail with the link that confirms what an address follows"),
        "legal.receipt": _("A mail with the receipt of a notice about illegal content"),
        "legal.decision": _("A mail about the decision of such a notice"),
        "people.invite": _("A mail with an invitation"),
    }
    return str(known.get(kind, kind))
