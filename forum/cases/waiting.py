"""What about a comment has to be decided, as it follows from the comment and its open reports. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from forum.policy import CommentStatus, Queue

PRIORITIES = {"danger": 1, "illegal": 2}  # by the reason of a report; the lower, the sooner
ORDINARY = 3
STANDS = (CommentStatus.PUBLISHED, CommentStatus.HELD)


class Subject(Protocol):
    """The facts of a comment that its case follows from."""

    @property
    def id(self) -> int: ...
    @property
    def article_id(self) -> int: ...
    @property
    def author_id(self) -> int | None: ...
    @property
    def status(self) -> str: ...
    @property
    def held_reason(self) -> str | None: ...
    @property
    def created_at(self) -> datetime: ...


class Report(Protocol):
    """The facts of an open report that a case follows from."""

    @property
    def reason(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


def derived(comment: Subject, reports: Sequence[Report]) -> dict[str, Any] | None:
    """Return the columns of a comment's open case, or None where nothing about it has to be decided."""
    held = comment.status == CommentStatus.HELD
    if comment.status not in STANDS or not (held or reports):
        return None
    return _columns(comment, reports, held, Queue.WAITING, comment.created_at)


def past(comment: Subject, reports: Sequence[Report], was_held: bool, decided_at: datetime) -> dict[str, Any]:
    """Return the same columns for a case that was not there when a comment was decided about."""
    return _columns(comment, reports, was_held, Queue.WAITING if was_held else Queue.UNASKED, decided_at)


def _columns(
    comment: Subject, reports: Sequence[Report], held: bool, otherwise: Queue, at_last: datetime
) -> dict[str, Any]:
    times = [report.created_at for report in reports] + ([comment.created_at] if held else [])
    return {
        "queue": Queue.REPORTED if reports else otherwise,
        "priority": min((PRIORITIES.get(report.reason, ORDINARY) for report in reports), default=ORDINARY),
        "report_count": len(reports),
        "held_reason": (comment.held_reason or "held") if held else None,
        "since": min(times, default=at_last),
    }
