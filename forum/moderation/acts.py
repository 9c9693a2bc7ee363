"""The acts that staff read in their history, in words. What readers write is not among them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

# By the groups that the history can be narrowed to. If you log an act of moderation or administration that is not here,
# also word it here, else staff do not see it.
GROUPS: Mapping[str, Mapping[str, LazyString]] = {
    "decisions": {
        "comment.hide": _("removed a comment"),
        "comment.hide-replies": _("removed a comment with its replies"),
        "comment.spam": _("removed a comment as spam"),
        "comment.hold": _("hid a reported comment until somebody decides"),
        "comment.keep": _("kept a reported comment"),
        "comment.approve": _("published a comment that waited"),
        "comment.restore": _("restored a removed comment"),
        "comment.move": _("moved a comment with its replies"),
        "comment.move-back": _("moved it back at once"),
        "article.merge": _("moved a whole discussion"),
        "comment.check": _("had a comment checked outside of the site"),
        "decision.undo": _("took a decision back"),
        "comment.erase": _("removed a comment for good"),
        "revision.erase": _("removed an earlier version for good"),
    },
    "reports": {"flag.add": _("reported a comment")},
    "notices": {
        "notice.file": _("sent a notice of law"),
        "notice.hide": _("hid what a notice of law is about"),
        "notice.show": _("showed it again"),
        "notice.pass": _("passed a notice of law on to the writer"),
        "notice.remove": _("removed what is against the law"),
        "notice.keep": _("kept what a notice of law is about"),
        "notice.undo": _("took a decision about a notice of law back"),
        "notice.return": _("gave back what a notice of law had taken away, after an objection"),
        "notice.look": _("looked up who sent a notice of law"),
    },
    "closures": {
        "closure.make": _("ended an exchange"),
        "article.close": _("closed a discussion"),
        "tag.close": _("closed all discussions about a subject"),
        "site.close": _("closed the whole site for comments"),
        "closure.one": _("closed a discussion for one person only"),
        "closure.undo": _("took the ending back at once"),
        "closure.reopen": _("opened again"),
    },
    "exchanges": {
        "exchange.leave": _("left an exchange that went in circles"),
        "exchange.word": _("wrote a private word to two people"),
        "exchange.slow": _("slowed two people down"),
    },
    "sanctions": {
        "person.note": _("wrote a note about somebody"),
        "person.warn": _("warned somebody"),
        "person.hold": _("let somebody's comments wait"),
        "person.slow": _("slowed somebody down"),
        "person.suspend": _("suspended somebody"),
        "person.ban": _("banned somebody"),
        "person.undo-sanction": _("took back at once what was done about somebody"),
        "person.lift": _("lifted what was done about somebody"),
        "person.unsuspend": _("ended a suspension"),
        "objection.make": _("objected"),
        "objection.upheld": _("upheld an objection"),
        "objection.refused": _("refused an objection"),
    },
    "people": {
        "person.add": _("added an account"),
        "person.approve": _("approved an account"),
        "person.role": _("changed somebody's role"),
        "person.tags": _("chose in which subjects somebody moderates"),
        "person.deactivate": _("switched an account off"),
        "person.reactivate": _("switched an account on"),
        "person.rename": _("changed a name"),
        "person.invite": _("invited somebody"),
        "person.invite-cancel": _("cancelled an invitation"),
        "person.reset-link": _("made a link for a new password"),
    },
    "articles": {
        "article.create": _("began an article"),
        "article.publish": _("published an article"),
        "article.unpublish": _("took an article back"),
        "article.auto-close": _("chose when a discussion closes by itself"),
        "article.delete": _("deleted an article"),
        "article.erase-version": _("removed an earlier version of an article for good"),
    },
    "site": {
        "site.set-up": _("set the site up"),
        "site.settings": _("changed the settings"),
        "site.undo": _("undid a change of the settings"),
        "site.import": _("imported discussions"),
        "site.document": _("changed the rules or another text"),
        "saved-reply.add": _("saved a reply for everybody who moderates"),
        "saved-reply.change": _("changed a saved reply of everybody"),
        "saved-reply.delete": _("deleted a saved reply of everybody"),
        "address.look": _("looked at followers' addresses"),
        "address.remove": _("removed a follower's address"),
    },
}
WORDS: Mapping[str, LazyString] = {act: words for group in GROUPS.values() for act, words in group.items()}
