"""Find the comment that each imported comment answers, also where the answered comment stands in a later line."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, update

from forum.comments.models import Comment
from forum.db import session
from forum.transfer.checks import Malformed
from forum.transfer.into.context import ImportContext, Row


class Parents:
    """The parents of one import's comments: those that are known, and the comments that wait for theirs."""

    def __init__(self, context: ImportContext) -> None:
        self._context = context
        self._known: dict[int, int] = {}  # comment -> parent
        self._waiting: list[tuple[int, int, str]] = []  # comment, article, key of the parent

    def of(self, row: Row, key: str, later: Container[int]) -> int | None:
        """Return the parent of a new row if it can be written with it; else None, and the row waits for `finish`.

        `later` are the comments of the same batch that are written after it, or with it.
        """
        above = self._context.comments.get(key)
        if above and above[0] not in later and above[1] == row["article_id"]:
            self._known[row["id"]] = above[0]
            return above[0]
        self._waiting.append((row["id"], row["article_id"], key))
        return None

    def finish(self) -> None:
        """Give the comments that wait their parents. A comment whose parent is missing begins a thread.

        Raises Malformed instead where the archive is ours.
        """
        for id, article_id, key in self._waiting:
            above = self._context.comments.get(key)
            if above and above[1] == article_id:
                self._known[id] = above[0]
            else:
                words = _(
                    "comment %(id)s answers comment %(above)s, which is not under the same article", id=id, above=key
                )
                self._mend("orphans", words)
        circles = closing_circles(dict(sorted(self._known.items()))) if self._waiting else []
        for id in circles:
            self._mend("circles", _("comment %(id)s answers itself, by way of others", id=id))
            del self._known[id]
        rows = [{"row": id, "value": self._known[id]} for id, _article, _key in self._waiting if id in self._known]
        self._set("parent_id", rows + [{"row": id, "value": None} for id in circles])  # which may be written by now
        self._follow()

    def _follow(self) -> None:
        """Let replies to what was moved to another article here stand there, too, and all that is below them."""
        elsewhere = self._context.elsewhere
        for id in self._known if elsewhere else ():
            line, here = [], id
            while here in self._known and here not in elsewhere:
                line.append(here)
                here = self._known[here]
            elsewhere |= dict.fromkeys(line, elsewhere[here]) if here in elsewhere else {}
        self._context.touched |= set(elsewhere.values())
        new = self._known.keys() & elsewhere.keys()
        self._set("article_id", [{"row": id, "value": elsewhere[id]} for id in sorted(new)])

    def _set(self, column: str, rows: Sequence[Mapping[str, int | None]]) -> None:
        table: Any = Comment.__table__
        statement = update(table).where(table.c.id == bindparam("row")).values({column: bindparam("value")})
        if rows:
            session.connection().execute(statement, rows)

    def _mend(self, note: str, what: str) -> None:
        if self._context.strict:
            raise Malformed(what)
        self._context.report.note(note)


def closing_circles(parents: dict[int, int]) -> list[int]:
    """Return one comment of every circle of replies; without it there is no circle."""
    done: set[int] = set()
    found = []
    for start in parents:
        path: dict[int, None] = {}
        here: int | None = start
        while here is not None and here not in done and here not in path:
            path[here] = None
            here = parents.get(here)
        if here is not None and here in path:
            found.append(here)
        done.update(path)  # not "|=": with a view of keys that copies the whole set
    return found
