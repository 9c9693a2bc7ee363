"""The letter that asks the owner of an address whether it is to follow something.

No word of it was typed by the person who asked: else strangers could send their words to anybody through this site.
"""

from __future__ import annotations

from flask_babel import gettext as _

from forum.following import followed
from forum.following.followed import Followed
from forum.jobs.actions import Taken
from forum.mail.letters import Letter
from forum.notifications import address_links
from forum.notifications.address_links import Wish
from forum.people.tokens import token_hash
from forum.site.queries import lets_guests_follow, site


def confirmation(job: Taken) -> Letter | None:
    """Return the letter with the link that confirms, None where nobody can follow that any more."""
    wish = Wish(job.subject["to"], job.subject["kind"], job.subject["subject"])
    item = followed.by_visitor(wish.kind, wish.subject_id)
    if item is None or not lets_guests_follow():
        return None
    path = f"/mail/follow/{address_links.confirming(wish)}"
    name = site().name or "Correspondence"
    words = [
        _("Somebody gave this mail address at %(site)s, to get by mail:", site=name),
        in_words(item),
        _("If it was you, open this page and say yes:"),
    ]
    after = [
        _("The link works for a week."),
        _("If it was not you, do nothing: your address is not kept, and nothing else comes to you."),
    ]
    values = {"greeting": "", "words": words, "path": path, "link": _("Yes, send me that"), "after": after}
    subject = " · ".join((_("Confirm that you want this by mail"), name))
    return Letter("", wish.email, subject, "account", f"follow-{token_hash(path)[:20]}", values)


def in_words(item: Followed) -> str:
    """Return in words what somebody would hear of."""
    words = {
        "site": _("every new article"),
        "tag": _("new articles about %(name)s", name=item.name),
        "person": _("new articles by %(name)s", name=item.name),
        "article": _("every comment under “%(name)s”", name=item.name),
        "branch": _("an exchange under “%(name)s”", name=item.name),
        "answers": _("answers to the comment that was written under “%(name)s”", name=item.name),
    }
    return str(words[item.kind])
