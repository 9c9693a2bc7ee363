"""Which of the closures that reach an article its page tells first."""

from __future__ import annotations

from collections.abc import Iterable

from forum.closures.queries import ClosureView


def whole(closures: Iterable[ClosureView]) -> ClosureView | None:
    """Return the closure of the whole article, if there is one; of several the one that lasts longest.

    Else readers would be told that what stays closed opens again tomorrow.
    """
    found = [closure for closure in closures if closure.whole_article and not closure.coming]
    for_good = (closure for closure in found if closure.until is None)
    return next(for_good, None) or max(found, key=lambda closure: closure.until or closure.created_at, default=None)


def coming(closures: Iterable[ClosureView]) -> tuple[ClosureView, ...]:
    """Return the closures of the whole article that are announced, in the order in which they begin."""
    found = [closure for closure in closures if closure.whole_article and closure.coming]
    return tuple(sorted(found, key=lambda closure: closure.begins_at or closure.created_at))
