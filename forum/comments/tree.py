"""Order and levels of a thread, from plain rows; no database, no recursion.

A comment's level is its parent's if it is that parent's last reply with a place, else one more; a thread's first
comment is at 0. So a run of single replies never leaves its column, and an exchange of two people stays in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Letter(NamedTuple):
    """A comment as far as its place in reading order goes.

    `writer` tells one person from another: the account's number, a guest's name; None where nobody is known.
    """

    id: int
    parent_id: int | None
    writer: int | str | None


@dataclass(frozen=True)
class Node:
    """One row in reading order. `placed`: it has a place for everybody; others are seen by few and count nowhere."""

    id: int
    parent_id: int | None
    reply_count: int
    placed: bool
    created_at: datetime


@dataclass(frozen=True)
class Above:
    """An ancestor of a page's first row: where it stands, and how many of its replies stood before that row."""

    id: int
    level: int
    reply_count: int
    seen: int


@dataclass
class Place:
    """The place of a row.

    `nth` of the parent's `of` replies; `near`: its parent is the row directly above; `before_above`: it was written
    before some row between its parent and itself; `size`: rows of its branch on this page, itself included;
    `whole`: the page shows all of its branch.
    """

    level: int
    last: bool
    nth: int
    of: int
    near: bool
    before_above: bool
    size: int = 1
    whole: bool = True


@dataclass
class _Open:
    """A comment on the way down to the present row."""

    id: int
    level: int
    reply_count: int
    seen: int
    latest: datetime | None = None
    place: Place | None = None
    above: int = 0  # how many rows stood on the page when it began


def places(nodes: Sequence[Node], above: Iterable[Above] = (), *, cut: bool = False) -> list[Place]:
    """Return where each row stands.

    `nodes` are in reading order; the first may be a thread's first comment, a branch's, or any row whose ancestors
    `above` describes, topmost first. `cut`: more rows would follow, so branches still open at the end are not whole.
    """
    stack = [_Open(item.id, item.level, item.reply_count, item.seen) for item in above]
    found: list[Place] = []
    previous: int | None = None
    for number, node in enumerate(nodes):
        while stack and stack[-1].id != node.parent_id:
            _close(stack, number)
        place = _place(stack[-1] if stack else None, node, previous)
        found.append(place)
        stack.append(_Open(node.id, place.level, node.reply_count, 0, node.created_at, place, number))
        previous = node.id
    while stack:
        if cut and stack[-1].place:
            stack[-1].place.whole = False
        _close(stack, len(nodes))
    return found


def preorder(letters: Iterable[Letter]) -> list[tuple[int, int, int]]:
    """Return (id, root id, depth) in reading order from comments given in the order of writing.

    Replies stand in the order of writing, but those by the person whom the comment itself answers (its partner) come
    after all others: the last reply keeps the column, so two people who answer each other keep theirs, whatever others
    remark beside them. A parent that is absent counts as none. Parents may come after their replies; nobody may be
    their own ancestor. If you change this order, also change `labels.GAP`, else a reply stands elsewhere until the
    article is recounted.
    """
    known = {letter.id: letter for letter in letters}
    below: dict[int | None, list[Letter]] = {}
    for letter in known.values():
        below.setdefault(letter.parent_id if letter.parent_id in known else None, []).append(letter)
    ordered: list[tuple[int, int, int]] = []
    for root in below.get(None, []):
        waiting = [(root, 0)]
        while waiting:
            letter, depth = waiting.pop()
            ordered.append((letter.id, root.id, depth))
            answered = known.get(letter.parent_id or 0)
            replies = _partner_last(below.get(letter.id, []), answered)
            waiting.extend((reply, depth + 1) for reply in reversed(replies))
    return ordered


def _partner_last(replies: list[Letter], answered: Letter | None) -> list[Letter]:
    partner = answered.writer if answered else None
    if partner is None or len(replies) < 2:
        return replies
    return sorted(replies, key=lambda reply: reply.writer == partner)


def _place(parent: _Open | None, node: Node, previous: int | None) -> Place:
    if parent is None:
        return Place(0, last=True, nth=1, of=1, near=False, before_above=False)
    parent.seen += node.placed
    # A row without a place stands one step in beside its placed siblings, so that it moves none of them.
    last = parent.seen == parent.reply_count if node.placed else parent.reply_count == 0
    before = parent.latest is not None and parent.latest > node.created_at and previous != parent.id
    return Place(
        level=parent.level if last else parent.level + 1,
        last=last,
        nth=parent.seen,
        of=parent.reply_count,
        near=previous == parent.id,
        before_above=before,
    )


def _close(stack: list[_Open], rows: int) -> None:
    done = stack.pop()
    if done.place:
        done.place.size = rows - done.above
    if stack and done.latest and (stack[-1].latest is None or done.latest > stack[-1].latest):
        stack[-1].latest = done.latest
