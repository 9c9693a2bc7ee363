"""One comment on a page, with all that is told at it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from forum.closures.queries import ClosureView
from forum.comments.moving.moved import Trace
from forum.comments.reading.traces import Removed


class Answer(NamedTuple):
    """One reply in the list under a comment that has several; `size` is None where the page does not show all."""

    id: int
    name: str
    at: datetime
    size: int | None


class Replying(NamedTuple):
    """The line that says what a comment answers.

    The comment directly above needs no time (`at` is None), one on the same screen no `excerpt`. `nth` of several
    replies, 0 for an only one; of how many stands in the list above them, for a comment that said so itself would be
    drawn anew with every reply beside it.
    """

    id: int
    name: str
    at: datetime | None
    excerpt: str
    before_above: bool
    nth: int


class Row(NamedTuple):
    """One comment on a page. `frame`: empty, or why the text is gone ("removed", "deleted", "waiting")."""

    id: int
    parent_id: int | None
    level: int
    shape: str
    name: str
    username: str | None
    guest: bool
    badge: str  # author, staff or empty
    html: Markup
    frame: str
    rule: str
    state: str
    created_at: datetime
    edited_at: datetime | None
    replying: Replying | None
    answers: tuple[Answer, ...]
    reply_count: int
    closed: bool
    side: str = ""  # whether it is a side remark (`sides.py`)
    begins: tuple[int, ...] = ()  # closures of branches that this row begins
    closures: tuple[ClosureView, ...] = ()  # whose words stand directly below this row
    ending: tuple[tuple[int, ClosureView], ...] = ()  # (level, closure) of branches whose last row this is
    removed: tuple[Removed, ...] = ()  # what was removed below it and left no place
    came: Trace | None = None  # it was moved here with its branch
    went: tuple[Trace, ...] = ()  # what was moved away from its replies

    @property
    def anchor(self) -> str:
        """Return the fragment of its address."""
        return f"c-{self.id}"
