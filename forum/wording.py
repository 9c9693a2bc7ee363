"""The words of every reason, in the language and the time zone of the site."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import format_datetime, format_timedelta
from flask_babel import lazy_gettext as _

from forum.reasons import Code, Reason, Value

WORDS = {
    Code.SIGN_IN: _("Please sign in first."),
    Code.SIGN_IN_TO_COMMENT: _("Please sign in to take part in the discussion."),
    Code.SIGN_IN_TO_REPORT: _("Please sign in to report a comment."),
    Code.DISCUSSION_CLOSED: _("This discussion is closed."),
    Code.EXCHANGE_ENDED: _("This exchange has ended."),
    Code.REOPENED_ALREADY: _("This was reopened already."),
    Code.PARENT_HELD: _("This comment waits for approval, so nobody can reply to it yet."),
    Code.PARENT_GONE: _("The comment you are replying to is no longer there."),
    Code.COMMENT_GONE: _("This comment is gone already."),
    Code.COMMENT_DELETED: _("You deleted this comment. Bring it back before you edit it."),
    Code.COMMENT_REMOVED: _("This comment was removed, so it can no longer be edited."),
    Code.COMMENT_NOT_DELETED: _("This comment is not deleted."),
    Code.ACCOUNT_OFF: _("This account is switched off."),
    Code.ACCOUNT_WAITS: _("Your account waits for approval. You can write as soon as an admin has said yes."),
    # A suspension ends with a day of the site's own clock.
    Code.SUSPENDED: _("You cannot write here until the end of %(until)s."),
    Code.ONLY_ADMINS: _("Only admins can do this."),
    Code.ONLY_MODERATORS: _("Only moderators can do this."),
    Code.ONLY_MODERATORS_CLOSE: _("Only moderators and the article's author can end an exchange."),
    Code.ONLY_AUTHORS: _("Only authors can write articles here."),
    Code.ONLY_ARTICLE_AUTHOR: _("Only its author can change an article."),
    Code.ONLY_WRITER_EDITS: _("Only its writer can edit a comment."),
    Code.ONLY_WRITER_DELETES: _("Only its writer can delete a comment."),
    Code.ONLY_WRITER_RESTORES: _("Only its writer can bring a comment back."),
    Code.ONLY_CLOSER_UNDOES: _("Only the person who closed it can undo that. You can reopen it."),
    Code.ONLY_OWNER: _("Only its owner can change an account."),
    Code.OWN_ACCOUNT: _("You cannot do this to your own account."),
    Code.OWN_COMMENT_DECIDED: _("You wrote this comment, so somebody else has to decide."),
    Code.OWN_COMMENT_REPORTED: _("This is your own comment. You can edit or delete it instead."),
    Code.COMMENTING_OFF: _("Commenting is switched off on this site."),
    Code.ARTICLE_NOT_OUT: _("This article is not published yet, so nobody can comment on it."),
    Code.APPROVED_AS_IT_IS: _(
        "A moderator approved this comment as it is, so it can no longer be edited. You can still delete it."
    ),
    Code.EDITING_OFF: _("Comments cannot be edited on this site. You can still reply to it or delete it."),
    Code.EDITING_OVER: _("A comment can be edited for %(after)s. You can still reply to it or delete it."),
    Code.UNDO_CLOSURE_OVER: _("The ten minutes for undoing are over. You can reopen it."),
    Code.UNDO_DELETION_OVER: _("A deletion can be undone for ten minutes, and they are over."),
    Code.RENAMED_LATELY: _("A name can be changed every 30 days. The next time is %(next)s."),
    Code.INVITATION_NEEDED: _("This site is for invited people. Ask the people who run it for an invitation."),
    Code.LAST_ADMIN: _("A site needs an admin, and this is the only one. Make somebody else an admin first."),
    Code.NO_SUCH_PERSON: _("There is no such person here."),
    Code.ARTICLE_NOT_SHOWN: _("This article is not published."),
    Code.COMMENT_NOT_SHOWN: _("This comment is not shown."),
    Code.COMMENTS_NOT_LISTED: _("This person keeps the list of their comments to themselves."),
    Code.FORMER_NAMES_NOT_SHOWN: _("Earlier names are not shown."),
    Code.REPORTERS_NOT_SHOWN: _("Who reported is not shown."),
    Code.HISTORY_NOT_SHOWN: _("The history of this site is kept by its moderators."),
}
GIVEN = _("The reason given: %(reason)s")  # follows where a person gave one


def in_words(reason: Reason | str) -> str:
    """Return a reason as a sentence for the person it concerns; a text of its own stays as it is."""
    if isinstance(reason, str):
        return reason
    values = {name: _shown(value) for name, value in reason.values.items()}
    words = str(WORDS[reason.code]) % values
    return f"{words} {str(GIVEN) % values}" if values.get("reason") else words


def _shown(value: Value) -> str:
    if isinstance(value, datetime):
        return str(format_datetime(value, "d MMMM y"))
    if isinstance(value, timedelta):  # always in minutes: 90 of them are not "2 hours"
        return str(format_timedelta(value, granularity="minute", threshold=float("inf")))
    return value
