"""Why something is refused: codes with values, for programs, and the words of each for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

Kind = Literal["forbidden", "sign-in", "closed"]
Value = str | datetime | timedelta
_ = str  # marks words for the catalogues of translations; `wording.in_words` looks them up


class Code(StrEnum):
    """The name of a reason, its English words, and what a person can do about it.

    Programs read the name, so it stays as it is once released. The words name the values they need.
    """

    words: str
    kind: Kind

    def __new__(cls, name: str, words: str, kind: Kind = "forbidden") -> Code:
        code = str.__new__(cls, name)
        code._value_, code.words, code.kind = name, words, kind
        return code

    # Signing in would help.
    SIGN_IN = "sign-in", _("Please sign in first."), "sign-in"
    SIGN_IN_TO_COMMENT = "sign-in-to-comment", _("Please sign in to take part in the discussion."), "sign-in"

    # The thing is closed, or changed meanwhile.
    DISCUSSION_CLOSED = "discussion-closed", _("This discussion is closed."), "closed"
    SITE_CLOSED = "site-closed", _("Nobody can write comments on this site at the moment."), "closed"
    EXCHANGE_ENDED = "exchange-ended", _("This exchange has ended."), "closed"
    TWO_ENDED = "two-ended", _("You two can no longer answer each other here."), "closed"
    ONE_ENDED = "one-ended", _("You can no longer write here."), "closed"
    REOPENED_ALREADY = "reopened-already", _("This was reopened already."), "closed"
    PARENT_HELD = "parent-held", _("This comment waits for approval, so nobody can reply to it yet."), "closed"
    PARENT_GONE = "parent-gone", _("The comment you are replying to is no longer there."), "closed"
    COMMENT_GONE = "comment-gone", _("This comment is gone already."), "closed"
    COMMENT_DELETED = "comment-deleted", _("You deleted this comment. Bring it back before you edit it."), "closed"
    COMMENT_REMOVED = "comment-removed", _("This comment was removed, so it can no longer be edited."), "closed"
    COMMENT_NOT_DELETED = "comment-not-deleted", _("This comment is not deleted."), "closed"

    MOVE_TARGET_GONE = (
        "move-target-gone",
        _("The comment you chose is gone. Choose another one."),
        "closed",
    )
    MOVED_BACK = "moved-back", _("This was moved back already."), "closed"

    # The person's account does not allow it now.
    ACCOUNT_OFF = "account-off", _("This account is switched off.")
    ACCOUNT_WAITS = (
        "account-waits",
        _("Your account waits for approval. You can write as soon as an admin has said yes."),
    )
    SUSPENDED = (
        "suspended",
        _("You can only read here until %(until)s."),
    )

    BANNED = "banned", _("You can only read here.")
    SLOW_MODE = "slow-mode", _("You can write a comment every %(every)s. The next one in %(wait)s.")

    # Somebody else may do it.
    ONLY_ADMINS = "only-admins", _("Only admins can do this.")
    ONLY_MODERATORS = "only-moderators", _("Only moderators can do this.")
    ONLY_MODERATORS_CLOSE = "only-moderators-close", _("Only moderators and the article's author can end an exchange.")
    ONLY_MODERATORS_MOVE = "only-moderators-move", _("Only moderators and the article's author can move comments.")
    MOVE_TO_OWN = "move-to-own", _("You can move comments only between articles where you moderate.")
    ONLY_MOVER_UNDOES = "only-mover-undoes", _("Only the person who moved it can undo that. You can move it again.")
    ONLY_AUTHORS = "only-authors", _("Only authors can write articles here.")
    PICTURES_OFF = "pictures-off", _("This site takes no pictures.")
    ONLY_ARTICLE_AUTHOR = "only-article-author", _("Only its author can change an article.")
    ONLY_WRITER_EDITS = "only-writer-edits", _("Only its writer can edit a comment.")
    ONLY_WRITER_DELETES = "only-writer-deletes", _("Only its writer can delete a comment.")
    ONLY_WRITER_RESTORES = "only-writer-restores", _("Only its writer can bring a comment back.")
    ONLY_CLOSER_UNDOES = "only-closer-undoes", _("Only the person who closed it can undo that. You can reopen it.")
    ONLY_OWNER = "only-owner", _("Only its owner can change an account.")
    OWN_ACCOUNT = "own-account", _("You cannot do this to your own account.")
    OWN_OBJECTION = "own-objection", _("This is your own objection, so somebody else has to decide.")
    OBJECTION_TO_YOU = "objection-to-you", _("It is about what you did, so somebody else has to decide.")
    OWN_SANCTION = "own-sanction", _("This is about you, so somebody else has to do it.")
    ONLY_ADMINS_STAFF = "only-admins-staff", _("Only admins can do this to moderators and admins.")
    ONLY_ADMINS_BAN = "only-admins-ban", _("Only admins can ban somebody, or end a ban.")
    ONLY_ADMINS_LONGER = (
        "only-admins-longer",
        _("Moderators can suspend somebody for at most %(days)s days here. Admins can suspend for longer."),
    )
    ONLY_MAKER_UNDOES = "only-maker-undoes", _("Only the person who did this can undo it. You can lift it.")
    OWN_COMMENT_DECIDED = "own-comment-decided", _("You wrote this comment, so somebody else has to decide.")
    PARTY_DECIDED = "party-decided", _("You are answering this person here, so somebody else has to decide.")
    OWN_COMMENT_REPORTED = "own-comment-reported", _("This is your own comment. You can edit or delete it instead.")

    # Nobody may do it now.
    COMMENTING_OFF = "commenting-off", _("Commenting is switched off on this site.")
    ARTICLE_NOT_OUT = "article-not-out", _("This article is not published yet, so nobody can comment on it.")
    APPROVED_AS_IT_IS = (
        "approved-as-it-is",
        _("A moderator approved this comment as it is, so it can no longer be edited. You can still delete it."),
    )
    EDITING_OFF = "editing-off", _("Comments cannot be edited on this site. You can still reply to it or delete it.")
    EDITING_OVER = (
        "editing-over",
        _("A comment can be edited for %(after)s. You can still reply to it or delete it."),
    )
    UNDO_CLOSURE_OVER = "undo-closure-over", _("The ten minutes for undoing are over. You can reopen it.")
    UNDO_MOVE_OVER = "undo-move-over", _("The ten minutes for undoing are over. You can move it again.")
    UNDO_SANCTION_OVER = "undo-sanction-over", _("The ten minutes for undoing are over. You can lift it.")
    LIFTED_ALREADY = "lifted-already", _("This is over already.")
    NOTHING_TO_LIFT = "nothing-to-lift", _("A warning does not last, so there is nothing to lift.")
    UNDO_DELETION_OVER = "undo-deletion-over", _("A deletion can be undone for ten minutes, and they are over.")
    RENAMED_LATELY = "renamed-lately", _("A name can be changed every 30 days. The next time is %(next)s.")
    INVITATION_NEEDED = (
        "invitation-needed",
        _("This site is for invited people. Ask the people who run it for an invitation."),
    )
    LAST_ADMIN = "last-admin", _("A site needs an admin, and this is the only one. Make somebody else an admin first.")

    # It is not shown to this person.
    NO_SUCH_PERSON = "no-such-person", _("There is no such person here.")
    ARTICLE_NOT_SHOWN = "article-not-shown", _("This article is not published.")
    PICTURE_NOT_SHOWN = "picture-not-shown", _("This picture is not shown.")
    COMMENT_NOT_SHOWN = "comment-not-shown", _("This comment is not shown.")
    COMMENTS_NOT_LISTED = "comments-not-listed", _("This person keeps the list of their comments to themselves.")
    FORMER_NAMES_NOT_SHOWN = "former-names-not-shown", _("Earlier names are not shown.")
    REPORTERS_NOT_SHOWN = "reporters-not-shown", _("The names of those who reported are not shown.")
    HISTORY_NOT_SHOWN = "history-not-shown", _("The history of this site is kept by its moderators.")


@dataclass(frozen=True)
class Reason:
    """One reason; `values` are those that its words need, and `words` and `reason` where a person gave some."""

    code: Code
    values: Mapping[str, Value] = field(default_factory=dict, hash=False)  # a dict has no hash; the code is enough

    def __str__(self) -> str:
        """Return the code, for logs. A page shows `wording.in_words`."""
        return self.code

    @property
    def kind(self) -> Kind:
        """Tell what a person can do: sign in, look at what changed (closed), or nothing (forbidden)."""
        return self.code.kind

    @property
    def is_sanction(self) -> bool:
        """Tell whether a person was shut out by a decision: their notices tell of it, and one can object there."""
        return self.code in (Code.SUSPENDED, Code.BANNED)

    @property
    def words(self) -> str:
        """Return the closing words of the closure that refuses, or nothing."""
        return str(self.values.get("words", ""))
