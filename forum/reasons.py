"""Why something is refused: a code with values, for pages and for programs. `wording` has the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

Kind = Literal["forbidden", "sign-in", "closed"]
Value = str | datetime | timedelta


class Code(StrEnum):
    """The name of a reason. Programs read it, so it stays as it is once released."""

    # Signing in would help.
    SIGN_IN = "sign-in"
    SIGN_IN_TO_COMMENT = "sign-in-to-comment"
    SIGN_IN_TO_REPORT = "sign-in-to-report"

    # The thing is closed, or changed meanwhile.
    DISCUSSION_CLOSED = "discussion-closed"  # words
    EXCHANGE_ENDED = "exchange-ended"  # words
    REOPENED_ALREADY = "reopened-already"
    PARENT_HELD = "parent-held"
    PARENT_GONE = "parent-gone"
    COMMENT_GONE = "comment-gone"
    COMMENT_DELETED = "comment-deleted"
    COMMENT_REMOVED = "comment-removed"
    COMMENT_NOT_DELETED = "comment-not-deleted"

    # The person's account does not allow it now.
    ACCOUNT_OFF = "account-off"
    ACCOUNT_WAITS = "account-waits"
    SUSPENDED = "suspended"  # until; reason, where one was given

    # Somebody else may do it.
    ONLY_ADMINS = "only-admins"
    ONLY_MODERATORS = "only-moderators"
    ONLY_MODERATORS_CLOSE = "only-moderators-close"
    ONLY_AUTHORS = "only-authors"
    ONLY_ARTICLE_AUTHOR = "only-article-author"
    ONLY_WRITER_EDITS = "only-writer-edits"
    ONLY_WRITER_DELETES = "only-writer-deletes"
    ONLY_WRITER_RESTORES = "only-writer-restores"
    ONLY_CLOSER_UNDOES = "only-closer-undoes"
    ONLY_OWNER = "only-owner"
    OWN_ACCOUNT = "own-account"
    OWN_COMMENT_DECIDED = "own-comment-decided"
    OWN_COMMENT_REPORTED = "own-comment-reported"

    # Nobody may do it now.
    COMMENTING_OFF = "commenting-off"
    ARTICLE_NOT_OUT = "article-not-out"
    APPROVED_AS_IT_IS = "approved-as-it-is"
    EDITING_OFF = "editing-off"
    EDITING_OVER = "editing-over"  # after
    UNDO_CLOSURE_OVER = "undo-closure-over"
    UNDO_DELETION_OVER = "undo-deletion-over"
    RENAMED_LATELY = "renamed-lately"  # next
    INVITATION_NEEDED = "invitation-needed"
    LAST_ADMIN = "last-admin"

    # It is not shown to this person.
    NO_SUCH_PERSON = "no-such-person"
    ARTICLE_NOT_SHOWN = "article-not-shown"
    COMMENT_NOT_SHOWN = "comment-not-shown"
    COMMENTS_NOT_LISTED = "comments-not-listed"
    FORMER_NAMES_NOT_SHOWN = "former-names-not-shown"
    REPORTERS_NOT_SHOWN = "reporters-not-shown"
    HISTORY_NOT_SHOWN = "history-not-shown"


SIGN_IN = frozenset({Code.SIGN_IN, Code.SIGN_IN_TO_COMMENT, Code.SIGN_IN_TO_REPORT})
CLOSED = frozenset(
    {
        *(Code.DISCUSSION_CLOSED, Code.EXCHANGE_ENDED, Code.REOPENED_ALREADY, Code.PARENT_HELD, Code.PARENT_GONE),
        *(Code.COMMENT_GONE, Code.COMMENT_DELETED, Code.COMMENT_REMOVED, Code.COMMENT_NOT_DELETED),
    }
)


@dataclass(frozen=True)
class Reason:
    """One reason; `values` are what its words need beside the code, as the comments in `Code` name them."""

    code: Code
    values: Mapping[str, Value] = field(default_factory=dict, hash=False)  # a dict has no hash; the code is enough

    def __str__(self) -> str:
        """Return the code, for logs. A page shows `wording.in_words`."""
        return self.code

    @property
    def kind(self) -> Kind:
        """Tell what a person can do: sign in, look at what changed (closed), or nothing (forbidden)."""
        if self.code in SIGN_IN:
            return "sign-in"
        return "closed" if self.code in CLOSED else "forbidden"

    @property
    def words(self) -> str:
        """Return the closing words of the closure that refuses, or nothing."""
        return str(self.values.get("words", ""))
